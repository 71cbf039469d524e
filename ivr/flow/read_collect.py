"""Reads ``collect``: digits that a caller keys in, and what they have to be."""

from dataclasses import dataclass

from ivr.flow.check_secrets import check_collected
from ivr.flow.collecting import DIGITS_MAX, TERMINATORS, DigitRange, DigitRules
from ivr.flow.digit_pattern import PATTERN_CHARS_MAX, DigitPattern, lengths, read_pattern
from ivr.flow.durations import duration_text
from ivr.flow.keys import (
    Duration,
    Either,
    Flag,
    Form,
    Inner,
    Key,
    Name,
    NameOf,
    OneOf,
    Several,
    Shape,
    Whole,
)
from ivr.flow.model import Collect, Held, Node
from ivr.flow.node_parts import NodeParts
from ivr.flow.problems import Code, Place, quoted
from ivr.flow.read_expressions import slot_of
from ivr.flow.read_retry import RETRY_KEYS, read_asking
from ivr.flow.read_variables import VARIABLE_NAME
from ivr.flow.shape import Fields
from ivr.flow.values import Kind
from ivr.flow.yaml_tree import Scalar, Tree

FIRST_DIGIT_MS_DEFAULT, BETWEEN_DIGITS_MS_DEFAULT = 5_000, 3_000
WAIT_MS_MIN, WAIT_MS_MAX = 500, 60_000
INT_DIGITS_MAX = 18
"""Digits that a variable of type int can hold, whatever they are."""

RANGE_MAX = 999_999_999
"""As far as whole numbers are read (``ivr.flow.shape``)."""
NO_TERMINATOR = "none"

_NODE = Name(NameOf.NODE)
_PROMPTS = Several(Name(NameOf.PROMPT), low=1, or_one=True)
_RETRY = Shape("noinput or nomatch", RETRY_KEYS)
DIGITS = Shape(
    "digits",
    (
        Key("min", "the fewest", required=True, value=Whole(1, DIGITS_MAX)),
        Key("max", "the most", required=True, value=Whole(1, DIGITS_MAX)),
    ),
)
RANGE = Shape(
    "range",
    (
        Key("min", "the least number", required=True, value=Whole(0, RANGE_MAX)),
        Key("max", "the greatest number", required=True, value=Whole(0, RANGE_MAX)),
    ),
)
CHECK = Shape(
    "check",
    (
        Key(
            "pattern",
            "digits, sets such as [3-9], and {4}, {6,12}, ?, *, + behind them; | between two",
            value=Form(r"[0-9\[\]{},?*+|-]+", "a pattern of digits"),
        ),
        Key("luhn", "true where the last one is a check digit, as of a bank card", value=Flag()),
        Key("range", "between which numbers it lies", value=Inner(RANGE)),
    ),
)
_WAIT = Duration(WAIT_MS_MIN, WAIT_MS_MAX)
COLLECT = Shape(
    "collect",
    (
        Key("prompt", "what is asked", required=True, value=_PROMPTS),
        Key("reprompt", "what is asked from the second time on", value=_PROMPTS),
        Key(
            "into",
            "the variable that holds them",
            required=True,
            value=Form(VARIABLE_NAME, "a variable of the flow"),
        ),
        Key(
            "digits",
            "how many: a number, or min and max",
            required=True,
            value=Either((Whole(1, DIGITS_MAX), Inner(DIGITS))),
        ),
        Key(
            "terminator",
            "the key that ends it, `none` for none",
            value=OneOf((*TERMINATORS, NO_TERMINATOR)),
            default=TERMINATORS[0],
        ),
        Key(
            "first_digit",
            "how long to wait for the first one",
            value=_WAIT,
            default=duration_text(FIRST_DIGIT_MS_DEFAULT),
        ),
        Key(
            "between_digits",
            "how long to wait for each further one",
            value=_WAIT,
            default=duration_text(BETWEEN_DIGITS_MS_DEFAULT),
        ),
        Key("check", "what they have to be", value=Inner(CHECK)),
        Key("noinput", "what happens when nothing is keyed", value=Inner(_RETRY)),
        Key("nomatch", "what happens when it is not right", value=Inner(_RETRY)),
        Key("barge_in", "false when no key may cut the prompt", value=Flag(), default=True),
        Key(
            "sensitive",
            "true where nobody may see what is keyed; into a variable of type secret",
            value=Flag(),
            default=False,
        ),
    ),
)
COLLECT_NODE = Shape(
    "a collect node",
    (
        Key("collect", "what is asked for", value=Inner(COLLECT)),
        Key("next", "the node that follows once it is right", required=True, value=_NODE),
    ),
)


