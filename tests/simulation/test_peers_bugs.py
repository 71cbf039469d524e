"""Bugs of routers and switches that many use, each once as a scenario that ours must survive.

The name of each test begins with the project and the number of the report; its text is the lesson.
"""

from itertools import permutations

import pytest
from switchboard_lines import QUEUE, RING_MS, WAIT_MS, WRAP_UP_MS, Line, Pool, asks, sign_in

from ivr.call.core import CONTACTS_MAX
from ivr.call.effects import BridgeLegs, DialDevice, ReleaseLeg, StartHoldMusic
from ivr.call.events import (
    CallArrived,
    CommandFailed,
    LegAnswered,
    LegEnded,
    LegsBridged,
)
from ivr.call.model import BridgeId, CommandFailure, LegId, Outcome, PartyRef, ReleaseReason
from ivr.call.phases import Phase
from ivr.call.record import OfferResult
from ivr.engine.driver import DeadlineReached
from router.agent_state import EngagementPhase
from router.effects import OverflowContact
from router.events import (
    ContactLeft,
    ContactQueued,
    DeviceReachabilityChanged,
    EngagementEnded,
    OfferAccepted,
    RouterEvent,
    RoutingChanged,
)
from router.model import (
    ContactId,
    Millis,
    OverflowCause,
    Presence,
    PresenceChange,
    Routing,
    WaitingLimit,
)
from router.offers import ENGAGED_MS_MAX, MISS_REST_MS
from simulator.world_site import agent_of, device_of

pytestmark = pytest.mark.property

C1, CALLER = ContactId("main:c1"), LegId("main:c1.0")
FIRST, SECOND = LegId("main:c1.1"), LegId("main:c1.2")
B1, B2 = BridgeId("main:c1.b1"), BridgeId("main:c1.b2")


def queued(number: int) -> ContactQueued:
    return ContactQueued(ContactId(f"main:c{number}"), QUEUE, 0)


def test_openacd_5_fifty_callers_of_one_tick_ring_fifty_agents() -> None:
    """Choose and reserve in one step: else all of one tick ring who is first."""
    pool = Pool(50)
    made = [offer for number in range(50) for offer in pool.offers(queued(number))]
    assert len(made) == len({each.agent for each in made}) == len({each.device for each in made})
    assert len({each.contact for each in made}) == 50


HERS, OTHER = device_of(0), device_of(1)
FLAPS: dict[str, tuple[RouterEvent, RouterEvent]] = {
    "her phone goes and comes": (
        DeviceReachabilityChanged(HERS, reachable=False),
        DeviceReachabilityChanged(HERS, reachable=True),
    ),
    "she signs out and in": (asks(PresenceChange.SIGN_OUT), sign_in(agent_of(0), HERS)),
    "she moves to another seat": (sign_in(agent_of(0), OTHER), sign_in(agent_of(0), OTHER)),
    "she moves there and back": (sign_in(agent_of(0), OTHER), sign_in(agent_of(0), HERS)),
}


def moments(*deadlines: Millis) -> list[Millis]:
    """Each 97 ms till the last of them, and every millisecond that touches one of them."""
    near = {max(0, due + by) for due in (0, *deadlines) for by in (-1, 0, 1)}
    return sorted(near | set(range(0, max(deadlines), 97)))


def flap(pool: Pool, how: str, at: Millis, gone_ms: Millis, *, late: bool) -> None:
    """Let it happen at this moment, before what is due then if that is ``late``."""
    gone, back = FLAPS[how]
    pool.run_to(max(pool.at, at - 1) if late else at)
    pool.at = at
    pool.give(gone)
    pool.run_to(at + gone_ms)
    pool.give(back)


def alone() -> Pool:
    """One agent and two seats; her first caller rings her."""
    pool = Pool(1, misses_max=9)
    pool.give(DeviceReachabilityChanged(OTHER, reachable=True))
    assert len(pool.offers(queued(1))) == 1
    return pool


@pytest.mark.parametrize("late", [False, True], ids=["in time", "timer late"])
@pytest.mark.parametrize("gone_ms", [0, 1, 50, MISS_REST_MS])
@pytest.mark.parametrize("how", FLAPS)
def test_openacd_6_flap_at_any_moment_of_an_offer_leaves_nobody_stuck(
    how: str, gone_ms: int, late: bool
) -> None:
    """An offer survives a flap of presence, or comes again; one miss is not a state.

    The offer rings, rings out, she rests, and is rung anew.
    """
    for at in moments(RING_MS, RING_MS + MISS_REST_MS, 2 * RING_MS + MISS_REST_MS):
        pool = alone()
        flap(pool, how, at, gone_ms, late=late)
        pool.give(queued(2))
        pool.run_to(pool.at + MISS_REST_MS)
        (view,) = pool.router.agents()
        held = (view.presence, view.engagement)
        assert held == (Presence.AVAILABLE, EngagementPhase.RESERVED), f"at {at}"
        pool.give(OfferAccepted(pool.made[-1]))
        assert pool.engagements() == {"connected"}, f"at {at}"


