"""Service calls: what an agent dials on her device to say something of herself.

No contact and no record: the router keeps the change of presence for the audit. A service call is
always in exactly one phase, and every phase has a deadline:

- *answering*: we told Asterisk to answer.
- *asking*: the router was asked; it answers at once, or the code counts as refused.
- *speaking*: what came of it is said.
- *leaving*: the leg was released; we wait to see it go.

A code that says nothing is refused in the same words as one that may not be done: whoever dials
hears that nothing happened. The agent may hang up at any moment; what was asked stays asked.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import assert_never

from ivr.call.contact import ANSWER_MS_MAX, LEAVING_MS_MAX, Turn
from ivr.call.effects import (
    AnswerLeg,
    OccupyDevice,
    PlayPrompts,
    ReleaseLeg,
    RequestPresence,
    RequestWrapUp,
    VacateDevice,
)
from ivr.call.events import (
    CallArrived,
    CommandFailed,
    DigitReceived,
    LegAnswered,
    LegEnded,
    LegEvent,
    LegsBridged,
    PlaybackFinished,
    PresenceAnswered,
    RecordingFinished,
)
from ivr.call.model import LegId, PlaybackId, ReleaseReason
from ivr.call.phases import Verdict
from ivr.call.switchboard import Asked, Said, Switchboard
from ivr.flow.model import Language, PromptKey
from router.deadlines import Deadlines
from router.errors import CoreBug
from router.model import (
    ContactId,
    DeviceId,
    Millis,
    OwnCallId,
    Presence,
    PresenceAnswer,
    PresenceChange,
    RequestId,
    WrapUpChange,
)

SERVICE_CALLS_MAX = 200
"""Service calls on one node at once; one more hears congestion."""

PRESENCE_MS_MAX = 3_000
"""How long the router's answer may take; in one process it comes in the same turn."""

NOTICE_MS_MAX = 20_000
"""The longest that what came of it may play."""

REFUSED = PromptKey("agent-refused")
UNCHANGED = PromptKey("agent-unchanged")
NO_WRAP_UP = PromptKey("agent-no-wrap-up")
DONE: Mapping[Said, PromptKey] = {
    Said.SIGN_IN: PromptKey("agent-signed-in"),
    Said.SIGN_OUT: PromptKey("agent-signed-out"),
    Said.PAUSE: PromptKey("agent-paused"),
    Said.RESUME: PromptKey("agent-resumed"),
    Said.WRAP_UP_END: PromptKey("agent-wrap-up-ended"),
    Said.WRAP_UP_EXTEND: PromptKey("agent-wrap-up-extended"),
    Said.PAUSE_AFTER: PromptKey("agent-pauses-after"),
}

_PRESENCE: Mapping[Said, PresenceChange] = {
    Said.SIGN_IN: PresenceChange.SIGN_IN,
    Said.SIGN_OUT: PresenceChange.SIGN_OUT,
    Said.PAUSE: PresenceChange.PAUSE,
    Said.RESUME: PresenceChange.RESUME,
    Said.PAUSE_AFTER: PresenceChange.PAUSE,
}

_WRAP_UP: Mapping[Said, WrapUpChange] = {
    Said.WRAP_UP_END: WrapUpChange.END,
    Said.WRAP_UP_EXTEND: WrapUpChange.EXTEND,
}

_NOT_DONE: Mapping[PresenceAnswer, PromptKey] = {
    PresenceAnswer.ALREADY: UNCHANGED,
    PresenceAnswer.WRAP_UP_AT_MOST: UNCHANGED,
    PresenceAnswer.NOT_IN_WRAP_UP: NO_WRAP_UP,
}
"""What is said of these; everything else is refused."""


class ServicePhase(Enum):
    """What a service call is doing."""

    ANSWERING = "answering"
    ASKING = "asking"
    SPEAKING = "speaking"
    LEAVING = "leaving"


