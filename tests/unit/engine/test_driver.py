"""The driver carries the messages of one turn, in order, and sorts what comes out."""

import pytest

from ivr.call.effects import (
    AcceptOffer,
    AnswerLeg,
    BridgeLegs,
    DestroyBridge,
    DialDevice,
    EndEngagement,
    PlayPrompts,
    QueueContact,
    ReleaseLeg,
    StartHoldMusic,
    StopHoldMusic,
    StopPlayback,
    WriteRecord,
)
from ivr.call.events import (
    CallArrived,
    ContactOverflowed,
    DigitReceived,
    LegAnswered,
    LegEnded,
    LegsBridged,
    OfferMade,
    OfferRescinded,
    PlaybackFinished,
)
from ivr.call.model import (
    BridgeId,
    LegId,
    Outcome,
    PartyRef,
    PlaybackId,
    PlaybackOutcome,
    ReleaseReason,
)
from ivr.call.phases import Phase
from ivr.engine import driver as engine
from ivr.engine.driver import DeadlineReached, Driver, EngineEvent, TurnResult
from ivr.flow.model import (
    EnterQueue,
    Flow,
    HangUp,
    Hotline,
    Language,
    Menu,
    Node,
    NodeName,
    PromptKey,
    QueueExit,
    Retry,
)
from router.agent_state import EngagementPhase
from router.errors import CoreBug
from router.events import AgentChanged, AgentSignedIn, DeviceReachabilityChanged, QueueChanged
from router.model import (
    Agent,
    AgentId,
    ContactId,
    DeviceId,
    OfferId,
    OverflowCause,
    Queue,
    QueueId,
    Requirement,
    RescindReason,
    Skill,
    Step,
)

pytestmark = pytest.mark.unit

EN, ASK, SORRY = Language("en-US"), PromptKey("ask"), PromptKey("sorry")
C1, CALLER, AGENT_LEG = ContactId("main:c1"), LegId("main:c1.0"), LegId("main:c1.1")
P1, P2, B1 = PlaybackId(f"{CALLER}.p1"), PlaybackId(f"{CALLER}.p2"), BridgeId("main:c1.b1")
DATA, ANN, DESK = QueueId("main:data"), AgentId("main:ann"), DeviceId("main:desk")
PARTY = PartyRef("party-1")


def hotline() -> Hotline:
    n = NodeName
    nodes: dict[NodeName, Node] = {
        n("menu"): Menu(
            (ASK,), {"1": n("data")}, 4_000, Retry(0, n("sorry")), Retry(0, n("sorry"))
        ),
        n("data"): EnterQueue("data", 0, dict.fromkeys(QueueExit, n("sorry"))),
        n("sorry"): HangUp((SORRY,)),
    }
    return Hotline("10086", ("10086",), (EN,), "UTC", Flow("main", n("menu"), nodes))


def staffed() -> Driver:
    """A driver with ann at her desk since 0."""
    driver = Driver({"10086": hotline()})
    requirement = Requirement(({Skill("data"): 1},))
    for event in (
        QueueChanged(
            Queue(
                DATA,
                (Step(requirement),),
                ring_ms_max=8_000,
                wait_ms_max=60_000,
                wrap_up_ms=500,
                misses_max=2,
            )
        ),
        AgentChanged(Agent(ANN, {Skill("data"): 1})),
        DeviceReachabilityChanged(DESK, True),
        AgentSignedIn(ANN, DESK),
    ):
        give(driver, event, 0)
    return driver


def give(driver: Driver, event: EngineEvent, at: int) -> TurnResult:
    return driver.handle(event, at)


