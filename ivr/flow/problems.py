"""What can be wrong with an author's files: codes, places, remedies, and their collector.

Problems are values. They are collected, never raised, so that an author sees all of them at
once; only a file that is no YAML at all stops the reading of that one file.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from enum import Enum
from typing import NamedTuple

PROBLEMS_MAX_PER_FILE = 100
"""As many errors, and as many warnings: beyond this an author reads no further, and a file full of
noise must not cost seconds. Counted apart, so that no crowd of warnings hides or makes an error."""

SUGGESTION_CANDIDATES_MAX = 300
"""Comparing words is the dearest thing the loader does; more names than this are not compared."""

QUOTED_CHARS_MAX = 60
"""How much of an author's text a message repeats."""


class Severity(Enum):
    """Whether the site may serve callers with this problem in it."""

    ERROR = "error"
    WARNING = "warning"


class Code(Enum):
    """The stable name of each kind of problem; printed, tested and documented by this name.

    Each has its sentence in ``ivr.flow.code_meanings``.
    """

    # The file as text and as YAML.
    TOO_LARGE = "too-large"
    NOT_UTF8 = "not-utf8"
    BAD_CHARACTER = "bad-character"
    YAML_SYNTAX = "yaml-syntax"
    YAML_DIRECTIVE = "yaml-directive"
    YAML_TAG = "yaml-tag"
    YAML_ALIAS_LIMIT = "yaml-alias-limit"
    YAML_ALIAS_UNKNOWN = "yaml-alias-unknown"
    YAML_DUPLICATE_KEY = "yaml-duplicate-key"
    YAML_KEY_NOT_TEXT = "yaml-key-not-text"
    YAML_SEVERAL_DOCUMENTS = "yaml-several-documents"
    YAML_11_TRAP = "yaml-11-trap"
    TOO_DEEP = "too-deep"
    TOO_MANY_NODES = "too-many-nodes"
    TOO_MANY_PROBLEMS = "too-many-problems"
    # The shape of a file.
    EMPTY = "empty"
    FILE_MISSING = "file-missing"
    UNKNOWN_FILE = "unknown-file"
    WRONG_TYPE = "wrong-type"
    UNKNOWN_KEY = "unknown-key"
    MISSING_KEY = "missing-key"
    NODE_KIND_MISSING = "node-kind-missing"
    NODE_KIND_TWICE = "node-kind-twice"
    NODE_WITHIN_NODE = "node-within-node"
    MENU_EXIT_MISSING = "menu-exit-missing"
    QUEUE_EXIT_MISSING = "queue-exit-missing"
    QUEUE_EXIT_USELESS = "queue-exit-useless"
    LAST_STEP_TIMED = "last-step-timed"
    CHOICE_KEY_NOT_A_DIGIT = "choice-key-not-a-digit"
    # Single values.
    BAD_NAME = "bad-name"
    BAD_TEXT = "bad-text"
    BAD_NUMBER = "bad-number"
    BAD_DURATION = "bad-duration"
    OUT_OF_RANGE = "out-of-range"
    BAD_REQUIREMENT = "bad-requirement"
    BAD_PHONE_NUMBER = "bad-phone-number"
    BAD_WAITING_LIMIT = "bad-waiting-limit"
    BAD_SHARE = "bad-share"
    BAD_FEATURE_CODE = "bad-feature-code"
    FEATURE_CODES_CLASH = "feature-codes-clash"
    ANNOUNCES_NOTHING = "announces-nothing"
    SHARE_USELESS = "share-useless"
    EXPECTED_WAIT_USELESS = "expected-wait-useless"
    ADMISSION_USELESS = "admission-useless"
    PREFER_WITHIN_USELESS = "prefer-within-useless"
    PREFER_FOR_USELESS = "prefer-for-useless"
    REASON_KEY_NOT_A_DIGIT = "reason-key-not-a-digit"
    # Names that must agree with one another.
    UNKNOWN_NODE = "unknown-node"
    UNKNOWN_FLOW = "unknown-flow"
    UNKNOWN_PROMPT = "unknown-prompt"
    PROMPTS_UNUSABLE = "prompts-unusable"
    PROMPT_UNTRANSLATED = "prompt-untranslated"
    PROMPT_UNSPOKEN = "prompt-unspoken"
    PROMPT_STALE = "prompt-stale"
    UNKNOWN_CALENDAR = "unknown-calendar"
    UNKNOWN_QUEUE = "unknown-queue"
    QUEUE_NOT_FOR_VOICE = "queue-not-for-voice"
    UNKNOWN_SKILL = "unknown-skill"
    UNKNOWN_SERVICE = "unknown-service"
    UNKNOWN_FIELD = "unknown-field"
    UNKNOWN_DEVICE = "unknown-device"
    UNKNOWN_AGENT = "unknown-agent"
    UNKNOWN_WORD = "unknown-word"
    UNKNOWN_MUSIC = "unknown-music"
    LANGUAGE_UNKNOWN = "language-unknown"
    TIMEZONE_UNKNOWN = "timezone-unknown"
    LISTED_TWICE = "listed-twice"
    NUMBER_TAKEN_TWICE = "number-taken-twice"
    DEVICE_TAKEN = "device-taken"
    HOTLINE_NAME_DIFFERS = "hotline-name-differs"
    UNREACHABLE_NODE = "unreachable-node"
    UNUSED_FLOW = "unused-flow"
    SUBFLOW_EXIT_MISSING = "subflow-exit-missing"
    SUBFLOW_EXIT_UNKNOWN = "subflow-exit-unknown"
    SUBFLOW_NEVER_RETURNS = "subflow-never-returns"
    SUBFLOW_CIRCLE = "subflow-circle"
    SUBFLOW_LIMIT = "subflow-limit"
    RETURN_OUTSIDE = "return-outside"
    UNUSED_QUEUE = "unused-queue"
    OVERFLOW_CYCLE = "overflow-cycle"
    SILENT_CYCLE = "silent-cycle"
    CALLER_TRAP = "caller-trap"
    NO_WAY_OUT = "no-way-out"
    NOINPUT_NEVER_ENDS = "noinput-never-ends"
    NOMATCH_NEVER_ENDS = "nomatch-never-ends"
    ENDLESS_WAIT = "endless-wait"
    MENU_TOO_LONG = "menu-too-long"
    STEP_UNREACHABLE = "step-unreachable"
    STEP_ASKS_MORE = "step-asks-more"
    QUEUE_UNSERVABLE = "queue-unservable"
    ANNOUNCEMENT_UNSAYABLE = "announcement-unsayable"
    NUMBER_IS_A_CODE = "number-is-a-code"
    AGENT_NOT_DIALABLE = "agent-not-dialable"
    NO_FREE_DEVICE = "no-free-device"
    # Variables, conditions and spoken values.
    BAD_DAY = "bad-day"
    BAD_TIME_OF_DAY = "bad-time-of-day"
    BAD_DATE = "bad-date"
    OPENING_ENDS_FIRST = "opening-ends-first"
    OPENINGS_OVERLAP = "openings-overlap"
    CALENDAR_NEVER_OPEN = "calendar-never-open"
    HOURS_EXIT_MISSING = "hours-exit-missing"
    HOLIDAYS_UNKNOWN = "holidays-unknown"
    CLOSED_BY_HAND = "closed-by-hand"
    CLOSED_WITHOUT_HOURS = "closed-without-hours"
    BAD_PATTERN = "bad-pattern"
    BAD_TERMINATOR = "bad-terminator"
    CHECK_NEVER_PASSES = "check-never-passes"
    VARIABLE_CANNOT_HOLD = "variable-cannot-hold"
    BAD_VARIABLE_NAME = "bad-variable-name"
    UNKNOWN_TYPE = "unknown-type"
    TOO_MANY_VARIABLES = "too-many-variables"
    UNKNOWN_VARIABLE = "unknown-variable"
    UNUSED_VARIABLE = "unused-variable"
    BAD_EXPRESSION = "bad-expression"
    TYPES_DIFFER = "types-differ"
    NEVER_SO = "never-so"
    VALUE_UNKNOWN = "value-unknown"
    SAY_ONE_THING = "say-one-thing"
    UNSPEAKABLE = "unspeakable"
    LANGUAGE_UNSPOKEN = "language-unspoken"
    # Texts that are sent, and questions that are asked.
    UNKNOWN_MESSAGE = "unknown-message"
    UNUSED_MESSAGE = "unused-message"
    BAD_PLACEHOLDER = "bad-placeholder"
    MESSAGE_UNTRANSLATED = "message-untranslated"
    MESSAGE_TOO_LONG = "message-too-long"
    QUESTION_ASKED_TWICE = "question-asked-twice"
    ANSWER_NOT_A_DIGIT = "answer-not-a-digit"
    # Other systems that are asked.
    BAD_SERVICE_URL = "bad-service-url"
    PERSONAL_IN_ADDRESS = "personal-in-address"
    FIELD_UNSENT = "field-unsent"
    LOOKUP_FALLBACK_MISSING = "lookup-fallback-missing"
    LOOKUP_LOST_MISSING = "lookup-lost-missing"
    LOOKUP_EXIT_USELESS = "lookup-exit-useless"
    # To whom a caller is put through, and what is told of her.
    TRANSFER_TARGET = "transfer-target"
    TRANSFER_EXIT_MISSING = "transfer-exit-missing"
    UNKNOWN_OUTSIDE_NUMBER = "unknown-outside-number"
    BAD_TALK_KEYS = "bad-talk-keys"
    TALK_KEYS_CLASH = "talk-keys-clash"
    BAD_TARGET_NUMBER = "bad-target-number"
    TARGET_IS_AN_AGENT = "target-is-an-agent"
    SECRET_UNSENT = "secret-unsent"  # noqa: S105 - a code, no secret
    SECRET_LEAVES_VAULT = "secret-leaves-vault"  # noqa: S105 - a code, no secret
    SECRET_WRITTEN_DOWN = "secret-written-down"  # noqa: S105 - a code, no secret
    SECRET_COLLECTED_OPENLY = "secret-collected-openly"  # noqa: S105 - a code, no secret
    SENSITIVE_KEPT_OPENLY = "sensitive-kept-openly"
    # Right, and without effect in this release.
    NOT_ACTED_UPON_YET = "not-acted-upon-yet"


