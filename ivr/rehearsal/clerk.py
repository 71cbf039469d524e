"""Writes the transcript: what of all that the cores say and do concerns the caller."""

from ivr.call.announcing import minutes_of
from ivr.call.effects import (
    DialDevice,
    DialOutside,
    FailOffer,
    KeepVoiceMessage,
    PlayPrompts,
    PromiseCallback,
    QueueContact,
    ReleaseLeg,
    RequestLookup,
    StartRecording,
    StopPlayback,
    TelephonyEffect,
    WithdrawContact,
)
from ivr.call.events import (
    ContactMoved,
    ContactOverflowed,
    LegEnded,
    LegsBridged,
    LookupAnswered,
    OfferMade,
    OfferRescinded,
    PositionAnnounced,
)
from ivr.call.model import LegId
from ivr.engine.driver import EngineEvent, Message
from ivr.rehearsal.recordings import message_left
from ivr.rehearsal.transcript import (
    Beeps,
    Dialled,
    GivenUp,
    Heard,
    HungUp,
    LeavesQueue,
    LookedUp,
    OrderMade,
    Party,
    PhoneRings,
    PhoneStops,
    PositionSaid,
    RingsOutside,
    Speaks,
    Talks,
    TalksOutside,
    TextSent,
    Transcript,
    Waits,
)
from router.model import ContactId, Millis, OfferId, local_name