def test_a_served_contact_from_arrival_to_record() -> None:
    driver = staffed()
    result = give(driver, CallArrived(C1, CALLER, "10086", PARTY), 1_000)
    assert result == TurnResult((AnswerLeg(CALLER),), (), ())

    result = give(driver, LegAnswered(CALLER), 1_050)
    assert result.telephony == (PlayPrompts(CALLER, P1, (ASK,), EN),)

    # The key, the queue, the offer and the ringing are one turn.
    result = give(driver, DigitReceived(CALLER, "1"), 2_000)
    offer = OfferId("main:c1.o1")
    assert result.telephony == (
        StopPlayback(CALLER, P1),
        StartHoldMusic(CALLER),
        DialDevice(AGENT_LEG, DESK, C1, PARTY, 8_000),
    )
    assert result.messages == (
        QueueContact(C1, DATA, 0),
        OfferMade(offer, C1, ANN, DESK, 8_000),
    )
    assert driver.next_deadline() == 10_000
    assert (
        give(driver, PlaybackFinished(CALLER, P1, PlaybackOutcome.STOPPED), 2_010).telephony == ()
    )

    result = give(driver, LegAnswered(AGENT_LEG), 5_000)
    assert result.messages == (AcceptOffer(offer),)
    assert result.telephony == (StopHoldMusic(CALLER), BridgeLegs(B1, (CALLER, AGENT_LEG)))
    assert driver.router.engagement_of(ANN) is EngagementPhase.CONNECTED

    assert give(driver, LegsBridged(B1, CALLER), 5_020) == TurnResult((), (), ())
    assert driver.calls.phase_of(C1) is Phase.CONNECTED

    result = give(driver, LegEnded(CALLER, 16), 65_000)
    assert result.messages == (EndEngagement(offer),)
    assert result.telephony == (
        DestroyBridge(B1, CALLER),
        ReleaseLeg(AGENT_LEG, ReleaseReason.NORMAL),
    )
    assert result.once_only == ()
    assert driver.router.engagement_of(ANN) is EngagementPhase.WRAP_UP

    result = give(driver, LegEnded(AGENT_LEG, 16), 65_030)
    (once,) = result.once_only
    assert isinstance(once, WriteRecord)
    assert once.record.outcome is Outcome.SERVED
    assert (once.record.agent, once.record.queue) == (ANN, DATA)
    assert (once.record.queued_at, once.record.connected_at, once.record.ended_at) == (
        2_000,
        5_020,
        65_030,
    )

    assert driver.next_deadline() == 65_500
    assert give(driver, DeadlineReached(), 65_500) == TurnResult((), (), ())
    assert driver.router.engagement_of(ANN) is EngagementPhase.NONE
    assert driver.next_deadline() is None


def test_ring_time_over_stops_the_ringing_in_the_same_turn() -> None:
    driver = staffed()
    give(driver, CallArrived(C1, CALLER, "10086", PARTY), 1_000)
    give(driver, LegAnswered(CALLER), 1_050)
    give(driver, DigitReceived(CALLER, "1"), 2_000)
    result = give(driver, DeadlineReached(), 10_000)
    assert result.telephony == (ReleaseLeg(AGENT_LEG, ReleaseReason.NO_ANSWER),)
    assert result.messages == (OfferRescinded(OfferId("main:c1.o1"), C1, RescindReason.TIMED_OUT),)
    assert driver.calls.phase_of(C1) is Phase.WAITING


def test_queue_without_agents_is_left_in_the_turn_that_entered_it() -> None:
    driver = Driver({"10086": hotline()})
    give(driver, CallArrived(C1, CALLER, "10086", PARTY), 1_000)
    give(driver, LegAnswered(CALLER), 1_050)
    result = give(driver, DigitReceived(CALLER, "1"), 2_000)
    assert result.messages == (
        QueueContact(C1, DATA, 0),
        ContactOverflowed(C1, DATA, OverflowCause.NO_AGENTS),
    )
    assert result.telephony == (
        StopPlayback(CALLER, P1),
        StartHoldMusic(CALLER),
        StopHoldMusic(CALLER),
        PlayPrompts(CALLER, P2, (SORRY,), EN),
    )


def test_deadline_that_is_not_due_does_nothing() -> None:
    driver = staffed()
    give(driver, CallArrived(C1, CALLER, "10086", PARTY), 1_000)
    due = driver.next_deadline()
    assert due == 6_000
    assert give(driver, DeadlineReached(), 5_999) == TurnResult((), (), ())
    assert driver.next_deadline() == due


def test_cores_that_never_stop_talking_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "MESSAGES_PER_TURN_MAX", 1)
    driver = staffed()
    give(driver, CallArrived(C1, CALLER, "10086", PARTY), 1_000)
    give(driver, LegAnswered(CALLER), 1_050)
    with pytest.raises(CoreBug, match="talk for ever"):
        give(driver, DigitReceived(CALLER, "1"), 2_000)