@pytest.mark.parametrize("gone_ms", [0, 1, 50, 5_000])
@pytest.mark.parametrize("how", FLAPS)
def test_openacd_6_flap_at_any_moment_of_a_talk_leaves_nobody_stuck(how: str, gone_ms: int) -> None:
    """The offer is answered, they talk, and she wraps up; a second caller waits for her."""
    answer, end = 1_000, 4_000
    for at in moments(answer, end, end + WRAP_UP_MS):
        pool = alone()
        (offer,) = pool.made
        script = [(answer, OfferAccepted(offer)), (end, EngagementEnded(offer))]
        pool.give(queued(2))
        for due, event in (each for each in script if each[0] < at):
            pool.run_to(due)
            pool.give(event)
        flap(pool, how, at, gone_ms, late=False)
        if answer < at <= at + gone_ms < end:
            assert pool.engagements() == {"connected"}, f"at {at}: a talk is lost by a flap"
        for due, event in (each for each in script if each[0] >= at):
            pool.run_to(max(pool.at, due))
            pool.give(event)
        pool.run_to(pool.at + WAIT_MS + RING_MS + MISS_REST_MS)
        assert pool.engagements() == {"none"}, f"at {at}"
        assert len(pool.offers(queued(3))) == 1, f"at {at}: she is rung by nobody any more"


@pytest.mark.parametrize("answered", range(0, 21, 5))
def test_freeswitch_2540_nobody_stays_reserved_when_others_answer(answered: int) -> None:
    """Every reservation has a deadline of its own."""
    pool = Pool(20)
    made = [offer for number in range(20) for offer in pool.offers(queued(number))]
    for offer in made[:answered]:
        pool.give(OfferAccepted(offer.offer))
        pool.give(OfferAccepted(offer.offer))
    for offer in made[answered:] if answered == 10 else ():
        pool.give(ContactLeft(offer.contact))
    pool.run_to(RING_MS + WAIT_MS)
    held = [view.engagement for view in pool.router.agents()]
    assert held.count(EngagementPhase.CONNECTED) == answered
    assert held.count(EngagementPhase.RESERVED) == 0


def test_freeswitch_1973_nobody_is_shown_in_a_talk_hours_after_its_end() -> None:
    """What is shown is derived and not stored twice; and an end that is never told has a limit."""
    pool = Pool(2)
    (one,), (other,) = pool.offers(queued(1)), pool.offers(queued(2))
    pool.give(OfferAccepted(one.offer))
    pool.give(OfferAccepted(other.offer))
    pool.run_to(1_000)
    pool.give(EngagementEnded(one.offer))
    pool.run_to(1_000 + WRAP_UP_MS)
    assert pool.engagements() == {"none", "connected"}
    pool.run_to(ENGAGED_MS_MAX + WRAP_UP_MS)
    assert pool.engagements() == {"none"}
    assert [(view.waiting, view.offered) for view in pool.router.queues()] == [(0, 0)]
    assert pool.router.next_deadline() is None


@pytest.mark.parametrize("order", list(permutations((FIRST, SECOND))))
def test_asterisk_176_of_two_answers_in_one_tick_one_is_joined(order: tuple[LegId, ...]) -> None:
    """A second answer to one caller is released at once, and is no miss."""
    line = Line(2)
    line.queue_up(C1)
    line.give(DeadlineReached(), RING_MS)
    assert line.driver.calls.phase_of(C1) is Phase.ALERTING
    joined: list[BridgeLegs] = []
    released: list[LegId] = []
    for leg in order:
        line.give(LegAnswered(leg))
        joined += line.of(BridgeLegs)
        released += [each.leg for each in line.of(ReleaseLeg)]
    assert [each.legs for each in joined] == [(CALLER, SECOND)]
    assert released == [FIRST]
    line.give(LegsBridged(B1, CALLER))
    assert line.driver.calls.phase_of(C1) is Phase.CONNECTED
    held = {view.agent: view.contact for view in line.driver.router.agents()}
    assert sorted(held.values(), key=str) == [None, C1]


