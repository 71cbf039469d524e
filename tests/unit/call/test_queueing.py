"""From queue to queue: what was waited counts on, whom she waits for first, and where it ends."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from call_node import (
    AGENT_LEG,
    B1,
    BILL,
    C1,
    CALLER,
    DATA,
    P1,
    P2,
    PARTY,
    STOPPED,
    OneNode,
    hotline,
    node_in,
)

from ivr.call.effects import QueueContact, WithdrawContact
from ivr.call.events import CallArrived
from ivr.call.model import Outcome
from ivr.call.phases import Phase
from ivr.call.queueing import HOPS_MAX, SENT_ROUND
from ivr.call.record import SegmentExit
from ivr.flow.model import EnterQueue, Held, Hotline, Node, NodeName, Prefer, QueueExit
from ivr.flow.values import Kind, Variable
from router.model import AgentId, OverflowCause

pytestmark = pytest.mark.unit

EVE = AgentId("main:eve")
DAY_MS = 24 * 3_600_000
TO_HER = 15_000
n = NodeName


def with_nodes(nodes: Mapping[NodeName, Node], variables: tuple[Variable, ...] = ()) -> Hotline:
    line = hotline()
    flow = replace(line.flow, nodes={**line.flow.nodes, **nodes}, variables=variables)
    return replace(line, flow=flow)


def queue_node(name: str, on: Mapping[str, str], prefer: Prefer | None = None) -> EnterQueue:
    exits = {QueueExit(each): n(to) for each, to in on.items()}
    return EnterQueue(name, 0, exits, prefer=prefer)


def round_and_round(full: str) -> OneNode:
    """Two queues that send on to each other, and a full one that leads elsewhere."""
    ways = {"no_agents": "bill", "timed_out": "bill", "full": full}
    back = {"no_agents": "data", "timed_out": "data", "full": full}
    nodes: dict[NodeName, Node] = {
        n("data"): queue_node("data", ways),
        n("bill"): queue_node("bill", back),
    }
    return node_in(Phase.WAITING, with_nodes(nodes))


def test_each_queue_is_told_what_was_waited_in_all_before() -> None:
    node = round_and_round("apology")
    node.overflowed(OverflowCause.TIMED_OUT, at=10_000)
    assert node.of(QueueContact) == [QueueContact(C1, BILL, 0, waited_ms=6_000)]
    node.overflowed(OverflowCause.TIMED_OUT, BILL, at=13_000)
    assert node.of(QueueContact) == [QueueContact(C1, DATA, 0, waited_ms=9_000)]
    assert [each.wait_ms for each in node.contact.story.segments] == [6_000, 3_000]


def send_round(node: OneNode, times: int) -> None:
    for number in range(times):
        queue = DATA if number % 2 == 0 else BILL
        node.overflowed(OverflowCause.NO_AGENTS, queue, at=10_000 + number)


def test_last_of_many_queues_is_left_as_a_full_one() -> None:
    node = round_and_round("apology")
    send_round(node, HOPS_MAX - 1)
    assert node.phase is Phase.WAITING
    node.overflowed(OverflowCause.NO_AGENTS, BILL)
    assert node.phase is Phase.SPEAKING
    assert node.contact.flow is not None
    assert node.contact.flow.node == "apology"
    assert node.contact.story.segments[-1].exit is SegmentExit.NO_AGENTS


def test_caller_whom_a_full_queue_would_send_on_at_the_limit_is_let_go() -> None:
    node = round_and_round("data")
    send_round(node, HOPS_MAX)
    assert node.of(QueueContact) == []
    assert node.phase is Phase.LEAVING
    node.ended(CALLER)
    assert (node.records[0].outcome, node.records[0].reason) == (Outcome.UNSERVED, SENT_ROUND)


def test_talk_begins_the_count_of_queues_anew() -> None:
    node = round_and_round("apology")
    send_round(node, 2)
    assert node.contact.queueing.hops == 3
    node.offered(at=20_000)
    node.answered(AGENT_LEG, 22_000)
    node.bridged(B1, 22_100)
    node.ended(AGENT_LEG, 60_000)
    assert node.contact.queueing.hops == 0
    assert node.contact.queueing.waited_ms == 18_000


def test_causes_without_a_way_of_their_own_go_where_full_goes() -> None:
    for cause in (OverflowCause.EXPECTED_WAIT, OverflowCause.OVERLOAD, OverflowCause.CRISIS):
        node = round_and_round("apology")
        node.overflowed(cause, at=10_000)
        assert node.contact.flow is not None
        assert node.contact.flow.node == "apology"
        assert node.contact.story.segments[-1].exit.value == cause.value


def test_contact_moved_waits_on_and_is_told_in_two_segments() -> None:
    node = node_in(Phase.WAITING)
    assert list(node.moved(BILL, 9_000)) == []
    assert (node.phase, node.contact.queue) == (Phase.WAITING, BILL)
    node.overflowed(OverflowCause.NO_AGENTS, BILL, at=11_000)
    told = [(each.queue, each.wait_ms, each.exit) for each in node.contact.story.segments]
    assert told == [(DATA, 5_000, SegmentExit.MOVED), (BILL, 2_000, SegmentExit.NO_AGENTS)]
    assert node.contact.flow is not None
    assert node.contact.flow.node == "apology"


def test_moved_contact_that_comes_back_to_its_node_keeps_its_place() -> None:
    node = node_in(Phase.WAITING)
    node.press("4", 5_000)
    assert node.contact.beside is not None
    node.moved(BILL, 5_100)
    node.restart()
    while node.phase is Phase.SPEAKING:
        playback = sorted(node.contact.playbacks)[-1]
        node.played(playback, 6_000, STOPPED)
    assert node.of(WithdrawContact) == []
    assert node.of(QueueContact) == []
    assert node.contact.stay is not None
    assert node.contact.stay.queue == BILL


def waiting_with(
    prefer: Prefer, arrived: CallArrived, variables: tuple[Variable, ...] = ()
) -> OneNode:
    ways = {"no_agents": "apology", "timed_out": "apology"}
    line = with_nodes({n("data"): queue_node("data", ways, prefer)}, variables)
    node = OneNode(line)
    node.give(arrived, 1_000)
    node.answered(CALLER, 1_100)
    node.played(P1, 2_000)
    node.played(P2, 3_000)
    node.press("1", 4_000)
    return node


def arrived(ago_ms: int | None = None) -> CallArrived:
    last = None if ago_ms is None else EVE
    return CallArrived(C1, CALLER, "10086", PARTY, last_agent=last, last_agent_ago_ms=ago_ms)


LAST = Prefer(None, TO_HER, DAY_MS)


@pytest.mark.parametrize(
    ("ago_ms", "preferred"),
    [(None, (None, 0)), (0, (EVE, TO_HER)), (DAY_MS - 3_000, (EVE, TO_HER)), (DAY_MS, (None, 0))],
)
def test_who_served_last_is_preferred_if_it_was_not_too_long_ago(
    ago_ms: int | None, preferred: tuple[AgentId | None, int]
) -> None:
    node = waiting_with(LAST, arrived(ago_ms))
    (asked,) = node.of(QueueContact)
    assert (asked.preferred, asked.preferred_ms) == preferred


@pytest.mark.parametrize(("held", "preferred"), [("eve", (EVE, TO_HER)), ("", (None, 0))])
def test_agent_named_by_a_variable_is_preferred(
    held: str, preferred: tuple[AgentId | None, int]
) -> None:
    prefer = Prefer(Held("hers", 0), TO_HER, DAY_MS)
    node = waiting_with(prefer, arrived(), (Variable("hers", Kind.TEXT, held),))
    (asked,) = node.of(QueueContact)
    assert (asked.preferred, asked.preferred_ms) == preferred


def test_who_served_last_outlives_a_restart() -> None:
    node = waiting_with(LAST, arrived(0))
    node.restart()
    assert node.contact.queueing.served_before is not None
