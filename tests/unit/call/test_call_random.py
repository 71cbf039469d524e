"""Any events in any order: one whole record for each contact, and a restart that nobody notices."""

import random
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TypeVar

import msgspec
import pytest
from call_node import (
    ANN,
    BILL,
    BOB,
    DATA,
    DESK,
    EXPERTS,
    PARTY,
    RING_MS,
    TO_BOB,
    WALL_MS,
    hotline,
    site,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.call.core import CallCore
from ivr.call.effects import CallEffect, OccupyDevice, VacateDevice, WriteRecord
from ivr.call.events import (
    CallArrived,
    CallEvent,
    CallTimerFired,
    CommandFailed,
    ContactMoved,
    ContactOverflowed,
    DigitReceived,
    EngineStarted,
    EngineStopping,
    LegAnswered,
    LegEnded,
    LegsBridged,
    LookupAnswered,
    OfferMade,
    OfferRescinded,
    PlaybackFinished,
    PositionAnnounced,
    PresenceAnswered,
    RecordingFinished,
    TransferOrder,
    TransferRequested,
)
from ivr.call.model import (
    BridgeId,
    CommandFailure,
    LegId,
    LegRole,
    LookupId,
    Outcome,
    PlaybackId,
    PlaybackOutcome,
)
from ivr.call.phases import Phase
from ivr.call.record import (
    TRANSFERS_MAX,
    ContactRecord,
    Doing,
    OfferRecord,
    OfferResult,
    SegmentExit,
    TransferKind,
    TransferResult,
)
from ivr.call.snapshot import CallSnapshot, ContactSnapshot
from ivr.call.transfer_state import Stage
from ivr.call.voice import RecordingId, RecordingOutcome
from ivr.flow.services import LookupOutcome
from router.model import (
    ContactId,
    DeviceId,
    OfferId,
    OverflowCause,
    OwnCallId,
    PresenceAnswer,
    QueueId,
    RequestId,
    RescindReason,
)

pytestmark = pytest.mark.property

STEPS = 150
SITES = {each.version: each for each in (site(), site(hotline(menu_barge_in=False)))}
DIALLED = ("10086", "10086", "10086", "10086", "*11", "*12", "*131", "*139", "nobody")
CAUSES = tuple(OverflowCause)
COMMANDS = ("AnswerLeg", "BridgeLegs", "DialDevice", "DialOutside", "PlayPrompts", "ReleaseLeg")
WITH_AGENTS = (Phase.JOINING, Phase.CONNECTED, Phase.CONSULTING)
ORDERS = ("*21#", "*22#", "*2101#", "*31#", "*32#", "*3102#", "*4", "*1", "*29#", "*5")
_COME_TO = (TransferResult.COMPLETED, TransferResult.FAILED)
REACHED = {(kind, result) for kind in TransferKind for result in _COME_TO}
RESTART_EVERY_MAX = 9

T = TypeVar("T")


@dataclass
class Told:
    """What the core asked for so far, checked as it comes."""

    records: dict[ContactId, ContactRecord] = field(default_factory=dict[ContactId, ContactRecord])
    occupied: set[tuple[DeviceId, OwnCallId]] = field(
        default_factory=set[tuple[DeviceId, OwnCallId]]
    )
    vacated: int = 0

    def note(self, effect: CallEffect) -> None:
        match effect:
            case WriteRecord(record):
                assert record.contact not in self.records, "two records"
                self.records[record.contact] = record
            case OccupyDevice(device, call):
                assert (device, call) not in self.occupied, "occupied twice"
                self.occupied.add((device, call))
            case VacateDevice(device, call):
                self.occupied.remove((device, call))
                self.vacated += 1
            case _:
                pass


class Chaos:
    """A core, its twin that is restarted now and then, and events of which most make sense."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.core, self.twin = CallCore(), CallCore()
        self.every = self.chance.randint(1, RESTART_EVERY_MAX)
        self.at = 1_000
        self.arrived: set[ContactId] = set()
        self.offers = 0
        self.steps = 0
        self.told = Told()
        self.phases: set[Phase] = set()
        self.activate()

    def activate(self) -> None:
        chosen = self.chance.choice(list(SITES.values()))
        self.core.activate(chosen)
        self.twin.activate(chosen)

    def step(self) -> None:
        if self.chance.random() < 0.02:
            self.activate()
        self.at += self.chance.choice((0, 0, 1, 40, 700, 3_000, 9_000))
        due = self.core.next_deadline()
        if due is not None and due <= self.at:
            self.give(CallTimerFired())
        self.give(self.event(self.core.snapshot()))

    def give(self, event: CallEvent) -> None:
        self.steps += 1
        if self.steps % self.every == 0:
            self.restart_twin()
        effects = list(self.core.handle(event, self.at, wall=WALL_MS + self.at))
        again = list(self.twin.handle(event, self.at, wall=WALL_MS + self.at))
        assert again == effects, f"the twin differs on {event}"
        assert self.twin.next_deadline() == self.core.next_deadline()
        for effect in effects:
            self.told.note(effect)
        live = self.core.live_contacts() + self.core.live_service_calls()
        assert (self.core.next_deadline() is None) == (live == 0), "stranded, or haunted"

    def restart_twin(self) -> None:
        before = self.twin.snapshot()
        read = msgspec.json.decode(msgspec.json.encode(before), type=CallSnapshot)
        assert read == before
        self.twin = CallCore.restored(read, SITES)
        assert self.twin.snapshot() == before == self.core.snapshot()

    def drain(self) -> None:
        """Nothing comes any more but time."""
        while (due := self.core.next_deadline()) is not None:
            self.at = max(self.at, due)
            self.give(CallTimerFired())

    # What happens

    def event(self, seen: CallSnapshot) -> CallEvent:
        chance = self.chance.random()
        if chance < 0.004:
            return self.pick((EngineStarted(), EngineStopping()))
        if chance < 0.08 or not (seen.contacts or seen.services):
            return self.arrival()
        if seen.services and chance < 0.16:
            return self.service_event(self.pick(seen.services).leg)
        if not seen.contacts:
            return self.arrival()
        # With agents things are most likely to go wrong, and they come there late.
        with_agents = tuple(each for each in seen.contacts if each.phase in WITH_AGENTS)
        some = with_agents if with_agents and self.chance.random() < 0.5 else seen.contacts
        held = self.pick(some)
        self.phases.add(held.phase)
        if chance < (0.85 if held.phase in WITH_AGENTS else 0.7):
            return self.likely(held)
        return self.unlikely(held)

    def pick(self, choices: tuple[T, ...]) -> T:
        return self.chance.choice(choices)

    def arrival(self) -> CallEvent:
        contact = ContactId(f"main:c{len(self.arrived) + 1}")
        device = self.pick((None, None, DESK, DeviceId("main:other")))
        dialled = self.pick(DIALLED)
        if dialled == "10086":
            self.arrived.add(contact)
        else:
            contact = ContactId(f"main:s{self.steps}")
        return CallArrived(contact, LegId(f"{contact}.0"), dialled, PARTY, device)

    def service_event(self, leg: LegId) -> CallEvent:
        return self.pick(
            (
                LegAnswered(leg),
                LegEnded(leg, 16),
                DigitReceived(leg, "1"),
                PlaybackFinished(leg, PlaybackId(f"{leg}.p1"), PlaybackOutcome.PLAYED),
                CommandFailed(leg, "AnswerLeg", CommandFailure.REFUSED),
                PresenceAnswered(RequestId(leg), self.pick(tuple(PresenceAnswer)), ANN, None),
            )
        )

    def likely(self, held: ContactSnapshot) -> CallEvent:
        """What such a contact is waiting for."""
        caller = held.caller_leg
        outcome = self.pick(tuple(PlaybackOutcome))
        match held.phase:
            case _ if held.beside is not None and self.chance.random() < 0.3:
                return self.of_the_queue(held)
            case _ if held.playbacks:
                return PlaybackFinished(caller, self.pick(held.playbacks), outcome)
            case Phase.ANSWERING:
                return LegAnswered(caller)
            case Phase.SPEAKING | Phase.LISTENING:
                return DigitReceived(
                    caller, self.pick(("1", "2", "1", "2", "4", "5", "7", "8", "9", "0"))
                )
            case Phase.RECORDING | Phase.LOOKING_UP:
                return self.what_comes_back(held)
            case Phase.WAITING if self.chance.random() < 0.3:
                return DigitReceived(caller, self.pick(tuple("45678912")))
            case Phase.WAITING:
                return self.of_the_queue(held)
            case Phase.CALLING_OUTSIDE if held.outside is not None:
                return self.of_the_outside(held, held.outside.leg)
            case _:
                return self.of_an_agent(held)

    def of_an_agent(self, held: ContactSnapshot) -> CallEvent:
        """What comes of or by an agent; of one who leaves, what ends it."""
        match held.phase:
            case Phase.CONNECTED if self.chance.random() < 0.6:
                return self.of_the_desk(held)
            case Phase.CONSULTING if self.chance.random() < 0.15:
                return self.of_the_desk(held)
            case Phase.CONSULTING:
                return self.of_the_consultation(held)
            case Phase.ALERTING | Phase.JOINING | Phase.CONNECTED if held.offered is not None:
                return self.of_the_offer(held, held.offered.offer, held.offered.leg)
            case _:
                leg = self.pick(held.legs).id if held.legs else held.caller_leg
                return LegEnded(leg, 16)

    def of_the_queue(self, held: ContactSnapshot) -> CallEvent:
        queue = held.queue or QueueId("main:data")
        if held.stay is not None and self.chance.random() < 0.8:
            queue = held.stay.queue
        self.offers += 1
        agent, name = self.pick((ANN, BOB)), held.routed or held.id
        offer = OfferMade(OfferId(f"o{self.offers}"), name, agent, DESK, RING_MS)
        overflow = ContactOverflowed(name, queue, self.pick(CAUSES))
        position = PositionAnnounced(name, queue, self.chance.randrange(102))
        moved = ContactMoved(name, QueueId(self.pick(("main:data", "main:bill"))))
        return self.pick((offer, offer, overflow, position, position, moved))

    def of_the_desk(self, held: ContactSnapshot) -> CallEvent:
        """An order by keys, one after another as they are due, or from outside."""
        assert held.offered is not None
        order, agent = self.pick(tuple(TransferOrder)), held.offered.agent
        queue = self.pick((DATA, BILL, EXPERTS, TO_BOB, QueueId("main:none"), None))
        if self.chance.random() < 0.5:
            return TransferRequested(RequestId(f"r{self.steps}"), agent, order, queue)
        so_far = "" if held.typed is None else held.typed.keys
        wanted = [each for each in ORDERS if each.startswith(so_far) and len(each) > len(so_far)]
        key = self.chance.choice(wanted)[len(so_far)] if wanted else "*"
        return DigitReceived(held.offered.leg, key)

    def of_the_consultation(self, held: ContactSnapshot) -> CallEvent:
        asked, by = held.consultation, held.offered
        assert asked is not None and by is not None  # noqa: PT018 - one thing: it consults
        self.offers += 1
        made, agent = OfferId(f"o{self.offers}"), self.pick((ANN, BOB))
        offer = OfferMade(made, asked.name, agent, DESK, RING_MS)
        overflow = ContactOverflowed(asked.name, asked.queue, self.pick(CAUSES))
        moved = ContactMoved(asked.name, self.pick((BILL, EXPERTS)))
        if asked.offered is None:
            return self.pick((*[offer] * 6, overflow, moved))
        rung = asked.offered
        answered, gone = LegAnswered(rung.leg), LegEnded(rung.leg, self.pick((None, 16, 17, 19)))
        bridged = LegsBridged(held.bridge or BridgeId("none"), by.leg)
        taken = OfferRescinded(rung.offer, asked.name, self.pick(tuple(RescindReason)))
        unjoined = CommandFailed(by.leg, "BridgeLegs", CommandFailure.REFUSED)
        by_gone = LegEnded(self.pick((by.leg, by.leg, held.caller_leg)), 16)
        match asked.stage:
            case Stage.ALERTING:
                return self.pick((*[answered] * 8, gone, taken, by_gone))
            case Stage.JOINING:
                return self.pick((*[bridged] * 8, gone, unjoined, by_gone))
            case _:
                request, how = RequestId(f"r{self.steps}"), TransferOrder
                complete = TransferRequested(request, by.agent, how.COMPLETE)
                cancel = TransferRequested(request, by.agent, how.CANCEL)
                return self.pick((gone, by_gone, offer, complete, complete, cancel, cancel))

    def what_comes_back(self, held: ContactSnapshot) -> CallEvent:
        if held.recording is not None:
            outcome, is_ending = self.pick(tuple(RecordingOutcome)), self.chance.random() < 0.2
            recording = held.recording.id
            return RecordingFinished(held.caller_leg, recording, outcome, 900, is_ending)
        assert held.lookup is not None
        return LookupAnswered(held.id, held.lookup.id, self.pick(tuple(LookupOutcome)))

    def of_the_outside(self, held: ContactSnapshot, leg: LegId) -> CallEvent:
        if held.bridge is not None:
            return self.pick((LegsBridged(held.bridge, held.caller_leg), LegEnded(leg, 16)))
        gone = LegEnded(leg, self.pick((None, 16, 17, 19, 20)))
        return self.pick((LegAnswered(leg), LegAnswered(leg), gone))

    def of_the_offer(self, held: ContactSnapshot, offer: OfferId, leg: LegId) -> CallEvent:
        bridged = LegsBridged(held.bridge or BridgeId("none"), held.caller_leg)
        gone = LegEnded(leg, self.pick((None, 16, 17, 19, 20)))
        ringing = self.not_of_the_talk(held, offer)
        taken = OfferRescinded(ringing, held.id, self.pick(tuple(RescindReason)))
        wanted = bridged if held.phase is Phase.JOINING else LegAnswered(leg)
        return self.pick((wanted, wanted, wanted, gone, taken))

    def not_of_the_talk(self, held: ContactSnapshot, offer: OfferId) -> OfferId:
        """No talk is taken back here: its caller would go on in the flow as if she had had none."""
        by = held.offered if held.phase is Phase.CONNECTED else None
        return OfferId("none") if by is not None and by.offer == offer else offer

    def unlikely(self, held: ContactSnapshot) -> CallEvent:
        """Late, doubled, of somebody else, or a hang-up."""
        leg = LegId(f"{held.id}.{self.chance.randrange(held.legs_made + 1)}")
        playback = PlaybackId(f"{held.caller_leg}.p{self.chance.randrange(1, 9)}")
        offer = OfferId(f"o{self.chance.randrange(self.offers + 1)}")
        queue = QueueId(self.pick(("main:data", "main:bill")))
        return self.pick(
            (
                CallArrived(held.id, held.caller_leg, held.dialled, PARTY),
                LegAnswered(leg),
                LegEnded(leg, 16),
                DigitReceived(leg, self.pick(("0", "1", "2", "#"))),
                PlaybackFinished(leg, playback, PlaybackOutcome.STOPPED),
                LegsBridged(BridgeId(f"{held.id}.b{self.chance.randrange(1, 4)}"), held.caller_leg),
                CommandFailed(leg, self.pick(COMMANDS), self.pick(tuple(CommandFailure))),
                OfferMade(offer, held.id, ANN, DESK, RING_MS),
                OfferRescinded(self.not_of_the_talk(held, offer), held.id, RescindReason.TIMED_OUT),
                ContactOverflowed(held.id, queue, self.pick(CAUSES)),
                PositionAnnounced(held.id, queue, 2, self.pick((None, 0, 90_000, 9_000_000))),
                ContactMoved(held.id, queue),
                RecordingFinished(
                    held.caller_leg,
                    RecordingId(f"{held.id}.r{self.chance.randrange(1, held.recordings_made + 2)}"),
                    self.pick(tuple(RecordingOutcome)),
                    900,
                    leg_is_ending=self.chance.random() < 0.5,
                ),
                LookupAnswered(
                    held.id,
                    LookupId(f"{held.id}.l{self.chance.randrange(1, held.lookups_made + 2)}"),
                    self.pick(tuple(LookupOutcome)),
                ),
            )
        )


def check_intervals(record: ContactRecord) -> None:
    """Disjoint, in order, each of some length, and together the whole time."""
    ends = record.arrived_at
    for each in record.intervals:
        assert each.began_at == ends < each.ended_at
        ends = each.ended_at
    assert ends == record.ended_at
    doings = [each.what for each in record.intervals]
    assert all(one is not other for one, other in pairwise(doings)), "one told as two"
    spent = sum(each.ended_at - each.began_at for each in record.intervals)
    assert spent == record.ended_at - record.arrived_at


def check_queues(record: ContactRecord) -> None:
    left_at = record.arrived_at
    for segment in record.segments:
        assert left_at <= segment.entered_at <= segment.left_at <= record.ended_at
        assert segment.wait_ms == segment.left_at - segment.entered_at
        left_at = segment.left_at
    answered = [each for each in record.segments if each.exit is SegmentExit.ANSWERED]
    talked = [each for each in record.offers if each.result is OfferResult.CONNECTED]
    assert (record.agent is not None) == (record.connected_at is not None) == bool(talked)
    assert len(answered) == len(talked)
    assert len(answered) <= 1 or record.transfers
    if talked:
        assert record.agent == max(talked, key=lambda each: each.ended_at).agent
    if record.queued_at is None:
        assert (record.segments, record.wait_ms) == ((), None)
    else:
        waited_till = (answered or record.segments[-1:])[0].left_at
        assert record.wait_ms == waited_till - record.queued_at


def check_offers(record: ContactRecord) -> None:
    agents_legs = [each for each in record.legs if each.role is LegRole.AGENT]
    assert record.offers_made == len(record.offers) == len(agents_legs)
    for offer in record.offers:
        answered_at = offer.made_at if offer.answered_at is None else offer.answered_at
        assert record.arrived_at <= offer.made_at <= answered_at
        assert answered_at <= offer.ended_at <= record.ended_at
        beside = [each for each in record.offers if is_within(offer.made_at, each)]
        assert len(beside) <= 1, "more than one agent, and one who is asked"
        # Or her line died at once.
        talked = (OfferResult.CONNECTED, OfferResult.FAILED)
        assert all(each.result in talked for each in beside)
        assert not beside or record.transfers
        assert offer.result is not OfferResult.CONSULTED or record.transfers
    for leg in record.legs:
        assert leg.ended_at is None or leg.began_at <= leg.ended_at <= record.ended_at
    assert len({leg.leg for leg in record.legs}) == len(record.legs)


def is_within(at: int, offer: OfferRecord) -> bool:
    return offer.made_at < at < offer.ended_at


def check_transfer(record: ContactRecord) -> None:
    transferred = record.outcome is Outcome.TRANSFERRED
    assert transferred == (record.transferred_to is not None)
    assert not (transferred and record.agent is not None) or record.transfers
    assert len(record.transfers) <= TRANSFERS_MAX
    over_at = record.arrived_at
    for each in record.transfers:
        assert record.arrived_at <= each.asked_at <= each.over_at <= record.ended_at
        assert over_at <= each.over_at
        over_at = each.over_at
    on_hold = any(each.what is Doing.ON_HOLD for each in record.intervals)  # By an agent's keys.
    assert not on_hold or any(offer.answered_at is not None for offer in record.offers)


@settings(max_examples=60)
@given(seed=st.integers(0, 2**32))
def test_any_order_of_events_leaves_one_whole_record_each(seed: int) -> None:
    chaos = Chaos(seed)
    for _ in range(STEPS):
        chaos.step()
    chaos.drain()
    told = chaos.told
    assert told.records.keys() == chaos.arrived
    assert told.occupied == set()
    for record in told.records.values():
        assert msgspec.json.decode(msgspec.json.encode(record), type=ContactRecord) == record
        assert record.nodes == tuple(visit.node for visit in record.visits)
        check_intervals(record)
        check_queues(record)
        check_offers(record)
        check_transfer(record)


def test_chaos_reaches_everything_worth_checking() -> None:
    """Else the property would hold of nothing: these seeds meet every phase, exit and result."""
    phases: set[Phase] = set()
    exits: set[SegmentExit] = set()
    results: set[OfferResult] = set()
    outcomes: set[Outcome] = set()
    transfers: set[tuple[TransferKind, TransferResult]] = set()
    vacated = 0
    for seed in range(60, 100):
        chaos = Chaos(seed)
        for _ in range(STEPS):
            chaos.step()
        chaos.drain()
        phases |= chaos.phases
        vacated += chaos.told.vacated
        for record in chaos.told.records.values():
            exits |= {each.exit for each in record.segments}
            results |= {each.result for each in record.offers}
            outcomes.add(record.outcome)
            transfers |= {(each.kind, each.result) for each in record.transfers}
    assert phases == set(Phase)
    assert exits == set(SegmentExit)
    assert results == set(OfferResult)
    assert {Outcome.TRANSFERRED, Outcome.VOICE_MESSAGE} <= outcomes
    assert transfers >= REACHED
    assert vacated > 0
