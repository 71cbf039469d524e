"""Events as the journal writes them down: the same event comes back, and nothing else."""

import msgspec
import pytest

from ivr.call.events import (
    CallArrived,
    CommandFailed,
    DigitReceived,
    EngineStopping,
    LegAnswered,
    LegEnded,
    LegsBridged,
    PlaybackFinished,
)
from ivr.call.model import (
    BridgeId,
    CommandFailure,
    LegId,
    PartyRef,
    PlaybackId,
    PlaybackOutcome,
)
from ivr.engine.codec import KINDS, UnknownKindError, decode, encode
from ivr.engine.driver import DeadlineReached, EngineEvent
from router.events import AgentChanged, AgentSignedIn, AgentSignedOut, DeviceReachabilityChanged
from router.model import Agent, AgentId, ContactId, DeviceId, Skill

pytestmark = pytest.mark.unit

LEG = LegId("c1.0")
EVENTS: tuple[EngineEvent, ...] = (
    CallArrived(ContactId("c1"), LEG, "10086", PartyRef("party-1")),
    LegAnswered(LEG),
    LegEnded(LEG, None),
    DigitReceived(LEG, "#"),
    PlaybackFinished(LEG, PlaybackId("c1.0.p1"), PlaybackOutcome.STOPPED),
    LegsBridged(BridgeId("c1.b1"), LEG),
    CommandFailed(LEG, "AnswerLeg", CommandFailure.GONE),
    AgentChanged(Agent(AgentId("main:1001"), {Skill("数据"): 3})),
    AgentSignedIn(AgentId("main:1001"), DeviceId("main:desk-8001")),
    AgentSignedOut(AgentId("main:1001")),
    DeviceReachabilityChanged(DeviceId("main:desk-8001"), reachable=True),
    DeadlineReached(),
    EngineStopping(),
)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_event_comes_back_as_it_was_written(event: EngineEvent) -> None:
    kind, body = encode(event)
    assert decode(kind, body) == event
    assert encode(decode(kind, body)) == (kind, body)


def test_every_kind_but_the_queues_own_is_tried_here() -> None:
    tried = {type(event).__name__ for event in EVENTS}
    assert set(KINDS) - tried == {"QueueChanged"}


def test_kind_of_other_code_is_refused() -> None:
    with pytest.raises(UnknownKindError, match="CallParked"):
        decode("CallParked", b"{}")


def test_body_that_does_not_fit_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError):
        decode("LegAnswered", b'{"leg": 5}')
