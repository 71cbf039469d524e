"""What each code of a problem means, in one sentence, and how grave it is.

One table for ``expertline check --codes``, for the rules of its SARIF report and for tests. The
message of a problem says what is wrong at its place; here stands why it is no good anywhere.
"""

from collections.abc import Mapping
from typing import NamedTuple

from ivr.flow.problems import Code, Severity


class Meaning(NamedTuple):
    """Why something is a problem, and whether a site with it may serve."""

    sentence: str
    severity: Severity = Severity.ERROR


def _warning(sentence: str) -> Meaning:
    return Meaning(sentence, Severity.WARNING)


MEANINGS: Mapping[Code, Meaning] = {
    Code.TOO_LARGE: Meaning("A file is larger than any that people write."),
    Code.NOT_UTF8: Meaning("A file holds bytes that are no UTF-8, so its text is uncertain."),
    Code.BAD_CHARACTER: Meaning("A character stands in a file that YAML does not allow."),
    Code.YAML_SYNTAX: Meaning("A file is not YAML, so nothing of it could be read."),
    Code.YAML_DIRECTIVE: Meaning("A line begins with %, a YAML directive, which has no use here."),
    Code.YAML_TAG: Meaning("A YAML tag (!) asks for something other than a plain value."),
    Code.YAML_ALIAS_LIMIT: Meaning("The aliases (*name) of a file unfold to far too much."),
    Code.YAML_ALIAS_UNKNOWN: Meaning("An alias (*name) refers to no anchor above it."),
    Code.YAML_DUPLICATE_KEY: Meaning("A key stands twice, and one of its values would be lost."),
    Code.YAML_KEY_NOT_TEXT: Meaning("A list or mapping stands where a key belongs."),
    Code.YAML_SEVERAL_DOCUMENTS: Meaning("A file holds several YAML documents; one is read."),
    Code.YAML_11_TRAP: Meaning("An unquoted word or number is read differently by other readers."),
    Code.TOO_DEEP: Meaning("Lists and mappings are nested deeper than any part of a site."),
    Code.TOO_MANY_NODES: Meaning("A file holds more values than any that people write."),
    Code.TOO_MANY_PROBLEMS: Meaning(
        "A file has so many problems that not all are told; an error where they are errors."
    ),
    Code.EMPTY: Meaning("A file or a place that must hold something holds nothing."),
    Code.FILE_MISSING: Meaning("A file that every site or hotline needs is not there."),
    Code.UNKNOWN_FILE: Meaning("A file lies in the site of which nothing is read."),
    Code.WRONG_TYPE: Meaning("A list, a mapping or a single value stands where another belongs."),
    Code.UNKNOWN_KEY: Meaning("A key has no meaning where it stands; it may be misspelt."),
    Code.MISSING_KEY: Meaning("A key that is needed is not there."),
    Code.NODE_KIND_MISSING: Meaning("A node does not say what it does."),
    Code.NODE_KIND_TWICE: Meaning("A node does two things; a node is one step."),
    Code.MENU_EXIT_MISSING: Meaning("A menu does not say what follows silence or wrong keys."),
    Code.QUEUE_EXIT_MISSING: Meaning("A queue node does not say what follows a vain wait."),
    Code.QUEUE_EXIT_USELESS: _warning("A way out of a queue is written that nobody ever takes."),
    Code.LAST_STEP_TIMED: Meaning("The last step of a queue says how long it lasts; it stays."),
    Code.CHOICE_KEY_NOT_A_DIGIT: Meaning("A choice of a menu is no single key of a telephone."),
    Code.BAD_NAME: Meaning("A name has characters or a length that names can not have."),
    Code.BAD_TEXT: Meaning("A text is empty or too long."),
    Code.BAD_NUMBER: Meaning("A whole number is expected, and something else stands there."),
    Code.BAD_DURATION: Meaning("A duration is expected, a whole number with its unit."),
    Code.OUT_OF_RANGE: Meaning("A number or duration is outside what can be meant."),
    Code.BAD_REQUIREMENT: Meaning("The skills that a step requires can not be read."),
    Code.BAD_PHONE_NUMBER: Meaning("A number of a hotline can not be dialled."),
    Code.BAD_WAITING_LIMIT: Meaning("The limit of waiting callers is no number of callers."),
    Code.BAD_SHARE: Meaning("A share of callers is expected, as a percentage."),
    Code.BAD_FEATURE_CODE: Meaning("A feature code is not * and digits, as agents dial it."),
    Code.FEATURE_CODES_CLASH: Meaning("One feature code begins like another; no phone could tell."),
    Code.ANNOUNCES_NOTHING: _warning("Waiting callers are to be told something, but nothing is."),
    Code.REASON_KEY_NOT_A_DIGIT: Meaning("The reason of a break has no digit an agent can dial."),
    Code.UNKNOWN_NODE: Meaning("A way leads to a node that is not in the flow."),
    Code.UNKNOWN_FLOW: Meaning("A hotline begins with a flow that it does not have."),
    Code.UNKNOWN_PROMPT: Meaning("A node plays a prompt that the catalogue does not have."),
    Code.PROMPTS_UNUSABLE: Meaning("The catalogue of prompts itself is wrong."),
    Code.PROMPT_UNTRANSLATED: Meaning("A prompt has no text in a language of the hotline."),
    Code.PROMPT_UNSPOKEN: Meaning("A prompt has a text, but no audio in a language was made."),
    Code.UNKNOWN_CALENDAR: Meaning("A node asks a calendar that nobody wrote."),
    Code.UNKNOWN_QUEUE: Meaning("A node leads to a queue that nobody has defined."),
    Code.UNKNOWN_SKILL: Meaning("A skill is named that the site does not list."),
    Code.UNKNOWN_DEVICE: Meaning("A device is named that the site does not list."),
    Code.UNKNOWN_MUSIC: Meaning("A music is named that there is not."),
    Code.LANGUAGE_UNKNOWN: Meaning("A language is named that the hotline or its prompts lack."),
    Code.TIMEZONE_UNKNOWN: Meaning("A time zone is named that there is not."),
    Code.LISTED_TWICE: Meaning("Something is listed twice that can be there once."),
    Code.NUMBER_TAKEN_TWICE: Meaning("Two hotlines have the same number."),
    Code.DEVICE_TAKEN: Meaning("Two agents have the same device as their fixed seat."),
    Code.HOTLINE_NAME_DIFFERS: Meaning("A hotline has another name than its folder."),
    Code.UNREACHABLE_NODE: Meaning("No way leads a caller to a node."),
    Code.UNUSED_FLOW: _warning("No caller ever enters a flow."),
    Code.UNKNOWN_AGENT: Meaning("A caller test names an agent that the site does not have."),
    Code.UNKNOWN_WORD: Meaning("A word is none of those that can stand there."),
    Code.OVERFLOW_CYCLE: Meaning("Full or unstaffed queues lead round to one another at once."),
    Code.SILENT_CYCLE: Meaning("Nodes go round without a word to the caller."),
    Code.CALLER_TRAP: Meaning("A caller is played to in a circle, without input, wait or limit."),
    Code.NO_WAY_OUT: Meaning("From some node no way leads to a human, a work order or a goodbye."),
    Code.NOINPUT_NEVER_ENDS: Meaning("A caller who presses nothing would never come to an end."),
    Code.NOMATCH_NEVER_ENDS: Meaning("A caller who presses only wrong keys would never end."),
    Code.ENDLESS_WAIT: _warning("A caller whom nobody takes waits in a circle of queues."),
    Code.MENU_TOO_LONG: _warning("A menu has more choices than a caller keeps in mind."),
    Code.STEP_UNREACHABLE: Meaning("A step of a queue begins when nobody waits any longer."),
    Code.QUEUE_UNSERVABLE: Meaning("No agent of the site has the skills that a queue requires."),
    Code.ANNOUNCEMENT_UNSAYABLE: Meaning("An announcement can not be said in a caller's language."),
    Code.NUMBER_IS_A_CODE: Meaning("A hotline's number begins like a feature code."),
    Code.AGENT_NOT_DIALABLE: _warning("An agent without a seat has a name no phone can dial."),
    Code.NO_FREE_DEVICE: _warning("An agent without a seat finds every device taken."),
    Code.BAD_DAY: Meaning("A day of the week is none."),
    Code.BAD_TIME_OF_DAY: Meaning("A time of the day is none, so nobody knows when it opens."),
    Code.BAD_DATE: Meaning("A date is no day of any year."),
    Code.OPENING_ENDS_FIRST: Meaning("An opening closes before it opens."),
    Code.OPENINGS_OVERLAP: Meaning("Two openings share a time, so one of them is not meant so."),
    Code.CALENDAR_NEVER_OPEN: Meaning("A calendar is never open, so nobody is ever served by it."),
    Code.HOURS_EXIT_MISSING: Meaning("A node asks for the hours, and has no way for an answer."),
    Code.HOLIDAYS_UNKNOWN: _warning("The official holidays of a year are not known."),
    Code.CLOSED_BY_HAND: _warning("A hotline is closed by hand, perhaps longer than was meant."),
    Code.CLOSED_WITHOUT_HOURS: Meaning("A hotline is closed by hand, and callers come through."),
    Code.BAD_PATTERN: Meaning("A pattern of digits can not be read."),
    Code.BAD_TERMINATOR: Meaning("An entry of digits is ended by a key that can not end it."),
    Code.CHECK_NEVER_PASSES: Meaning("Nothing that a caller can key in passes the check."),
    Code.VARIABLE_CANNOT_HOLD: Meaning("A variable can not hold what is put into it."),
    Code.BAD_VARIABLE_NAME: Meaning("A variable has a name that a condition can not use."),
    Code.UNKNOWN_TYPE: Meaning("A variable has a type that there is not."),
    Code.TOO_MANY_VARIABLES: Meaning("A flow declares more variables than a contact may carry."),
    Code.UNKNOWN_VARIABLE: Meaning("A variable is named that the flow does not declare."),
    Code.UNUSED_VARIABLE: _warning("A variable is declared that no node uses."),
    Code.BAD_EXPRESSION: Meaning("A condition or sum is no CEL, or none of the part known here."),
    Code.TYPES_DIFFER: Meaning("Values of different types are put together, or a wrong one used."),
    Code.NEVER_SO: Meaning("A condition asks for a value that can not be."),
    Code.VALUE_UNKNOWN: Meaning("A variable is given a text that is not among its values."),
    Code.SAY_ONE_THING: Meaning("A say node speaks no value, or more than one."),
    Code.UNSPEAKABLE: Meaning("A value is to be said that the spoken grammar has no words for."),
    Code.LANGUAGE_UNSPOKEN: Meaning("A value is to be said in a language without a grammar."),
    Code.NOT_THERE_YET: Meaning("What is asked for is no part of this release yet."),
    Code.NOT_ACTED_UPON_YET: _warning("A key is right, and without effect in this release."),
}
"""Every code has its entry; a test sees to it."""