class Clerk:
    """Follows one contact. ``ringing`` and ``talking`` name the expert, where there is one."""

    def __init__(self, transcript: Transcript, contact: ContactId) -> None:
        self.ringing: str | None = None
        self.talking: str | None = None
        self.shown = ""
        """What the expert's phone showed last."""
        self.outside: LegId | None = None
        """The leg of who was called outside last."""
        self.recording_fails = False
        """Whether nothing can be recorded."""
        self._called_outside = ""
        self._queue = ""
        self._transcript = transcript
        self._lines = transcript.lines
        self._contact = contact
        self._leg = LegId(f"{contact}.0")
        self._offer: OfferId | None = None
        self._position: PositionAnnounced | None = None
        self._priority_ms: Millis = 0
        self._playing: dict[str, Heard] = {}
        self._ends_call = Party.HOTLINE
        self._is_over = False
        self._asked: RequestLookup | None = None
        self._why_unusable = ""

    def dialled(self, at: Millis, number: str) -> None:
        """The call begins."""
        self._transcript.began_at = at
        self._lines.append(Dialled(at, number))

    def caller_hung_up(self, at: Millis) -> None:
        """The caller ended the call."""
        self._end(at, Party.CALLER)

    def outside_hung_up(self) -> None:
        """Who was called outside left the talk, and that ends the call."""
        self._ends_call = Party.OUTSIDE

    def expert_hung_up(self) -> None:
        """The expert left the talk; whether that ends the call is the hotline's matter."""
        self._ends_call = Party.EXPERT

    def event(self, at: Millis, event: EngineEvent) -> None:
        """This entered the engine."""
        match event:
            case LegsBridged(leg=leg) if leg == self._leg and self.ringing is not None:
                self.talking, self.ringing = self.ringing, None
                self._lines.append(Talks(at, self.talking))
            case LegsBridged(leg=leg) if leg == self._leg and self._called_outside:
                self._lines.append(TalksOutside(at, self._called_outside))
            case LegEnded(leg=leg) if leg == self._leg:
                self._cut(at)
            case LookupAnswered() if not self._is_over:
                self._answered(at, event)
            case _:
                pass

    def asked(self, request: RequestLookup, *, why_unusable: str = "") -> None:
        """Another system is asked for this caller, and perhaps answers what can not be used."""
        if request.contact == self._contact:
            self._asked, self._why_unusable = request, why_unusable

    def message(self, at: Millis, message: Message) -> None:
        """One core said this to the other."""
        match message:
            case QueueContact(contact, queue, priority_ms) if contact == self._contact:
                self._queue, self._priority_ms = local_name(queue), priority_ms
                self._lines.append(Waits(at, self._queue, priority_ms))
            case ContactMoved(contact, queue) if contact == self._contact:
                self._queue = local_name(queue)
                self._lines.append(Waits(at, self._queue, self._priority_ms))
            case WithdrawContact(contact) if contact == self._contact and not self._is_over:
                self._lines.append(LeavesQueue(at, self._queue))
            case ContactOverflowed(contact, queue, cause) if contact == self._contact:
                self._lines.append(GivenUp(at, local_name(queue), cause.value))
            case PositionAnnounced(contact) if contact == self._contact:
                self._position = message
            case OfferMade(offer, contact, agent) if contact == self._contact:
                self._offer, self.ringing = offer, local_name(agent)
                self.talking, self._ends_call = None, Party.HOTLINE
                self._called_outside = ""
            case OfferRescinded(contact=contact) if contact == self._contact:
                self._stop_ringing(at)
            case FailOffer(offer) if offer == self._offer:
                self._stop_ringing(at)
            case _:
                pass

    def effect(self, at: Millis, effect: TelephonyEffect, ends: tuple[Millis, ...]) -> None:
        """This was asked of the exchange; ``ends`` is when each prompt of a playback is over."""
        match effect:
            case PlayPrompts(leg, playback, prompts, language) if leg == self._leg:
                told, self._position = self._position, None
                if told is not None:
                    minutes = minutes_of(told)
                    said = PositionSaid(at, told.position, prompts, language, minutes)
                    self._lines.append(said)
                    return
                heard = Heard(at, prompts, language, ends)
                self._playing[playback] = heard
                self._lines.append(heard)
            case DialDevice(contact=contact, context=shown) if contact == self._contact:
                self.shown = shown
                self._lines.append(PhoneRings(at, self.ringing or "", shown))
            case DialOutside(leg, to, contact) if contact == self._contact:
                self.outside, self._called_outside = leg, to
                self._lines.append(RingsOutside(at, to))
            case StartRecording(leg) if leg == self._leg:
                self._lines.append(Beeps(at, failed=self.recording_fails))
            case StopPlayback(playback=playback) if playback in self._playing:
                self._cut(at)
            case ReleaseLeg(leg) if leg == self._leg:
                self._end(at, self._ends_call)
            case _:
                pass

    def promised(self, at: Millis, promise: PromiseCallback) -> None:
        """A work order was opened."""
        self._lines.append(OrderMade(at, promise.topic, promise.skill, promise.within_ms))

    def speaks(self, at: Millis, for_ms: Millis) -> None:
        """The caller speaks into a recording."""
        self._lines.append(Speaks(at, for_ms))

    def left_message(self, at: Millis, kept: KeepVoiceMessage) -> None:
        """A message was kept."""
        self._lines.append(message_left(kept, at))

    def texted(self, sent: TextSent) -> None:
        """A text was sent."""
        self._lines.append(sent)

    def _end(self, at: Millis, by: Party) -> None:
        if not self._is_over:
            self._is_over = True
            self._lines.append(HungUp(at, by))

    def _answered(self, at: Millis, answered: LookupAnswered) -> None:
        asked = self._asked
        if asked is not None and asked.lookup == answered.lookup:
            names = (each.name for each in asked.wants)
            said = tuple(zip(names, answered.values, strict=False))
            why, outcome = self._why_unusable, answered.outcome.value
            self._lines.append(LookedUp(at, asked.service, outcome, said, why))

    def _stop_ringing(self, at: Millis) -> None:
        if self.ringing is not None:
            self._lines.append(PhoneStops(at, self.ringing))
        self.ringing = self._offer = None

    def _cut(self, at: Millis) -> None:
        for heard in self._playing.values():
            if heard.cut_at is None and heard.ends and heard.ends[-1] > at:
                heard.cut_at = at
        self._playing.clear()
