"""Events as the journal writes them down: the same event comes back, and nothing else."""

import msgspec
import pytest

from ivr.call.events import (
    CallArrived,
    CommandFailed,
    DigitReceived,
    EngineStarted,
    EngineStopping,
    HotlineClosed,
    HotlineOpened,
    KeyHidden,
    LegAnswered,
    LegEnded,
    LegsBridged,
    LookupAnswered,
    PlaybackFinished,
    RecordingFinished,
    SecretKeyed,
    TransferOrder,
    TransferRequested,
)
from ivr.call.model import (
    BridgeId,
    CommandFailure,
    LegId,
    LookupId,
    PartyRef,
    PlaybackId,
    PlaybackOutcome,
)
from ivr.call.voice import RecordingId, RecordingOutcome
from ivr.engine.by_command import ContactMoveAsked, CrisisEndAsked, CrisisStartAsked
from ivr.engine.codec import KINDS, UnknownKindError, as_written, decode, encode, was_at_rest
from ivr.engine.driver import DeadlineReached, EngineEvent, SiteActivated
from ivr.flow.secret_entry import SecretCame
from ivr.flow.services import LookupOutcome
from ivr.flow.values import SecretRef
from router.events import (
    DeviceOccupied,
    DeviceReachabilityChanged,
    DeviceVacated,
    PresenceRequested,
    WrapUpRequested,
)
from router.model import (
    AgentId,
    ContactId,
    DeviceId,
    Origin,
    OwnCallId,
    PresenceChange,
    QueueId,
    RequestId,
    WrapUpChange,
)

pytestmark = pytest.mark.unit

LEG = LegId("c1.0")
EVENTS: tuple[EngineEvent, ...] = (
    CallArrived(ContactId("c1"), LEG, "10086", PartyRef("party-1")),
    LegAnswered(LEG),
    LegEnded(LEG, None),
    DigitReceived(LEG, "#"),
    KeyHidden(LEG),
    SecretKeyed(LEG, SecretRef("c1.s1"), 4, SecretCame.GOING, passes=True),
    PlaybackFinished(LEG, PlaybackId("c1.0.p1"), PlaybackOutcome.STOPPED),
    RecordingFinished(LEG, RecordingId("c1.r1"), RecordingOutcome.EMPTY, 20, leg_is_ending=True),
    LookupAnswered(ContactId("c1"), LookupId("c1.l1"), LookupOutcome.FOUND, ("金卡", -3, True)),
    LegsBridged(BridgeId("c1.b1"), LEG),
    CommandFailed(LEG, "AnswerLeg", CommandFailure.GONE),
    PresenceRequested(
        RequestId("r1"), PresenceChange.PAUSE, AgentId("main:1001"), None, "午饭", Origin.COMMAND
    ),
    WrapUpRequested(
        RequestId("r4"), WrapUpChange.EXTEND, None, DeviceId("main:desk-8001"), Origin.PHONE
    ),
    DeviceOccupied(DeviceId("main:desk-8001"), OwnCallId("channel")),
    DeviceVacated(DeviceId("main:desk-8001"), OwnCallId("channel")),
    SiteActivated("0a1b"),
    DeviceReachabilityChanged(DeviceId("main:desk-8001"), reachable=True),
    DeadlineReached(),
    EngineStarted(),
    EngineStopping(),
    HotlineClosed(RequestId("r2"), "10086", "风暴", "op"),
    HotlineOpened(RequestId("r3"), "10086", "op"),
    TransferRequested(
        RequestId("r5"), AgentId("main:1001"), TransferOrder.BLIND, QueueId("main:shared/data")
    ),
    CrisisStartAsked(RequestId("r6"), QueueId("main:10086/data"), None, "op"),
    CrisisEndAsked(RequestId("r7"), QueueId("main:10086/data"), "op"),
    ContactMoveAsked(RequestId("r8"), ContactId("c1"), QueueId("main:10086/data"), 60_000, "op"),
)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_event_comes_back_as_it_was_written(event: EngineEvent) -> None:
    kind, body = encode(event)
    assert decode(kind, body) == event
    assert encode(decode(kind, body)) == (kind, body)


def test_every_kind_is_tried_here() -> None:
    assert set(KINDS) == {type(event).__name__ for event in EVENTS}


def test_half_characters_are_replaced_before_the_cores_see_them() -> None:
    arrived = CallArrived(ContactId("c1"), LEG, "10\ud80086", PartyRef("party-1"))
    event, kind, body = as_written(arrived)
    assert event == CallArrived(ContactId("c1"), LEG, "10?86", PartyRef("party-1"))
    assert decode(kind, body) == event
    assert as_written(event) == (event, kind, body)


def test_state_of_other_code_still_tells_whether_its_engine_ended_in_order() -> None:
    assert was_at_rest(b'{"at_rest": true, "state": {"of": "other code"}}')
    assert not was_at_rest(b'{"at_rest": false, "state": {}}')
    assert not was_at_rest(b"no JSON")


def test_kind_of_other_code_is_refused() -> None:
    with pytest.raises(UnknownKindError, match="CallParked"):
        decode("CallParked", b"{}")


def test_body_that_does_not_fit_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError):
        decode("LegAnswered", b'{"leg": 5}')
