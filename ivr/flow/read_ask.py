"""Reads ``ask``: a question of a survey that a caller answers by one key."""

from ivr.flow.keys import Flag, Form, Inner, Key, Name, NameOf, Several, Shape
from ivr.flow.model import AskQuestion, Held, Node
from ivr.flow.node_parts import NodeParts
from ivr.flow.problems import Code, Place, quoted
from ivr.flow.read_expressions import slot_of
from ivr.flow.read_retry import AFTER, RETRY_KEYS, read_after_ms, read_asking
from ivr.flow.read_variables import VARIABLE_NAME
from ivr.flow.shape import Fields
from ivr.flow.values import Kind, Slot
from ivr.flow.yaml_tree import Scalar, Tree

ANSWER_KEYS = "123456789"

_NODE = Name(NameOf.NODE)
_PROMPTS = Several(Name(NameOf.PROMPT), low=1, or_one=True)
NO_ANSWER = Shape("noinput", (AFTER, *RETRY_KEYS))
WRONG_ANSWER = Shape("nomatch", RETRY_KEYS)
ASK = Shape(
    "ask",
    (
        Key("prompt", "what is asked", required=True, value=_PROMPTS),
        Key("reprompt", "what is asked from the second time on", value=_PROMPTS),
        Key(
            "question",
            "the name under which the answer is recorded; one question of the hotline",
            required=True,
            value=Name(),
        ),
        Key(
            "answers",
            'the keys that answer it, such as ["1", "2", "3"]',
            required=True,
            value=Several(Form(f"[{ANSWER_KEYS}]", "a key from 1 to 9"), low=1),
        ),
        Key(
            "into",
            "a variable that holds the answer too, text or int",
            value=Form(VARIABLE_NAME, "a variable of the flow"),
        ),
        Key("noinput", "what happens when no key is pressed", value=Inner(NO_ANSWER)),
        Key("nomatch", "what happens on another key", value=Inner(WRONG_ANSWER)),
        Key("barge_in", "false when no key may cut the prompt", value=Flag(), default=True),
    ),
)
ASK_NODE = Shape(
    "an ask node",
    (
        Key("ask", "the question", value=Inner(ASK)),
        Key("next", "the node that follows an answer", required=True, value=_NODE),
    ),
)


def read_ask(parts: NodeParts, fields: Fields, inner: Tree) -> Node | None:
    """An ``ask`` node."""
    following = parts.target(fields, "next")
    asked = parts.read.fields(inner, ASK)
    if asked is None:
        return None
    asking = read_asking(parts, asked, noinput=NO_ANSWER, nomatch=WRONG_ANSWER)
    after_ms = read_after_ms(parts, asked)
    question = _question(parts, asked)
    answers = _answers(parts, asked)
    into = _into(parts, asked, answers)
    if asking is None or after_ms is None or question is None or answers is None:
        return None
    if following is None or (into is None and "into" in asked.entries):
        return None
    held, is_number = into or (None, False)
    return AskQuestion(
        prompts=asking.prompts,
        question=question,
        answers=dict.fromkeys(answers, following),
        noinput_after_ms=after_ms,
        noinput=asking.noinput,
        nomatch=asking.nomatch,
        barge_in=asking.barge_in,
        into=held,
        is_number=is_number,
    )


def _question(parts: NodeParts, asked: Fields) -> str | None:
    written = asked.value("question")
    name = None if written is None else parts.read.name(written, "the name of a question")
    if written is None or name is None:
        return None
    first = parts.texts.asked.setdefault(name, written.place)
    if first != written.place:
        parts.problems.error(
            Code.QUESTION_ASKED_TWICE,
            written.place,
            f"The question {quoted(name)} is asked already, at {first}.",
            "Give each question of a hotline a name of its own, for its answers are counted by it.",
        )
        return None
    return name


def _answers(parts: NodeParts, asked: Fields) -> tuple[str, ...] | None:
    written = asked.value("answers")
    items = None if written is None else parts.read.items(written, "the answers")
    if written is None or items is None:
        return None
    if not items:
        parts.problems.error(
            Code.EMPTY,
            written.place,
            "This question has no answers.",
            'List the keys that answer it: ["1", "2", "3"].',
        )
        return None
    keys = [_answer(parts, item) for item in items]
    for number, key in enumerate(keys):
        if key is not None and key in keys[:number]:
            _report_twice(parts, key, items[number].place)
            return None
    good = tuple(key for key in keys if key is not None)
    return good if len(good) == len(keys) else None


def _answer(parts: NodeParts, item: Tree) -> str | None:
    if isinstance(item, Scalar) and len(item.text) == 1 and item.text in ANSWER_KEYS:
        return item.text
    shown = quoted(item.text) if isinstance(item, Scalar) else "This"
    parts.problems.error(
        Code.ANSWER_NOT_A_DIGIT,
        item.place,
        f"{shown} is no answer that a caller can give to a question.",
        'An answer is one key in quotes: "1" to "9".',
    )
    return None


def _report_twice(parts: NodeParts, key: str, place: Place) -> None:
    parts.problems.error(
        Code.LISTED_TWICE,
        place,
        f"The answer {quoted(key)} is listed twice.",
        "Remove one of the two.",
    )


def _into(
    parts: NodeParts, asked: Fields, answers: tuple[str, ...] | None
) -> tuple[Held, bool] | None:
    """The variable that holds the answer, and whether it holds a number."""
    written = asked.value("into")
    name = None if written is None else parts.read.name(written, "the name of a variable")
    slot = None if written is None or name is None else slot_of(parts, name, written.place)
    if written is None or name is None or slot is None:
        return None
    if _can_hold(slot, answers):
        return Held(name, slot.index), slot.variable.kind is Kind.INT
    parts.problems.error(
        Code.VARIABLE_CANNOT_HOLD,
        written.place,
        f"The variable {quoted(name)} can not hold every answer to this question.",
        "Declare it as int, or as text without `values`.",
    )
    return None


def _can_hold(slot: Slot, answers: tuple[str, ...] | None) -> bool:
    choices = slot.variable.choices
    if slot.variable.kind is Kind.TEXT:
        return not choices or set(answers or ()).issubset(choices)
    return slot.variable.kind is Kind.INT
