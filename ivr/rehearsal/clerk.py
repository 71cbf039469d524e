"""Writes the transcript: what of all that the cores say and do concerns the caller."""

from ivr.call.effects import (
    FailOffer,
    PlayPrompts,
    PromiseCallback,
    QueueContact,
    ReleaseLeg,
    StopPlayback,
    TelephonyEffect,
)
from ivr.call.events import (
    ContactOverflowed,
    LegEnded,
    LegsBridged,
    OfferMade,
    OfferRescinded,
    PositionAnnounced,
)
from ivr.call.model import LegId
from ivr.engine.driver import EngineEvent, Message
from ivr.rehearsal.transcript import (
    Dialled,
    GivenUp,
    Heard,
    HungUp,
    OrderMade,
    Party,
    PhoneRings,
    PhoneStops,
    PositionSaid,
    Talks,
    Transcript,
    Waits,
)
from router.model import ContactId, Millis, OfferId, local_name


class Clerk:
    """Follows one contact. ``ringing`` and ``talking`` name the expert, where there is one."""

    def __init__(self, transcript: Transcript, contact: ContactId) -> None:
        self.ringing: str | None = None
        self.talking: str | None = None
        self._transcript = transcript
        self._lines = transcript.lines
        self._contact = contact
        self._leg = LegId(f"{contact}.0")
        self._offer: OfferId | None = None
        self._position: int | None = None
        self._playing: dict[str, Heard] = {}
        self._ends_call = Party.HOTLINE
        self._is_over = False

    def dialled(self, at: Millis, number: str) -> None:
        """The call begins."""
        self._transcript.began_at = at
        self._lines.append(Dialled(at, number))

    def caller_hung_up(self, at: Millis) -> None:
        """The caller ended the call."""
        self._end(at, Party.CALLER)

    def expert_hung_up(self) -> None:
        """The expert left the talk; whether that ends the call is the hotline's matter."""
        self._ends_call = Party.EXPERT

    def event(self, at: Millis, event: EngineEvent) -> None:
        """This entered the engine."""
        match event:
            case LegsBridged(leg=leg) if leg == self._leg and self.ringing is not None:
                self.talking, self.ringing = self.ringing, None
                self._lines.append(Talks(at, self.talking))
            case LegEnded(leg=leg) if leg == self._leg:
                self._cut(at)
            case _:
                pass

    def message(self, at: Millis, message: Message) -> None:
        """One core said this to the other."""
        match message:
            case QueueContact(contact, queue, priority_ms) if contact == self._contact:
                self._lines.append(Waits(at, local_name(queue), priority_ms))
            case ContactOverflowed(contact, queue, cause) if contact == self._contact:
                self._lines.append(GivenUp(at, local_name(queue), cause.value))
            case PositionAnnounced(contact, position=position) if contact == self._contact:
                self._position = position
            case OfferMade(offer, contact, agent) if contact == self._contact:
                self._offer, self.ringing = offer, local_name(agent)
                self.talking, self._ends_call = None, Party.HOTLINE
                self._lines.append(PhoneRings(at, self.ringing))
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
                position, self._position = self._position, None
                if position is not None:
                    self._lines.append(PositionSaid(at, position, prompts, language))
                    return
                heard = Heard(at, prompts, language, ends)
                self._playing[playback] = heard
                self._lines.append(heard)
            case StopPlayback(playback=playback) if playback in self._playing:
                self._cut(at)
            case ReleaseLeg(leg) if leg == self._leg:
                self._end(at, self._ends_call)
            case _:
                pass

    def promised(self, at: Millis, promise: PromiseCallback) -> None:
        """A work order was opened."""
        self._lines.append(OrderMade(at, promise.topic, promise.skill, promise.within_ms))

    def _end(self, at: Millis, by: Party) -> None:
        if not self._is_over:
            self._is_over = True
            self._lines.append(HungUp(at, by))

    def _stop_ringing(self, at: Millis) -> None:
        if self.ringing is not None:
            self._lines.append(PhoneStops(at, self.ringing))
        self.ringing = self._offer = None

    def _cut(self, at: Millis) -> None:
        for heard in self._playing.values():
            if heard.cut_at is None and heard.ends and heard.ends[-1] > at:
                heard.cut_at = at
        self._playing.clear()
