"""What may stand under each key of a caller test, for an editor that completes it.

The keys and their sentences are those the reader goes by (``ivr.rehearsal.shapes``); a key that
has no entry here is offered all the same, with nothing said of its value.
"""

from collections.abc import Mapping
from dataclasses import replace
from enum import Enum

from ivr.call.model import Outcome
from ivr.flow.durations import DURATION_PATTERN
from ivr.flow.keys import (
    Either,
    Flag,
    Form,
    Inner,
    Kinds,
    Name,
    Named,
    NameOf,
    OneOf,
    Several,
    Shape,
    Text,
    Value,
)
from ivr.flow.values import VALUE_CHARS_MAX
from ivr.rehearsal import shapes
from ivr.rehearsal.asked_services import STUBS_MAX, WORDS
from ivr.rehearsal.experts import Act, Habit, LineAct, LineHabit, RecordingHabit
from ivr.rehearsal.rush import NOWHERE

_DURATION = Form(DURATION_PATTERN, "a duration")
_COUNT = Form("[0-9]{1,9}", "a whole number")
_TOPIC = Name()
_PROMPTS = Several(Name(NameOf.PROMPT), low=1, or_one=True)
_VALUE = Either((Flag(), Form(rf"(?:.|\n){{0,{VALUE_CHARS_MAX}}}", "a number or a text")))
_ANSWER = Either((Named(_VALUE), OneOf(tuple(WORDS))))
"""What a service answers, or why it has no answer."""


def _words(words: type[Enum]) -> OneOf:
    return OneOf(tuple(str(each.value) for each in words))


def _typed(shape: Shape, values: Mapping[str, Value]) -> Shape:
    keys = (replace(key, value=values.get(key.name, key.value)) for key in shape.keys)
    return Shape(shape.what, tuple(keys))


_EXPECT = _typed(
    shapes.EXPECT,
    {
        "queue": Name(NameOf.QUEUE),
        "skill": Text(),
        "priority": _DURATION,
        "position": _COUNT,
        "expected_wait": _DURATION,
        "ringing": Name(),
        "agent": Name(),
        "language": Name(NameOf.LANGUAGE),
        "message": Name(NameOf.MESSAGE),
        "transfer": Text(),
        "context": Text(),
        "node": Text(),
    },
)
_HEAR = _typed(shapes.HEAR, {"prompt": _PROMPTS, "language": Name(NameOf.LANGUAGE)})
_STEP = _typed(
    shapes.STEP,
    {
        "hear": Either((_PROMPTS, Inner(_HEAR))),
        "hear words": Text(),
        "press": Form("[0-9A-D*#]{1,32}", "keys of a telephone"),
        "say nothing for": _DURATION,
        "wait": _DURATION,
        "say words for": _DURATION,
        "expect": Inner(_EXPECT),
        "closed": Text(),
        "expert": Named(_words(Act)),
        "outside": _words(LineAct),
    },
)
_STEPS = Kinds({key.name: Shape(shapes.STEP.what, (key,)) for key in _STEP.keys})
_ORDER = _typed(
    shapes.WORK_ORDER, {"topic": _TOPIC, "skill": Name(NameOf.SKILL), "within": _DURATION}
)
_RECORD = _typed(
    shapes.RECORD,
    {
        "reason": Text(),
        "language": Name(NameOf.LANGUAGE),
        "queue": Name(NameOf.QUEUE),
        "agent": Name(),
        "wait": _DURATION,
        "transfer": Text(),
        "offers": _COUNT,
    },
)
_ALL_STEPS = Several(Either((OneOf((shapes.HANG_UP,)), _STEPS)))
_TEST = _typed(
    shapes.TEST,
    {
        "steps": _ALL_STEPS,
        "before": OneOf((shapes.NO_STEPS,)),
        "experts": Named(_words(Habit)),
        "outside": Named(_words(LineHabit)),
        "ahead": Named(_COUNT, Name(NameOf.QUEUE)),
        "at": Text(),
        "dial": Text(),
        "caller": OneOf(("known", "withheld")),
        "lookups": Named(Either((_ANSWER, Several(_ANSWER, low=1, high=STUBS_MAX)))),
        "closed": Text(),
        "crisis": Named(Either((Name(NameOf.QUEUE), OneOf((NOWHERE,)))), Name(NameOf.QUEUE)),
        "overload": Flag(),
        "served_by": Named(_DURATION),
        "recording": _words(RecordingHabit),
        "messages": Several(Name(NameOf.MESSAGE)),
        "answers": Named(Form("[0-9*#]|none", "a key of a telephone, or none")),
        "recorded": Several(Name(), or_one=True),
        "outcome": _words(Outcome),
        "work_order": Inner(_ORDER),
        "record": Inner(_RECORD),
    },
)
CALLER_TESTS = _typed(
    shapes.TESTS,
    {"before": _ALL_STEPS, "tests": Named(Inner(_TEST), Form(r"(?:.|\n)+", "a name"))},
)
"""A file of caller tests, with the values of its keys."""