def read_collect(parts: NodeParts, fields: Fields, inner: Tree) -> Node | None:
    """A ``collect`` node."""
    following = parts.target(fields, "next")
    asked = parts.read.fields(inner, COLLECT)
    if asked is None:
        return None
    asking = read_asking(parts, asked, noinput=_RETRY, nomatch=_RETRY)
    patience_ms = parts.defaults.noinput.after_ms or FIRST_DIGIT_MS_DEFAULT
    first_ms = _wait_ms(parts, asked, "first_digit", patience_ms)
    between_ms = _wait_ms(parts, asked, "between_digits", BETWEEN_DIGITS_MS_DEFAULT)
    rules = _rules(parts, asked)
    written = asked.value("sensitive")
    sensitive = False if written is None else parts.read.flag(written, "the value of sensitive")
    into = None if rules is None else _into(parts, asked, rules, sensitive)
    if asking is None or first_ms is None or between_ms is None or following is None:
        return None
    if rules is None or into is None or sensitive is None:
        return None
    held, is_number = into
    return Collect(
        prompts=asking.prompts,
        rules=rules,
        into=held,
        next=following,
        noinput_after_ms=first_ms,
        between_digits_ms=between_ms,
        noinput=asking.noinput,
        nomatch=asking.nomatch,
        barge_in=asking.barge_in,
        is_number=is_number,
        sensitive=sensitive,
    )


def _wait_ms(parts: NodeParts, fields: Fields, key: str, default_ms: int) -> int | None:
    written = fields.value(key)
    if written is None:
        return default_ms
    return parts.read.duration(
        written, f"the value of {key}", low_ms=WAIT_MS_MIN, high_ms=WAIT_MS_MAX
    )


# What the digits have to be.


@dataclass(frozen=True, slots=True)
class _Checks:
    pattern: DigitPattern | None = None
    range: DigitRange | None = None
    luhn: bool = False


def _rules(parts: NodeParts, asked: Fields) -> DigitRules | None:
    written = asked.value("digits")
    count = None if written is None else _count(parts, written)
    terminator = _terminator(parts, asked)
    checks = _checks(parts, asked)
    if written is None or count is None or terminator is None or checks is None:
        return None
    least, most = count
    key = None if terminator == NO_TERMINATOR else terminator
    _check_passable(parts, written.place, count, checks)
    return DigitRules(least, most, key, checks.pattern, checks.range, checks.luhn)


def _count(parts: NodeParts, written: Tree) -> tuple[int, int] | None:
    if isinstance(written, Scalar):
        exact = parts.read.whole(written, "the number of digits", low=1, high=DIGITS_MAX)
        return None if exact is None else (exact, exact)
    fields = parts.read.fields(written, DIGITS)
    return None if fields is None else _bounds(parts, fields, 1, DIGITS_MAX)


def _bounds(parts: NodeParts, fields: Fields, low: int, high: int) -> tuple[int, int] | None:
    """The least and the greatest of a ``{min: ..., max: ...}``."""
    first, last = fields.value("min"), fields.value("max")
    least = None if first is None else parts.read.whole(first, "min", low=low, high=high)
    most = None if last is None else parts.read.whole(last, "max", low=low, high=high)
    if last is None or least is None or most is None:
        return None
    if least > most:
        parts.problems.error(
            Code.OUT_OF_RANGE,
            last.place,
            f"Max is {most}, which is less than the min of {least}.",
            "Write the smaller one as min, the greater one as max.",
        )
        return None
    return least, most