ServiceEventType = (
    type[CallArrived]
    | type[LegAnswered]
    | type[LegEnded]
    | type[DigitReceived]
    | type[PlaybackFinished]
    | type[RecordingFinished]
    | type[LegsBridged]
    | type[CommandFailed]
    | type[PresenceAnswered]
)

SERVICE_EVENTS: tuple[ServiceEventType, ...] = (
    CallArrived,
    LegAnswered,
    LegEnded,
    DigitReceived,
    PlaybackFinished,
    RecordingFinished,
    LegsBridged,
    CommandFailed,
    PresenceAnswered,
)

_HANDLED: Mapping[ServicePhase, tuple[ServiceEventType, ...]] = {
    ServicePhase.ANSWERING: (LegAnswered, LegEnded, CommandFailed),
    ServicePhase.ASKING: (LegEnded, PresenceAnswered),
    ServicePhase.SPEAKING: (LegEnded, PlaybackFinished),
    ServicePhase.LEAVING: (LegEnded,),
}

SERVICE_TABLE: Mapping[tuple[ServicePhase, ServiceEventType], Verdict] = {
    (phase, event): Verdict.HANDLE if event in handled else Verdict.IGNORE
    for phase, handled in _HANDLED.items()
    for event in SERVICE_EVENTS
}


@dataclass(frozen=True, slots=True)
class ServiceCall:
    """One service call; ``asked`` is None when what was dialled says nothing."""

    contact: ContactId
    leg: LegId
    device: DeviceId
    asked: Asked | None
    language: Language
    phase: ServicePhase
    deadline: Millis


