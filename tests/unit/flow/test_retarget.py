"""A copied node leads to the copy's names and holds its variables in the copy's places."""

from typing import get_args

import pytest

from ivr.flow.collecting import DigitRules
from ivr.flow.conditions import Expression, Names, read_expression
from ivr.flow.model import (
    AskQuestion,
    Branch,
    Case,
    Change,
    Collect,
    EnterQueue,
    HangUp,
    Held,
    Hours,
    Language,
    Lookup,
    MakeWorkOrder,
    Menu,
    Node,
    NodeName,
    OutsideExit,
    Play,
    PromptKey,
    QueueExit,
    Record,
    RecordExit,
    Retry,
    Say,
    SayAs,
    Send,
    SetLanguage,
    SetVariables,
    Take,
    TextMessage,
    TransferOutside,
)
from ivr.flow.opening import Calendar, Opening
from ivr.flow.retarget import retargeted
from ivr.flow.services import LookupOutcome, SentAs
from ivr.flow.values import Kind, Slot, Variable
from ivr.flow.ways import Way, ways_out
from ivr.flow.zone import Zone

pytestmark = pytest.mark.unit

NAMES = Names(
    {
        "tries": Slot(Variable("tries", Kind.INT, 0), 0),
        "brand": Slot(Variable("brand", Kind.TEXT, ""), 1),
    },
    ("zh-CN", "en-US"),
)
SLOTS = {0: 7, 1: 3}
VALUES = ("", "", "", "gold", "", "", "", 5)
"""What lies in the new places: gold and 5."""

A, B, C = NodeName("a"), NodeName("b"), NodeName("c")
PROMPT = (PromptKey("hello"),)
RETRIES = (Retry(1, B, PROMPT), Retry(2, C))
EXAMPLES: tuple[Node, ...] = (
    Play(PROMPT, A),
    Say(SayAs.NUMBER, Held("tries", 0), A),
    Menu(PROMPT, {"1": A, "2": B}, 5_000, *RETRIES),
    Collect(PROMPT, DigitRules(1, 4, "#"), Held("brand", 1), A, 5_000, 3_000, *RETRIES),
    SetLanguage(Language("en-US"), A),
    SetVariables((Change("brand", 1, "gold"), Change("tries", 0, 1)), A),
    Branch((Case(read_expression("tries > 1", NAMES, wanted=Kind.BOOL), A),), B),
    Hours(Calendar("c", Zone("UTC", (0,)), (), {}), {Opening.OPEN: A, Opening.CLOSED: B}),
    EnterQueue("h/q", 0, {QueueExit.NO_AGENTS: A, QueueExit.TIMED_OUT: B}),
    MakeWorkOrder("topic", None, 60_000, A),
    Record(PROMPT, "topic", 90_000, 4_000, dict.fromkeys(RecordExit, A)),
    TransferOutside("police", 30_000, dict.fromkeys(OutsideExit, B)),
    TextMessage("balance", (Held("brand", 1),), A, B),
    Lookup(
        "customer",
        (Send("number", SentAs.CALLER), Send("brand", SentAs.VALUE, Held("brand", 1))),
        (Take("tries", Kind.INT, Held("tries", 0)),),
        dict.fromkeys(LookupOutcome, C),
        PROMPT,
        1_000,
    ),
    AskQuestion(PROMPT, "service-1", {"1": A, "2": B}, 5_000, *RETRIES, into=Held("brand", 1)),
    HangUp(PROMPT),
)


def copied(node: Node) -> Node:
    return retargeted(node, lambda name: NodeName(f"auth/{name}"), SLOTS)


def test_every_kind_of_node_has_an_example_here() -> None:
    assert {type(each) for each in EXAMPLES} == set(get_args(Node))


@pytest.mark.parametrize("node", EXAMPLES, ids=lambda node: type(node).__name__)
def test_every_way_leads_to_the_copys_name(node: Node) -> None:
    expected = tuple(Way(way.label, NodeName(f"auth/{way.to}")) for way in ways_out(node))
    assert ways_out(copied(node)) == expected


@pytest.mark.parametrize("node", EXAMPLES, ids=lambda node: type(node).__name__)
def test_copy_back_is_the_original(node: Node) -> None:
    back = {to: index for index, to in SLOTS.items()}
    name_back = {NodeName(f"auth/{each}"): each for each in (A, B, C)}
    assert retargeted(copied(node), name_back.__getitem__, back) == node


def test_what_is_sent_taken_and_shown_lies_in_its_new_places() -> None:
    lookup, message = (
        copied(next(each for each in EXAMPLES if isinstance(each, kind)))
        for kind in (Lookup, TextMessage)
    )
    queue = copied(EnterQueue("h/q", 0, {}, keys={"1": A}, context=(Held("tries", 0),)))
    assert isinstance(lookup, Lookup)
    assert isinstance(message, TextMessage)
    assert isinstance(queue, EnterQueue)
    assert [each.held for each in lookup.sends] == [None, Held("brand", 3)]
    assert [each.into for each in lookup.takes] == [Held("tries", 7)]
    assert message.values == (Held("brand", 3),)
    assert (queue.context, queue.keys) == ((Held("tries", 7),), {"1": "auth/a"})


def test_said_and_collected_variables_lie_in_their_new_places() -> None:
    say, collect = copied(EXAMPLES[1]), copied(EXAMPLES[3])
    assert isinstance(say, Say)
    assert isinstance(collect, Collect)
    assert (say.what, collect.into) == (Held("tries", 7), Held("brand", 3))


def test_changed_variables_lie_in_their_new_places() -> None:
    to = read_expression("tries * 2", NAMES, wanted=Kind.INT)
    node = copied(SetVariables((Change("tries", 0, to), Change("brand", 1, Held("x", 1))), A))
    assert isinstance(node, SetVariables)
    assert [each.index for each in node.changes] == [7, 3]
    sum_, copy = (each.to for each in node.changes)
    assert isinstance(sum_, Expression)
    assert sum_.value(VALUES, "zh-CN") == 10
    assert copy == Held("x", 3)


def test_condition_asks_the_new_places() -> None:
    text = 'tries == 5 && brand == "gold" && language == "zh-CN"'
    condition = read_expression(text, NAMES, wanted=Kind.BOOL)
    node = copied(Branch((Case(condition, A),), B))
    assert isinstance(node, Branch)
    moved = node.cases[0].condition
    assert moved.value(VALUES, "zh-CN") is True
    assert moved.value(VALUES, "en-US") is False
    assert (moved.text, moved.names) == (condition.text, condition.names)


def test_condition_moved_twice_asks_the_last_places() -> None:
    once = read_expression(
        '(brand in ["gold", "go"] || brand in [language]) && !(tries * 2 - 1 < size(brand) + 5)',
        NAMES,
        wanted=Kind.BOOL,
    )
    twice = once.moved({0: 4, 1: 5}).moved({4: 0, 5: 2})
    assert once.value((5, "gold"), "zh-CN") is True
    assert twice.value((5, "", "gold"), "zh-CN") is True
    assert twice.value((4, "", "gold"), "zh-CN") is False
    assert twice.value((5, "gold", "tin"), "zh-CN") is False


def test_condition_is_read_once_however_often_it_is_moved(monkeypatch: pytest.MonkeyPatch) -> None:
    condition = read_expression("tries > 1", NAMES, wanted=Kind.BOOL)
    monkeypatch.setattr("ivr.flow.conditions.words_of", None)
    assert condition.moved(SLOTS).value(VALUES, "zh-CN") is True