def _terminator(parts: NodeParts, asked: Fields) -> str | None:
    written = asked.value("terminator")
    if written is None:
        return TERMINATORS[0]
    key = parts.read.text(written, "the terminator")
    if key is None or key == NO_TERMINATOR or (len(key) == 1 and key in TERMINATORS):
        return key
    parts.problems.error(
        Code.BAD_TERMINATOR,
        written.place,
        f"{quoted(key)} can not end an entry of digits.",
        'Write "#", "*" or none.',
    )
    return None


def _checks(parts: NodeParts, asked: Fields) -> _Checks | None:
    written = asked.value("check")
    if written is None:
        return _Checks()
    check = parts.read.fields(written, CHECK)
    if check is None:
        return None
    shape, flag, between = (check.value(key) for key in CHECK.names())
    pattern = None if shape is None else _pattern(parts, shape)
    luhn = False if flag is None else parts.read.flag(flag, "the value of luhn")
    limits = None if between is None else parts.read.fields(between, RANGE)
    span = None if limits is None else _bounds(parts, limits, 0, RANGE_MAX)
    if luhn is None or (shape is not None and pattern is None):
        return None
    if between is not None and span is None:
        return None
    return _Checks(pattern, None if span is None else DigitRange(*span), luhn)


def _pattern(parts: NodeParts, written: Tree) -> DigitPattern | None:
    text = parts.read.text(written, "the pattern")
    pattern = None if text is None else read_pattern(text)
    if text is not None and pattern is None:
        parts.problems.error(
            Code.BAD_PATTERN,
            written.place,
            f"{quoted(text)} is no pattern of digits, or longer than {PATTERN_CHARS_MAX}.",
            'Write digits, sets and how often they come, such as "1[3-9][0-9]{9}"; there are no '
            "parentheses, dots or backslashes.",
        )
    return pattern


def _check_passable(
    parts: NodeParts, place: Place, count: tuple[int, int], checks: _Checks
) -> None:
    """Report digits that no caller could key in rightly."""
    least, most = count
    fits = checks.pattern is None or any(
        low <= most and high >= least for low, high in lengths(checks.pattern)
    )
    if fits and (checks.range is None or checks.range.least < 10**most):
        return
    digits = f"{most} digits" if least == most else f"{least} to {most} digits"
    parts.problems.error(
        Code.CHECK_NEVER_PASSES,
        place,
        f"No entry of {digits} can pass this check.",
        "Change `digits`, or what `check` asks for.",
    )


def _into(
    parts: NodeParts, asked: Fields, rules: DigitRules, sensitive: bool | None
) -> tuple[Held, bool] | None:
    """The variable, and whether it holds a number."""
    written = asked.value("into")
    name = None if written is None else parts.read.name(written, "the name of a variable")
    if written is None or name is None:
        return None
    slot = slot_of(parts, name, written.place, secret=True)
    if slot is None or sensitive is None:
        return None
    if not check_collected(parts.problems, asked, slot, sensitive=sensitive):
        return None
    if sensitive:
        return Held(name, slot.index), False
    kind, choices = slot.variable.kind, slot.variable.choices
    longest = slot.variable.chars_max
    if kind is Kind.TEXT and not choices and rules.most <= longest:
        return Held(name, slot.index), False
    if kind is Kind.INT and rules.most <= INT_DIGITS_MAX:
        return Held(name, slot.index), True
    parts.problems.error(
        Code.VARIABLE_CANNOT_HOLD,
        written.place,
        f"The variable {quoted(name)} can not hold up to {rules.most} digits.",
        f"Declare it with `max: {rules.most}`, or ask for {longest} digits at most."
        if kind is Kind.TEXT and not choices
        else f"Declare it as text, or as int for up to {INT_DIGITS_MAX} digits.",
    )
    return None
