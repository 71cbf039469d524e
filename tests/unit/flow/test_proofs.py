"""Which flows are proven to let go of every caller, and which circles are told of the others."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from site_samples import GOOD, codes_of, load_with, texts_of

from ivr.flow.actions import (
    Ask,
    Farewell,
    FlowInput,
    InputTimedOut,
    JoinQueue,
    KeyPressed,
    OpenWorkOrder,
    QueueLeft,
    Speak,
    SpeechEnded,
    WorkOrderOpened,
)
from ivr.flow.interpreter import advance, begin
from ivr.flow.model import (
    EnterQueue,
    Flow,
    HangUp,
    Hotline,
    Language,
    MakeWorkOrder,
    Menu,
    Node,
    NodeName,
    Play,
    PromptKey,
    QueueExit,
    Retry,
)
from ivr.flow.proofs import circles

pytestmark = pytest.mark.unit

P = (PromptKey("p"),)
END = HangUp(P)


def n(name: object) -> NodeName:
    return NodeName(str(name))


def play(to: object) -> Play:
    return Play(P, n(to))


def menu(*choices: str, noinput: object = "end", nomatch: object = "end") -> Menu:
    keys = {str(key): n(to) for key, to in enumerate(choices, 1)}
    return Menu(P, keys, 5_000, Retry(2, n(noinput)), Retry(2, n(nomatch)))


def queue(**ways: str) -> EnterQueue:
    return EnterQueue("q", 0, {QueueExit(way): n(node) for way, node in ways.items()})


def held(*trusted: str, **nodes: Node) -> list[tuple[str, ...]]:
    named: dict[NodeName, Node] = {n(name): node for name, node in nodes.items()}
    found = circles({**named, n("end"): END}, [n(each) for each in trusted])
    return [(each.hold.value, *each.nodes) for each in found]


def test_flow_without_a_way_back_holds_nobody() -> None:
    assert held(a=play("b"), b=menu("c"), c=queue(no_agents="end", timed_out="end")) == []


def test_choice_that_leads_back_is_the_callers_own_will() -> None:
    assert held(a=menu("a", "b"), b=play("a")) == []


def test_play_that_leads_back_to_itself_is_a_trap() -> None:
    assert held(a=play("b"), b=play("a")) == [("played_to", "a", "b")]


def test_queue_at_night_that_leads_back_is_a_trap_and_with_a_wait_a_warning() -> None:
    night = held(a=play("q"), q=queue(no_agents="a", timed_out="end"))
    assert night == [("played_to", "a", "q")]
    assert held(a=play("q"), q=queue(no_agents="end", timed_out="a")) == [("waiting", "a", "q")]


def test_silent_and_erring_callers_are_told_apart() -> None:
    assert held(a=menu("b", noinput="a"), b=play("end")) == [("silent", "a")]
    assert held(a=menu("b", nomatch="a"), b=play("end")) == [("erring", "a")]
    both = held(a=menu("end", noinput="a", nomatch="a"))
    assert both == [("silent", "a"), ("erring", "a")]


def test_circle_over_two_menus_and_a_word_is_found() -> None:
    found = held(a=menu("end", noinput="b"), b=play("c"), c=menu("end", noinput="a"))
    assert found == [("silent", "a", "b", "c")]


def test_menus_without_any_outcome_are_told_once_as_such() -> None:
    found = held(a=menu("b", noinput="b", nomatch="b"), b=menu("a", noinput="a", nomatch="a"))
    assert found == [("no_way_out", "a", "b")]


def test_work_order_and_queue_are_outcomes() -> None:
    order = MakeWorkOrder("t", None, 60_000, n("a"))
    assert held(a=menu("o"), o=order) == []
    assert held(a=menu("q"), q=queue(no_agents="a", timed_out="a")) == []


def test_name_that_is_not_there_counts_as_an_end() -> None:
    assert held(a=play("b"), b=menu("a", noinput="nowhere", nomatch="nowhere")) == []


def test_trusted_node_needs_one_way_to_an_end() -> None:
    ways: dict[str, Node] = {"a": play("b"), "b": queue(no_agents="a", full="end")}
    assert held(**ways) == [("played_to", "a", "b")]
    assert held("b", **ways) == []
    assert held("b", a=play("b"), b=queue(no_agents="a", full="a")) != []


@pytest.mark.parametrize("count", [20_000])
def test_long_ways_cost_no_recursion_and_no_seconds(count: int) -> None:
    nodes: dict[NodeName, Node] = {
        n(at): menu(str((at + 1) % count), noinput=(at + 1) % count, nomatch="end")
        for at in range(count)
    }
    begun = time.process_time()
    (circle,) = circles({**nodes, n("end"): END})
    assert len(circle.nodes) == count
    assert time.process_time() - begun < 5.0


def end_of(nodes: dict[str, Node], *, pressing: str | None) -> str:
    """How a call ends whose caller presses always the same key, or none; all queues are empty."""
    flow = Flow("f", n("a"), {n(name): node for name, node in {**nodes, "end": END}.items()})
    hotline = Hotline("h", ("1",), (Language("zh-CN"),), "UTC", flow)
    state, action = begin(hotline)
    while not isinstance(action, Farewell):
        said: FlowInput = SpeechEnded()
        match action:
            case Speak():
                pass
            case Ask():
                said = InputTimedOut() if pressing is None else KeyPressed(pressing)
            case JoinQueue():
                said = QueueLeft(QueueExit.NO_AGENTS)
            case OpenWorkOrder():
                said = WorkOrderOpened()
            case _:
                raise AssertionError(action)
        step = advance(hotline, state, said)
        assert step is not None
        state, action = step
    return action.reason


NEVER = ("flow_endless", "flow_looped")


@pytest.mark.parametrize(
    ("nodes", "silent", "erring"),
    [
        ({"a": menu("end", noinput="a")}, True, False),
        ({"a": menu("end", nomatch="a")}, False, True),
        ({"a": play("b"), "b": play("a")}, True, True),
        ({"a": menu("a", noinput="b"), "b": play("end")}, False, False),
        ({"a": queue(no_agents="b", timed_out="end"), "b": menu("end", noinput="a")}, True, False),
    ],
)
def test_proof_agrees_with_the_interpreter(
    nodes: dict[str, Node], silent: bool, erring: bool
) -> None:
    told = {circle[0] for circle in held(**nodes)}
    assert (end_of(nodes, pressing=None) in NEVER) is silent
    assert bool(told & {"silent", "played_to"}) is silent
    assert (end_of(nodes, pressing="9") in NEVER) is erring
    assert bool(told & {"erring", "played_to"}) is erring


NAMES = st.sampled_from(["a", "b", "c", "d", "end"])


@st.composite
def drawn_node(draw: st.DrawFn) -> Node:
    one, two, three = draw(NAMES), draw(NAMES), draw(NAMES)
    kinds: list[Node] = [
        play(one),
        menu(one, noinput=two, nomatch=three),
        queue(no_agents=one, timed_out="end"),
    ]
    return draw(st.sampled_from(kinds))


@given(nodes=st.fixed_dictionaries({name: drawn_node() for name in "abcd"}))
def test_flow_without_a_circle_ends_for_silent_and_erring_callers(nodes: dict[str, Node]) -> None:
    if not held(**nodes):
        assert end_of(nodes, pressing=None) == "completed"
        assert end_of(nodes, pressing="9") == "completed"


COUNTING = """
    vars: {{tries: {{type: int}}}}
    start: a
    nodes:
      a: {{play: welcome, next: b}}
      b: {{branch: {{when: [{{if: "tries > 3", then: e}}], else: c}}}}
      c: {{{middle}, next: a}}
      e: {{queue: {{name: data-expert}}, on: {{no_agents: f, timed_out: f}}}}
      f: {{queue: {{name: general}}, on: {{no_agents: g, timed_out: g}}}}
      g: {{hangup: {{}}}}
"""


@pytest.mark.parametrize(
    ("middle", "codes"),
    [("set: {tries: tries + 1}", []), ("play: sorry", ["caller-trap"])],
)
def test_branch_ends_a_circle_only_where_something_changes(middle: str, codes: list[str]) -> None:
    head, _, _ = texts_of(GOOD)["10086/hotline.yaml"].partition("    start:")
    loaded = load_with("10086/hotline.yaml", head + COUNTING.format(middle=middle).lstrip("\n"))
    assert codes_of(loaded) == codes
