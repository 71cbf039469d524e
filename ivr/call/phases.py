"""The life of a contact, as one table.

A contact is always in exactly one phase, and every phase has a deadline: there is no state in
which a caller can be forgotten.

- *answering*: we told Asterisk to answer.
- *speaking*: prompts play; keys may cut them.
- *listening*: the prompts of a menu are over, the caller has some seconds to press a key.
- *looking up*: another system is asked; what is said meanwhile plays, then music.
- *recording*: after the beep, the caller leaves a message.
- *waiting*: in a queue, with music, into which its position may be said.
- *calling outside*: a number outside rings, then the two talk (``ivr.call.outside``).
- *alerting*: an agent's phone rings, the music goes on.
- *joining*: the agent answered; the two are being put into one bridge.
- *connected*: they talk.
- *consulting*: the caller hears music while her agent asks an expert (``ivr.call.consulting``).
- *leaving*: everything was released; we wait to see the legs go.

From *joining* on a caller may be thrown back to *waiting*: the agent's line can die between her
answer and the bridge. An agent may give a caller away who is *connected*: she is *waiting* again
(``ivr.call.handing_over``). From every phase the caller's hang-up leads to *leaving*.

The table says for each (phase, event) whether it is handled or ignored-and-counted (late,
doubled or meaningless there). A missing pair is a bug; a test walks all pairs.
"""

from collections.abc import Mapping
from enum import Enum

from ivr.call.events import (
    CallArrived,
    CommandFailed,
    ContactMoved,
    ContactOverflowed,
    DigitReceived,
    KeyHidden,
    LegAnswered,
    LegEnded,
    LegsBridged,
    LookupAnswered,
    OfferMade,
    OfferRescinded,
    PlaybackFinished,
    PositionAnnounced,
    RecordingFinished,
    SecretKeyed,
    TransferRequested,
)
from ivr.call.record import Doing


class Phase(Enum):
    """What a contact is doing."""

    ANSWERING = "answering"
    SPEAKING = "speaking"
    LISTENING = "listening"
    LOOKING_UP = "looking_up"
    RECORDING = "recording"
    WAITING = "waiting"
    CALLING_OUTSIDE = "calling_outside"
    ALERTING = "alerting"
    JOINING = "joining"
    CONNECTED = "connected"
    CONSULTING = "consulting"
    LEAVING = "leaving"


DOING: Mapping[Phase, Doing] = {
    Phase.ANSWERING: Doing.ANSWERING,
    Phase.SPEAKING: Doing.IN_FLOW,
    Phase.LISTENING: Doing.IN_FLOW,
    Phase.LOOKING_UP: Doing.IN_FLOW,
    Phase.RECORDING: Doing.IN_FLOW,
    Phase.WAITING: Doing.WAITING,
    Phase.CALLING_OUTSIDE: Doing.ALERTING,
    Phase.ALERTING: Doing.ALERTING,
    Phase.JOINING: Doing.JOINING,
    Phase.CONNECTED: Doing.TALKING,
    Phase.CONSULTING: Doing.ON_HOLD,
    Phase.LEAVING: Doing.LEAVING,
}
"""What the record calls each phase."""


class Verdict(Enum):
    """What becomes of an event in a phase."""

    HANDLE = "handle"
    IGNORE = "ignore"


ContactEventType = (
    type[CallArrived]
    | type[LegAnswered]
    | type[LegEnded]
    | type[DigitReceived]
    | type[KeyHidden]
    | type[SecretKeyed]
    | type[PlaybackFinished]
    | type[LegsBridged]
    | type[CommandFailed]
    | type[OfferMade]
    | type[OfferRescinded]
    | type[ContactOverflowed]
    | type[PositionAnnounced]
    | type[ContactMoved]
    | type[LookupAnswered]
    | type[RecordingFinished]
    | type[TransferRequested]
)

CONTACT_EVENTS: tuple[ContactEventType, ...] = (
    CallArrived,
    LegAnswered,
    LegEnded,
    DigitReceived,
    KeyHidden,
    SecretKeyed,
    PlaybackFinished,
    LegsBridged,
    CommandFailed,
    OfferMade,
    OfferRescinded,
    ContactOverflowed,
    PositionAnnounced,
    ContactMoved,
    LookupAnswered,
    RecordingFinished,
    TransferRequested,
)

_ALWAYS: tuple[ContactEventType, ...] = (LegAnswered, LegEnded, PlaybackFinished, CommandFailed)
"""Handled in every phase: they tell what is true of legs and playbacks, whatever we are doing.
``LegAnswered`` outside *answering* and *alerting* is an agent who picked up a moment too late: her
leg is released."""

_KEYS: tuple[ContactEventType, ...] = (DigitReceived, KeyHidden, SecretKeyed)

_BESIDE: tuple[ContactEventType, ...] = (OfferMade, ContactOverflowed, ContactMoved)
"""What the queue may tell a caller whom a key led away, with her place kept. An offer for one who
has no place any more crossed our withdrawal."""

_HANDLED: Mapping[Phase, tuple[ContactEventType, ...]] = {
    Phase.ANSWERING: _ALWAYS,
    Phase.SPEAKING: (*_ALWAYS, *_KEYS, *_BESIDE),
    Phase.LISTENING: (*_ALWAYS, *_KEYS, *_BESIDE),
    Phase.LOOKING_UP: (*_ALWAYS, DigitReceived, KeyHidden, LookupAnswered, *_BESIDE),
    Phase.RECORDING: (*_ALWAYS, RecordingFinished),
    Phase.WAITING: (
        *_ALWAYS,
        DigitReceived,
        OfferMade,
        ContactOverflowed,
        PositionAnnounced,
        ContactMoved,
    ),
    Phase.CALLING_OUTSIDE: (*_ALWAYS, LegsBridged),
    Phase.ALERTING: (*_ALWAYS, OfferRescinded),
    Phase.JOINING: (*_ALWAYS, LegsBridged, OfferRescinded),
    Phase.CONNECTED: (*_ALWAYS, DigitReceived, TransferRequested, OfferRescinded),
    Phase.CONSULTING: (
        *_ALWAYS,
        DigitReceived,
        TransferRequested,
        LegsBridged,
        OfferMade,
        OfferRescinded,
        ContactOverflowed,
        ContactMoved,
    ),
    Phase.LEAVING: (*_ALWAYS, OfferMade),
}
"""``OfferMade`` while leaving crossed our withdrawal: it is failed back to the router.
``OfferRescinded`` while connected crossed the agent's answer: the router, which alone says whose an
agent is, has the caller at her old place by then, and so she goes back to it."""

TABLE: Mapping[tuple[Phase, ContactEventType], Verdict] = {
    (phase, event): Verdict.HANDLE if event in handled else Verdict.IGNORE
    for phase, handled in _HANDLED.items()
    for event in CONTACT_EVENTS
}
