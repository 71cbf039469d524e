"""``CallCore.handle``: the contacts of one Asterisk node, and the only place that finds them.

It looks the contact up, asks the table whether the event means anything there, and hands it on to
``rooms``. Each contact has one deadline, all deadlines share one heap. What an agent dials on her
device is no contact and has a room of its own, ``service``.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

from ivr.call import leaving, offers, recording, rooms, shield, talk_keys
from ivr.call.closures import Closures
from ivr.call.contact import (
    ANSWER_MS_MAX,
    Contact,
    Leg,
    Milestones,
    Turn,
    enter,
    left_playing,
)
from ivr.call.effects import (
    AnswerLeg,
    AnswerTransfer,
    CallEffect,
    OccupyDevice,
    ReleaseLeg,
    TransferAnswer,
)
from ivr.call.events import (
    CallArrived,
    CallEvent,
    CallTimerFired,
    ContactMessage,
    ContactMoved,
    ContactOverflowed,
    EngineStarted,
    EngineStopping,
    HiddenKey,
    HotlineClosed,
    HotlineOpened,
    LegEvent,
    LookupAnswered,
    OfferMade,
    OfferRescinded,
    PositionAnnounced,
    PresenceAnswered,
    TransferRequested,
)
from ivr.call.late import goes_by, is_late
from ivr.call.model import LegId, LegRole, PlaybackId, ReleaseReason
from ivr.call.phases import TABLE, Phase, Verdict
from ivr.call.queue_state import Queueing, ServedBefore
from ivr.call.record import SegmentExit
from ivr.call.service import ServiceCalls, ServicePhase
from ivr.call.snapshot import CallSnapshot, Ignored, contact_restored, contact_snapshot
from ivr.call.story import Story
from ivr.call.switchboard import Switchboard, is_code, switchboard_of
from ivr.call.voice import RecordingId
from ivr.flow.by_hand import ClosedByHand
from ivr.flow.model import Hotline
from ivr.flow.site import Site
from router.deadlines import Deadlines
from router.model import ContactId, Millis, OwnCallId, QueueId

CONTACTS_MAX = 2_000
"""Contacts on one node at once; one more hears congestion at once instead of silence."""


class CallCore:
    """The contacts of one node. Whoever calls before a site is active hears that nobody is there.

    ``ignored`` counts events that came late, twice, or for nobody, by phase and event.
    """

    def __init__(self) -> None:
        self.ignored: Counter[str] = Counter()
        self._switchboard: Switchboard | None = None
        self._contacts: dict[ContactId, Contact] = {}
        self._by_leg: dict[LegId, Contact] = {}
        self._deadlines: Deadlines[ContactId] = Deadlines()
        self._services = ServiceCalls(self.ignored)
        self._closures = Closures()

    def activate(self, site: Site) -> None:
        """Let new calls meet this site; every live contact keeps the one it began with."""
        self._switchboard = switchboard_of(site)

    def handle(self, event: CallEvent, at: Millis, *, wall: int) -> Sequence[CallEffect]:
        """Take one event at engine time ``at``, UTC ``wall``; what must be done because of it."""
        board = self._switchboard
        placeless = board.placeless if board else frozenset[QueueId]()
        desk = board.desk if board else None
        turn = Turn(at, wall, closed=self._closures.names, placeless=placeless, desk=desk)
        match event:
            case CallTimerFired():
                for identifier in self._deadlines.pop_due(at):
                    self._on_deadline(self._contacts[identifier], turn)
                self._services.on_timer(turn)
            case EngineStopping():
                self._close_all(turn, SegmentExit.ENGINE_STOPPED)
            case EngineStarted():
                self._close_all(turn, SegmentExit.ENGINE_RESTARTED)
            case CallArrived():
                self._on_arrival(event, turn)
            case (
                OfferMade()
                | OfferRescinded()
                | ContactOverflowed()
                | PositionAnnounced()
                | ContactMoved()
                | LookupAnswered()
            ):
                self._on_message(event, turn)
            case PresenceAnswered():
                self._services.handle(event, turn)
            case HotlineClosed() | HotlineOpened():
                turn.emit(self._closures.take(event, self._switchboard, wall=wall))
            case TransferRequested():
                self._on_transfer(event, turn)
            case _:
                self._on_leg_event(event, turn)
        return turn.effects

    def snapshot(self) -> CallSnapshot:
        """All that later effects hang on, as a value."""
        due_order = (self._contacts[name] for name, _ in self._deadlines.in_order())
        return CallSnapshot(
            site=self._switchboard.site if self._switchboard else None,
            contacts=tuple(map(contact_snapshot, due_order)),
            services=self._services.in_due_order(),
            ignored=tuple(Ignored(what, times) for what, times in sorted(self.ignored.items())),
            closed=self._closures.all(),
        )

    @classmethod
    def restored(cls, snapshot: CallSnapshot, sites: Mapping[str, Site]) -> "CallCore":
        """The core of a snapshot; ``sites`` are, by version, all that the snapshot names."""
        core = cls()
        if snapshot.site is not None:
            core.activate(sites[snapshot.site])
        core.ignored.update({each.what: each.times for each in snapshot.ignored})
        for held in snapshot.contacts:
            contact = contact_restored(held, sites[held.site].hotlines[held.hotline])
            core._contacts[contact.id] = contact
            core._index(contact)
        core._services.adopt(snapshot.services)
        core._closures = Closures(snapshot.closed)
        return core

    def next_deadline(self) -> Millis | None:
        """When ``CallTimerFired`` is due, at the latest."""
        dues = (self._deadlines.next_due(), self._services.next_deadline())
        return min((due for due in dues if due is not None), default=None)

    def phase_of(self, contact: ContactId) -> Phase | None:
        """What this contact is doing; None when it has ended or never was."""
        held = self._contacts.get(contact)
        return held.phase if held else None

    def place_of(self, contact: ContactId) -> ContactId:
        """What the router knows this contact by: another name if it took a consultation's place."""
        held = self._contacts.get(contact)
        return held.place if held else contact

    def service_phase_of(self, leg: LegId) -> ServicePhase | None:
        """What the service call of this leg is doing; None when it is over or is none."""
        return self._services.phase_of(leg)

    def live_contacts(self) -> int:
        """How many contacts have not ended."""
        return len(self._contacts)

    def left_playing(self) -> tuple[PlaybackId, ...]:
        """What an engine that is killed now may leave playing, contacts and services.

        An engine that goes on from a journal asks before ``EngineStarted``: what its predecessor
        plays is played on by Asterisk, and only here are its ids known. Some were never begun.
        """
        spoken = map(left_playing, self._contacts.values())
        return (*chain.from_iterable(spoken), *self._services.left_playing())

    def left_recording(self) -> tuple[RecordingId, ...]:
        """What an engine that is killed now may leave being recorded; asked like the above."""
        return tuple(chain.from_iterable(map(recording.left_recording, self._contacts.values())))

    def closed_by_hand(self) -> tuple[ClosedByHand, ...]:
        """Every hotline that is closed by hand."""
        return self._closures.all()

    def live_service_calls(self) -> int:
        """How many service calls are not over."""
        return len(self._services)

    def _on_arrival(self, arrived: CallArrived, turn: Turn) -> None:
        known = arrived.leg in self._by_leg or arrived.leg in self._services
        if known or arrived.contact in self._contacts:
            self.ignored["known/CallArrived"] += 1
            return
        board = self._switchboard
        hotline = board.hotline(arrived.dialled) if board else None
        if board is not None and hotline is not None:
            self._begin(arrived, hotline, board.site, turn)
        elif board is not None and arrived.device is not None and is_code(arrived.dialled):
            self._services.begin(arrived, arrived.device, board, turn)
        else:
            turn.emit(ReleaseLeg(arrived.leg, ReleaseReason.UNKNOWN_NUMBER))

    def _begin(self, arrived: CallArrived, hotline: Hotline, site: str, turn: Turn) -> None:
        if len(self._contacts) >= CONTACTS_MAX:
            turn.emit(ReleaseLeg(arrived.leg, ReleaseReason.CONGESTION))
            return
        contact = Contact(
            id=arrived.contact,
            site=site,
            hotline=hotline,
            dialled=arrived.dialled,
            caller=arrived.caller,
            caller_leg=arrived.leg,
            milestones=Milestones(arrived_at=turn.at),
            story=Story(since=turn.at),
            occupied=arrived.device,
            legs={arrived.leg: Leg(LegRole.CALLER, arrived.device, turn.at)},
            caller_known=arrived.caller_known,
            queueing=Queueing(served_before=_served_before(arrived)),
        )
        if arrived.taken_in:
            shield.take_in(contact, turn)
        self._contacts[contact.id] = contact
        enter(contact, Phase.ANSWERING, at=turn.at, for_ms=ANSWER_MS_MAX)
        if arrived.device is not None:
            turn.emit(OccupyDevice(arrived.device, OwnCallId(arrived.leg)))
        turn.emit(AnswerLeg(arrived.leg))
        self._settle(contact, turn)

    def _on_message(self, message: ContactMessage | LookupAnswered, turn: Turn) -> None:
        contact = self._named(message.contact)
        if contact is None or not goes_by(contact, message):
            self.ignored[f"absent/{type(message).__name__}"] += 1
            if isinstance(message, OfferMade):
                offers.on_offer_too_late(turn, message)
            elif isinstance(message, OfferRescinded):
                offers.on_rescinded_too_late(turn, message)
        elif self._means_something(contact, message):
            self._note_ignored(rooms.on_message(contact, turn, message))
            self._settle(contact, turn)

    def _named(self, name: ContactId) -> Contact | None:
        """The contact of this name; a consultation has its own, made from it."""
        return self._contacts.get(name) or self._contacts.get(ContactId(name.rpartition(".")[0]))

    def _on_transfer(self, asked: TransferRequested, turn: Turn) -> None:
        board = self._switchboard
        talks = [each for each in self._contacts.values() if talk_keys.is_with(each, asked.agent)]
        contact = min(talks, key=lambda each: each.id, default=None)
        # Who was taken out of the site still has her caller, and must be able to let go of her.
        if board is None or (contact is None and asked.agent not in board.agents):
            answer = TransferAnswer.UNKNOWN_AGENT
        elif contact is None:
            answer = TransferAnswer.NOT_TALKING
        elif asked.queue is not None and asked.queue not in board.queues:
            answer = TransferAnswer.NO_SUCH_TARGET
        else:
            answer = talk_keys.carry_out(contact, turn, asked.order, asked.queue)
            self._settle(contact, turn)
        turn.emit(AnswerTransfer(asked.request, answer))

    def _on_leg_event(self, event: LegEvent | HiddenKey, turn: Turn) -> None:
        contact = self._by_leg.get(event.leg)
        if event.leg in self._services and not isinstance(event, HiddenKey):
            self._services.handle(event, turn)
        elif contact is None:
            self.ignored[f"absent/{type(event).__name__}"] += 1
        elif self._means_something(contact, event):
            self._note_ignored(rooms.on_leg_event(contact, turn, event))
            self._forget_gone(contact, (event.leg,))
            self._settle(contact, turn)

    def _on_deadline(self, contact: Contact, turn: Turn) -> None:
        legs = tuple(contact.legs)
        rooms.on_deadline(contact, turn)
        self._forget_gone(contact, legs)
        self._settle(contact, turn)

    def _note_ignored(self, ignored: str | None) -> None:
        if ignored is not None:
            self.ignored[ignored] += 1

    def _forget_gone(self, contact: Contact, legs: Iterable[LegId]) -> None:
        for leg in legs:
            if leg not in contact.legs:
                self._by_leg.pop(leg, None)

    def _close_all(self, turn: Turn, exit: SegmentExit) -> None:
        """One record for each contact, also for those that outlive an engine; the router is told.

        No leg is touched: two who talk go on talking, and who waits is taken in by the next
        engine as a new contact.
        """
        for identifier, _ in self._deadlines.in_order():
            leaving.close_unfinished(self._contacts[identifier], turn, exit)
            self._deadlines.clear(identifier)
        self._contacts.clear()
        self._by_leg.clear()
        self._services.close_all(turn)

    def _means_something(
        self, contact: Contact, event: LegEvent | HiddenKey | ContactMessage | LookupAnswered
    ) -> bool:
        if TABLE[contact.phase, type(event)] is Verdict.IGNORE:
            self.ignored[f"{contact.phase.value}/{type(event).__name__}"] += 1
            return False
        if is_late(contact, event):
            self.ignored[f"{contact.phase.value}/late {type(event).__name__}"] += 1
            return False
        return True

    def _settle(self, contact: Contact, turn: Turn) -> None:
        """After every event: index new legs, hold the deadline, close who has left."""
        if contact.phase is Phase.LEAVING and not contact.legs:
            leaving.write_record(contact, turn)
            del self._contacts[contact.id]
            self._deadlines.clear(contact.id)
            return
        self._index(contact)

    def _index(self, contact: Contact) -> None:
        for leg in contact.legs:
            self._by_leg[leg] = contact
        self._deadlines.set(contact.id, contact.due)


def _served_before(arrived: CallArrived) -> ServedBefore | None:
    agent, ago_ms = arrived.last_agent, arrived.last_agent_ago_ms
    return None if agent is None or ago_ms is None else ServedBefore(agent, ago_ms)