class Place(NamedTuple):
    """Where in an author's files: lines and columns count from 1, as editors do.

    A tuple, because a file of 100,000 values makes as many and must be read within a second.
    """

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class ConfigProblem:
    """One thing an author has to mend: what, where, and how."""

    code: Code
    place: Place
    message: str
    remedy: str
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        place = f"{self.place.file}:{self.place.line}:{self.place.column}"
        return f"{place}: {self.severity.value} {self.code.value}: {self.message} {self.remedy}"


class Problems:
    """Collects problems, each once, and not more of one file than anybody would read."""

    def __init__(self) -> None:
        self._found: dict[tuple[Code, Place, str], ConfigProblem] = {}
        self._told: dict[tuple[str, Severity], int] = {}

    def add(self, problem: ConfigProblem) -> None:
        """Keep this problem, unless it is known already or its file is full of them.

        A shared (aliased) piece of YAML is read at each of its uses and would otherwise report
        the same mistake as often.
        """
        key = (problem.code, problem.place, problem.message)
        group = (problem.place.file, problem.severity)
        told = self._told.get(group, 0)
        if key in self._found or told >= PROBLEMS_MAX_PER_FILE:
            return
        self._found[key] = problem
        self._told[group] = told + 1
        if self._told[group] >= PROBLEMS_MAX_PER_FILE:
            last = ConfigProblem(
                Code.TOO_MANY_PROBLEMS,
                problem.place,
                f"This file has {PROBLEMS_MAX_PER_FILE} {problem.severity.value}s or more; "
                "the rest is not told.",
                "Mend the ones above first, then check again.",
                problem.severity,
            )
            self._found[(last.code, last.place, last.message)] = last

    def error(self, code: Code, place: Place, message: str, remedy: str) -> None:
        """Keep an error."""
        self.add(ConfigProblem(code, place, message[:1].upper() + message[1:], remedy))

    def warn(self, code: Code, place: Place, message: str, remedy: str) -> None:
        """Keep a warning: the site still serves."""
        self.add(ConfigProblem(code, place, message, remedy, Severity.WARNING))

    def full(self, file: str) -> bool:
        """Whether no more errors of this file are kept; saves the cost of wording them."""
        return self._told.get((file, Severity.ERROR), 0) >= PROBLEMS_MAX_PER_FILE

    def has_errors(self) -> bool:
        """Whether anything found forbids serving callers with this site."""
        return any(problem.severity is Severity.ERROR for problem in self._found.values())

    def in_order(self) -> tuple[ConfigProblem, ...]:
        """All problems by file and place, the order in which an author mends them."""
        return tuple(sorted(self._found.values(), key=lambda each: (each.place, each.code.value)))


