"""An engine that is killed amid a transfer: what it knew is there, and nobody is held for ever.

The contact is closed with its record, as every other is (``CallCore``): who talked to an agent was
served. The router gets back both agents. Legs are not touched: two who talk go on talking, and
a caller who is in no bridge is taken in as a new contact by the line to Asterisk.
"""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from engine_life import STREAM, Life, World, begun, kept_of, lived
from leaping_loop import LeapingLoop
from small_site import ANN, BOB, DATA, DESK, FREE_DESK, arrival, asked, leg, site

from ivr.call.effects import AnswerTransfer, TransferAnswer
from ivr.call.events import (
    DigitReceived,
    LegAnswered,
    LegEnded,
    LegsBridged,
    PlaybackFinished,
    TransferOrder,
    TransferRequested,
)
from ivr.call.model import BridgeId, Outcome, PlaybackId, PlaybackOutcome
from ivr.call.phases import Phase
from ivr.call.record import ContactRecord, TransferResult
from ivr.engine.by_command import AnswerCommand, CommandAnswer, ContactMoveAsked
from ivr.engine.codec import encode_state
from ivr.engine.driver import EngineEvent, SiteActivated
from ivr.engine.recover import recover
from ivr.flow.site import DeskTransfers, Site, TransferTarget
from ivr.flow.transfer_names import desk_agent_queue
from ivr.flow.transfers import agent_requirement, transfer_queue
from router.events import DeviceReachabilityChanged
from router.model import ContactId, PresenceChange, QueueId, RequestId, qualified

pytestmark = pytest.mark.unit

C1 = ContactId("c1")
CALLER, ANNS, BOBS = leg(1), leg(1, 1), leg(1, 2)
TO_ANN, TO_BOB = (QueueId(qualified(desk_agent_queue(name))) for name in ("1001", "1002"))


def with_transfers() -> Site:
    """The small site, whose agents may transfer to each other and to the queue."""
    plain = site()
    for_one = {desk_agent_queue(name): name for name in plain.agents}
    made = {
        queue: transfer_queue(queue, agent_requirement(name), 30_000)
        for queue, name in for_one.items()
    }
    targets = {"1": TransferTarget("10086/data"), "2": TransferTarget(desk_agent_queue("1002"))}
    desk = DeskTransfers(targets=targets)
    return replace(plain, queues={**plain.queues, **made}, desk_transfers=desk)


TALK: tuple[EngineEvent, ...] = (
    DeviceReachabilityChanged(DESK, True),
    DeviceReachabilityChanged(FREE_DESK, True),
    asked("r1", PresenceChange.SIGN_IN),
    asked("r2", PresenceChange.SIGN_IN, BOB, device=FREE_DESK),
    arrival(1),
    LegAnswered(CALLER),
    DigitReceived(CALLER, "1"),
    PlaybackFinished(CALLER, PlaybackId("c1.0.p1"), PlaybackOutcome.STOPPED),
    LegAnswered(ANNS),
    LegsBridged(BridgeId("c1.b1"), CALLER),
)
"""The caller talks to Ann."""


def order(which: TransferOrder, queue: QueueId | None = None) -> TransferRequested:
    return TransferRequested(RequestId(f"t-{which.value}"), ANN, which, queue)


CONSULT = order(TransferOrder.CONSULT, TO_BOB)
JOINED: tuple[EngineEvent, ...] = (CONSULT, LegAnswered(BOBS), LegsBridged(BridgeId("c1.b2"), ANNS))
WAYS: dict[str, tuple[Phase, Outcome, tuple[EngineEvent, ...]]] = {
    "seeking": (
        Phase.CONSULTING,
        Outcome.SERVED,
        (order(TransferOrder.CONSULT, DATA), LegEnded(BOBS, 17)),
    ),
    "alerting": (Phase.CONSULTING, Outcome.SERVED, (CONSULT,)),
    "joining": (Phase.CONSULTING, Outcome.SERVED, JOINED[:2]),
    "talking": (Phase.CONSULTING, Outcome.SERVED, JOINED),
    "half keyed": (Phase.CONNECTED, Outcome.SERVED, tuple(DigitReceived(ANNS, k) for k in "*21")),
    "cancelled": (Phase.JOINING, Outcome.SERVED, (*JOINED, order(TransferOrder.CANCEL))),
    "told": (Phase.JOINING, Outcome.SERVED, (CONSULT, LegEnded(BOBS, 17))),
    "completed": (Phase.JOINING, Outcome.SERVED, (*JOINED, order(TransferOrder.COMPLETE))),
    "put through": (
        Phase.CONNECTED,
        Outcome.SERVED,
        (*JOINED, order(TransferOrder.COMPLETE), LegsBridged(BridgeId("c1.b3"), CALLER)),
    ),
    "given away": (
        Phase.ALERTING,
        Outcome.PLATFORM_FAILURE,
        (order(TransferOrder.BLIND, TO_BOB),),
    ),
    "in vain": (
        Phase.WAITING,
        Outcome.PLATFORM_FAILURE,
        (asked("r3", PresenceChange.SIGN_OUT, BOB), order(TransferOrder.BLIND, TO_BOB)),
    ),
}