def test_asterisk_1557_agent_who_drops_before_the_bridge_loses_no_caller() -> None:
    """Who answered and hung up at once was no talk: the caller hears music, the next one rings."""
    line = Line(2)
    line.queue_up(C1)
    line.give(LegAnswered(FIRST), 1_000)
    line.give(LegEnded(FIRST, 16))
    assert ReleaseLeg not in map(type, line.asked)
    assert line.of(StartHoldMusic) == [StartHoldMusic(CALLER)]
    assert [each.leg for each in line.of(DialDevice)] == [SECOND]
    line.give(LegAnswered(SECOND), 500)
    line.give(LegsBridged(B2, CALLER), 5)
    assert line.driver.calls.phase_of(C1) is Phase.CONNECTED


def test_asterisk_1736_one_call_is_counted_once_however_often_it_is_told() -> None:
    """Counters are folds over what is known, not ticks of what is heard."""
    pool = Pool(1)
    (made,) = pool.offers(queued(1))
    assert pool.offers(queued(1)) == []
    for _ in range(3):
        pool.give(OfferAccepted(made.offer))
    pool.run_to(5_000)
    for _ in range(3):
        pool.give(EngagementEnded(made.offer))
    pool.run_to(60_000)
    (agent,), (queue,) = pool.router.agents(), pool.router.queues()
    assert (agent.accepted_today, agent.busy_ms_today) == (1, 5_000 + WRAP_UP_MS)
    assert (queue.waiting, queue.offered) == (0, 0)
    assert sum(pool.router.ignored.values()) == 5


@pytest.mark.parametrize("cause", [None, 0, 16, 17, 21, 31])
def test_asterisk_963_and_1660_time_out_is_told_by_our_timer(cause: int | None) -> None:
    """What a leg says of its end is a hint: that nobody answered is known by our own clock."""
    line = Line(1)
    line.queue_up(C1)
    line.give(DeadlineReached(), RING_MS)
    line.give(LegEnded(FIRST, cause), 20)
    line.give(LegEnded(CALLER, 16), 20)
    (record,) = line.records
    assert [each.result for each in record.offers] == [OfferResult.NO_ANSWER]
    assert record.outcome is Outcome.ABANDONED


ENDS = (
    LegEnded(CALLER, 16),
    LegEnded(FIRST, 0),
    CommandFailed(CALLER, "DestroyBridge", CommandFailure.GONE),
)


@pytest.mark.parametrize("order", list(permutations(ENDS)))
def test_asterisk_1124_the_end_is_told_once_whoever_is_first(
    order: tuple[LegEnded | CommandFailed, ...],
) -> None:
    """Teardown is one thing after another: what comes behind the first end changes nothing."""
    line = Line(1)
    line.queue_up(C1)
    line.give(LegAnswered(FIRST), 1_000)
    line.give(LegsBridged(B1, CALLER), 5)
    line.at += 30_000
    for event in order:
        line.give(event)
    (record,) = line.records
    by_caller = order.index(ENDS[0]) < order.index(ENDS[1])
    assert record.outcome is Outcome.SERVED
    assert record.reason == ("caller_hung_up" if by_caller else "agent_hung_up")
    assert [leg.cause for leg in record.legs] == [16, 0]
    assert line.driver.calls.live_contacts() == 0


# Every queue has a limit, and at it whoever comes has a defined answer (invariant 16).


@pytest.mark.parametrize("limit", [WaitingLimit(absolute=3), WaitingLimit(per_agent=3)])
def test_limit_of_a_queue_gives_the_next_one_back(limit: WaitingLimit) -> None:
    pool = Pool(1, limit=limit)
    told = [pool.give(queued(number)) for number in range(6)]
    assert [len(each) for each in told] == [1, 0, 0, 0, 1, 1]
    assert told[4] == [OverflowContact(ContactId("main:c4"), QUEUE, OverflowCause.FULL)]
    pool.give(ContactLeft(ContactId("main:c1")))
    assert pool.give(queued(6)) == []


def test_limit_of_the_pool_gives_the_next_one_back() -> None:
    pool = Pool(1)
    pool.give(RoutingChanged(Routing(waiting_max=2)))
    told = [pool.give(queued(number)) for number in range(4)]
    assert told[3] == [OverflowContact(ContactId("main:c3"), QUEUE, OverflowCause.OVERLOAD)]


def test_limit_of_a_node_is_congestion_and_no_silence() -> None:
    line = Line(1)
    for number in range(CONTACTS_MAX + 1):
        leg = LegId(f"main:d{number}.0")
        line.give(CallArrived(ContactId(f"main:d{number}"), leg, "10086", PartyRef("party")))
    assert line.asked == [ReleaseLeg(LegId(f"main:d{CONTACTS_MAX}.0"), ReleaseReason.CONGESTION)]
    assert line.driver.calls.live_contacts() == CONTACTS_MAX