class ServiceCalls:
    """The service calls of one node. What is ignored is counted by phase and event."""

    def __init__(self, ignored: Counter[str]) -> None:
        self.ignored = ignored
        self._calls: dict[LegId, ServiceCall] = {}
        self._deadlines: Deadlines[LegId] = Deadlines()

    def __contains__(self, leg: str) -> bool:
        return leg in self._calls

    def __len__(self) -> int:
        return len(self._calls)

    def phase_of(self, leg: LegId) -> ServicePhase | None:
        """What this service call is doing; None when it is over or never was."""
        held = self._calls.get(leg)
        return held.phase if held else None

    def next_deadline(self) -> Millis | None:
        """When ``on_timer`` is due, at the latest."""
        return self._deadlines.next_due()

    def left_playing(self) -> tuple[PlaybackId, ...]:
        """What is being said, or soon may be."""
        return tuple(map(_notice, self._calls))

    def in_due_order(self) -> tuple[ServiceCall, ...]:
        """All service calls, the next deadline first; equal ones as they were set."""
        return tuple(self._calls[leg] for leg, _ in self._deadlines.in_order())

    def adopt(self, calls: Iterable[ServiceCall]) -> None:
        """Hold these, in the order ``in_due_order`` gave."""
        for call in calls:
            self._hold(call)

    def begin(self, arrived: CallArrived, device: DeviceId, board: Switchboard, turn: Turn) -> None:
        """A code was dialled on this device."""
        if len(self._calls) >= SERVICE_CALLS_MAX:
            turn.emit(ReleaseLeg(arrived.leg, ReleaseReason.CONGESTION))
            return
        self._hold(
            ServiceCall(
                contact=arrived.contact,
                leg=arrived.leg,
                device=device,
                asked=board.asked(arrived.dialled),
                language=board.language,
                phase=ServicePhase.ANSWERING,
                deadline=turn.at + ANSWER_MS_MAX,
            )
        )
        turn.emit(OccupyDevice(device, OwnCallId(arrived.leg)))
        turn.emit(AnswerLeg(arrived.leg))

    def handle(self, event: LegEvent | PresenceAnswered, turn: Turn) -> None:
        """Something happened to a leg that is held here, or the router answered."""
        leg = LegId(event.request) if isinstance(event, PresenceAnswered) else event.leg
        call = self._calls.get(leg)
        name = type(event).__name__
        if call is None:
            self.ignored[f"absent/{name}"] += 1
            return
        if SERVICE_TABLE[call.phase, type(event)] is Verdict.IGNORE:
            self.ignored[f"service {call.phase.value}/{name}"] += 1
            return
        match event:
            case LegAnswered():
                self._ask(call, turn)
            case PresenceAnswered():
                self._say(call, turn, _words_for(call, event))
            case PlaybackFinished() | CommandFailed():
                self._release(call, turn)
            case LegEnded():
                self._forget(call, turn)
            case _:
                raise CoreBug(f"the table lets {name} through in {call.phase.value}")

    def on_timer(self, turn: Turn) -> None:
        """Serve every deadline that has come."""
        for leg in self._deadlines.pop_due(turn.at):
            call = self._calls[leg]
            match call.phase:
                case ServicePhase.ANSWERING | ServicePhase.SPEAKING:
                    self._release(call, turn)
                case ServicePhase.ASKING:
                    self._say(call, turn, REFUSED)
                case ServicePhase.LEAVING:
                    turn.emit(ReleaseLeg(leg, ReleaseReason.FAILURE))
                    self._forget(call, turn)
                case _:
                    assert_never(call.phase)

    def close_all(self, turn: Turn) -> None:
        """The engine ends or begins: no leg is touched, but no device stays occupied."""
        for call in self.in_due_order():
            self._forget(call, turn)

    def _ask(self, call: ServiceCall, turn: Turn) -> None:
        asked = call.asked
        if asked is None:
            self._say(call, turn, REFUSED)
            return
        self._move(call, ServicePhase.ASKING, turn.at + PRESENCE_MS_MAX)
        turn.emit(_as_request(RequestId(call.leg), asked, call.device))

    def _say(self, call: ServiceCall, turn: Turn, words: PromptKey) -> None:
        self._move(call, ServicePhase.SPEAKING, turn.at + NOTICE_MS_MAX)
        turn.emit(PlayPrompts(call.leg, _notice(call.leg), (words,), call.language))

    def _release(self, call: ServiceCall, turn: Turn) -> None:
        self._move(call, ServicePhase.LEAVING, turn.at + LEAVING_MS_MAX)
        turn.emit(ReleaseLeg(call.leg, ReleaseReason.NORMAL))

    def _forget(self, call: ServiceCall, turn: Turn) -> None:
        del self._calls[call.leg]
        self._deadlines.clear(call.leg)
        turn.emit(VacateDevice(call.device, OwnCallId(call.leg)))

    def _move(self, call: ServiceCall, phase: ServicePhase, deadline: Millis) -> None:
        self._hold(replace(call, phase=phase, deadline=deadline))

    def _hold(self, call: ServiceCall) -> None:
        self._calls[call.leg] = call
        self._deadlines.set(call.leg, call.deadline)


def _notice(leg: LegId) -> PlaybackId:
    return PlaybackId(f"{leg}.p1")


def _words_for(call: ServiceCall, answered: PresenceAnswered) -> PromptKey:
    if answered.answer is not PresenceAnswer.DONE or call.asked is None:
        return _NOT_DONE.get(answered.answer, REFUSED)
    done = call.asked.change
    # With empty hands there is nothing to wait for, and her break began at once.
    if done is Said.PAUSE_AFTER and answered.presence is Presence.ON_BREAK:
        done = Said.PAUSE
    return DONE[done]


def _as_request(
    request: RequestId, asked: Asked, device: DeviceId
) -> RequestPresence | RequestWrapUp:
    wrap_up = _WRAP_UP.get(asked.change)
    if wrap_up is not None:
        return RequestWrapUp(request, wrap_up, device)
    change, later = _PRESENCE[asked.change], asked.change is Said.PAUSE_AFTER
    return RequestPresence(request, change, asked.agent, device, asked.reason, later)