def quoted(text: str) -> str:
    """An author's text as a message shows it: on one line, cut where it gets long."""
    shown = text if len(text) <= QUOTED_CHARS_MAX else text[: QUOTED_CHARS_MAX - 3] + "..."
    escaped = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in shown)
    return f'"{escaped}"'


def closest(name: str, known: Collection[str]) -> str | None:
    """The known name the author probably meant, if one is near enough."""
    if len(name) > QUOTED_CHARS_MAX or len(known) > SUGGESTION_CANDIDATES_MAX:
        return None
    likely = [each for each in known if abs(len(each) - len(name)) <= len(name)]
    near = get_close_matches(name, likely, n=1, cutoff=0.6)
    return near[0] if near else None


def did_you_mean(name: str, known: Collection[str], *, otherwise: str) -> str:
    """A remedy for an unknown name: the nearest known one, else the given sentence."""
    near = closest(name, known)
    return f"Did you mean {quoted(near)}?" if near is not None else otherwise


def listing(names: Iterable[str], *, shown_max: int = 12) -> str:
    """Names as a readable list for a remedy, cut where it gets long."""
    every = list(names)
    rest = "" if len(every) <= shown_max else f" and {len(every) - shown_max} more"
    return ", ".join(every[:shown_max]) + rest if every else "none yet"