RESULTS: dict[str, list[TransferResult]] = {
    **{way: [TransferResult.ENDED] for way in WAYS},
    "half keyed": [],
    "cancelled": [TransferResult.CANCELLED],
    "told": [TransferResult.FAILED],
    "put through": [TransferResult.COMPLETED],
    "in vain": [TransferResult.FAILED],
}


@pytest.fixture
def world() -> Iterator[World]:
    loop = LeapingLoop()
    chosen = with_transfers()
    yield World(loop, sites={chosen.version: chosen})
    loop.close()


def begin(world: World) -> Life:
    (version,) = world.sites
    return begun(world, commits=False, version=version)


def brought_to(world: World, *events: EngineEvent) -> Life:
    life = begin(world)
    for event in (*TALK, *events):
        life.runtime.submit(event)
    life.journal.flush()
    return life


@pytest.mark.parametrize("way", WAYS)
def test_engine_killed_amid_a_transfer_is_recovered_and_frees_everybody(
    world: World, way: str
) -> None:
    phase, outcome, events = WAYS[way]

    def story() -> None:
        life = brought_to(world, *events)
        assert life.driver.calls.phase_of(C1) is phase
        before = life.state()
        life.kill()
        again = recover(kept_of(life.journal), core="core-1", sites=world.sites)
        assert encode_state(again.driver.snapshot(), at_rest=False) == before
        told = len(world.performed)
        follower = begin(world)
        assert world.performed[told:] == [], "a leg was touched"
        assert follower.driver.calls.live_contacts() == 0
        views = {view.agent: view for view in follower.driver.router.agents()}
        assert all(views[agent].contact is None for agent in (ANN, BOB))
        assert all(view.waiting == 0 for view in follower.driver.router.queues())
        follower.journal.flush()
        (record,) = records_of(world)
        assert (record.outcome, record.reason) == (outcome, "engine_restarted")
        assert record.agent == (BOB if way == "put through" else ANN)
        results = [each.result for each in record.transfers]
        assert results == RESULTS[way]
        follower.end()

    lived(world, story)


@pytest.mark.parametrize("which", [TransferOrder.COMPLETE, TransferOrder.CANCEL])
def test_agent_taken_out_of_the_site_can_still_end_her_consultation(
    world: World, which: TransferOrder
) -> None:
    (chosen,) = world.sites.values()
    later = replace(chosen, agents={"1002": chosen.agents["1002"]})

    def story() -> None:
        life = brought_to(world, *JOINED)
        world.sites[later.version] = later
        life.runtime.submit(SiteActivated(later.version))
        assert life.driver.calls.phase_of(C1) is Phase.CONSULTING
        life.runtime.submit(order(which))
        life.journal.flush()
        (ended,) = (each for each in world.answers if each.request == f"t-{which.value}")
        assert ended == AnswerTransfer(order(which).request, TransferAnswer.DONE)
        life.end()

    lived(world, story)


def test_caller_who_waits_in_the_place_of_a_consultation_is_moved_by_her_own_id(
    world: World,
) -> None:
    def story() -> None:
        life = brought_to(world, order(TransferOrder.CONSULT, DATA), LegEnded(BOBS, 17))
        life.runtime.submit(order(TransferOrder.COMPLETE))
        life.runtime.submit(ContactMoveAsked(RequestId("m1"), C1, None, 60_000, "op"))
        life.journal.flush()
        assert world.answers[-1] == AnswerCommand(RequestId("m1"), CommandAnswer.DONE)
        life.end()

    lived(world, story)


def test_keys_lead_out_of_a_consultation_when_the_site_has_no_transfers_any_more(
    world: World,
) -> None:
    (chosen,) = world.sites.values()
    later = replace(chosen, desk_transfers=None)

    def story() -> None:
        life = brought_to(world, *JOINED)
        world.sites[later.version] = later
        life.runtime.submit(SiteActivated(later.version))
        for key in "*1":
            life.runtime.submit(DigitReceived(ANNS, key))
        assert life.driver.calls.phase_of(C1) is Phase.JOINING
        life.end()

    lived(world, story)


def records_of(world: World) -> list[ContactRecord]:
    return [record for _, record in world.kept.records]


def test_answer_to_an_order_is_told_once_it_is_written_down(world: World) -> None:
    def story() -> None:
        life = begin(world)
        for event in (*TALK, CONSULT):
            life.runtime.submit(event)
        assert AnswerTransfer(CONSULT.request, TransferAnswer.DONE) not in world.answers
        life.journal.flush()
        assert world.answers[-1] == AnswerTransfer(CONSULT.request, TransferAnswer.DONE)
        assert STREAM in world.disk.rows
        life.end()

    lived(world, story)
