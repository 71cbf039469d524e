"""The driver carries the messages of one turn, in order, and sorts what comes out."""

from dataclasses import replace

import pytest
from small_site import (
    ANN,
    ASK,
    BOB,
    DATA,
    DESK,
    EN,
    PARTY,
    SORRY,
    arrival,
    asked,
    leg,
    queue,
    site,
)

from ivr.call.core import CONTACTS_MAX
from ivr.call.effects import (
    AcceptOffer,
    AnswerLeg,
    BridgeLegs,
    DestroyBridge,
    DialDevice,
    EndEngagement,
    OccupyDevice,
    PlayPrompts,
    QueueContact,
    ReleaseLeg,
    StartHoldMusic,
    StopHoldMusic,
    StopPlayback,
    VacateDevice,
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
    Outcome,
    PlaybackId,
    PlaybackOutcome,
    ReleaseReason,
)
from ivr.call.phases import Phase
from ivr.call.queueing import HOPS_MAX
from ivr.engine import driver as engine
from ivr.engine.codec import decode_state, encode_state
from ivr.engine.driver import DeadlineReached, Driver, EngineEvent, SiteActivated, TurnResult
from ivr.flow.model import EnterQueue, Flow, HangUp, Hotline, Node, NodeName, QueueExit
from ivr.flow.site import Site
from router.agent_state import EngagementPhase
from router.effects import AnswerPresence, RecordPresence
from router.errors import CoreBug
from router.events import DeviceReachabilityChanged, WrapUpRequested
from router.model import (
    ContactId,
    OfferId,
    Origin,
    OverflowCause,
    OwnCallId,
    Presence,
    PresenceAnswer,
    PresenceChange,
    RequestId,
    RescindReason,
    WrapUpChange,
)

pytestmark = pytest.mark.unit

C1, CALLER, AGENT_LEG = ContactId("c1"), leg(1), leg(1, 1)
P1, P2, B1 = PlaybackId(f"{CALLER}.p1"), PlaybackId(f"{CALLER}.p2"), BridgeId("c1.b1")


def staffed() -> Driver:
    """A driver with 1001 at her desk since 0."""
    here = site()
    driver = Driver({here.version: here})
    give(driver, SiteActivated(here.version), 0)
    give(driver, DeviceReachabilityChanged(DESK, True), 0)
    give(driver, asked("r1", PresenceChange.SIGN_IN), 0)
    return driver


def give(driver: Driver, event: EngineEvent, at: int) -> TurnResult:
    return driver.handle(event, at, wall=at)


def test_a_served_contact_from_arrival_to_record() -> None:
    driver = staffed()
    result = give(driver, CallArrived(C1, CALLER, "10086", PARTY), 1_000)
    assert result == TurnResult((AnswerLeg(CALLER),), (), ())

    result = give(driver, LegAnswered(CALLER), 1_050)
    assert result.telephony == (PlayPrompts(CALLER, P1, (ASK,), EN),)

    # The key, the queue, the offer and the ringing are one turn.
    result = give(driver, DigitReceived(CALLER, "1"), 2_000)
    offer = OfferId("c1.o1")
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
    assert result.messages == (OfferRescinded(OfferId("c1.o1"), C1, RescindReason.TIMED_OUT),)
    assert driver.calls.phase_of(C1) is Phase.WAITING


def test_queue_without_agents_is_left_in_the_turn_that_entered_it() -> None:
    here = site()
    driver = Driver({here.version: here})
    give(driver, SiteActivated(here.version), 0)
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


def queues_in_a_row() -> Site:
    """Who is not helped in one queue comes to the next, as often as anybody may."""
    names = [f"10086/q{number}" for number in range(HOPS_MAX)]
    nodes: dict[NodeName, Node] = {
        NodeName(name): EnterQueue(name, 0, dict.fromkeys(QueueExit, NodeName(then)))
        for name, then in zip(names, [*names[1:], "bye"], strict=True)
    }
    nodes[NodeName("bye")] = HangUp(())
    flow = Flow("main", NodeName(names[0]), nodes)
    hotlines = {"10086": Hotline("10086", ("10086",), (EN,), "UTC", flow)}
    return replace(site(), hotlines=hotlines, queues={name: queue(name) for name in names})


def test_all_who_wait_may_lose_their_last_agent_in_one_turn() -> None:
    here = queues_in_a_row()
    driver = Driver({here.version: here})
    give(driver, SiteActivated(here.version), 0)
    give(driver, DeviceReachabilityChanged(DESK, True), 0)
    give(driver, asked("r1", PresenceChange.SIGN_IN), 0)
    for number in range(CONTACTS_MAX):
        give(driver, arrival(number), 1_000)
        give(driver, LegAnswered(leg(number)), 1_000)
    result = give(driver, asked("r2", PresenceChange.SIGN_OUT), 2_000)
    released = [each for each in result.telephony if isinstance(each, ReleaseLeg)]
    assert len(released) >= CONTACTS_MAX


def test_what_the_desk_asks_is_answered_to_the_desk_and_recorded_once() -> None:
    driver = staffed()
    result = give(driver, asked("r2", PresenceChange.PAUSE, reason="lunch"), 1_000)
    assert result.answers == (
        AnswerPresence(RequestId("r2"), PresenceAnswer.DONE, ANN, Presence.ON_BREAK),
    )
    assert [type(effect) for effect in result.once_only] == [RecordPresence]
    assert result.messages == ()


def test_what_a_device_dials_is_answered_to_the_call_core() -> None:
    driver = staffed()
    dialled = CallArrived(ContactId("c1"), CALLER, "*12", PARTY, DESK)
    result = give(driver, dialled, 1_000)
    result = give(driver, LegAnswered(CALLER), 1_050)
    said = [type(each).__name__ for each in result.messages]
    assert said == ["RequestPresence", "PresenceAnswered"]
    assert result.answers == ()
    assert [type(effect) for effect in result.once_only] == [RecordPresence]
    assert PlayPrompts in [type(effect) for effect in result.telephony]


def test_what_a_device_dials_of_its_wrap_up_is_answered_to_the_call_core() -> None:
    driver = staffed()
    give(driver, CallArrived(ContactId("c1"), CALLER, "*15", PARTY, DESK), 1_000)
    result = give(driver, LegAnswered(CALLER), 1_050)
    assert [type(each).__name__ for each in result.messages] == [
        "RequestWrapUp",
        "PresenceAnswered",
    ]
    assert result.answers == ()
    assert PlayPrompts in [type(effect) for effect in result.telephony]


def test_what_the_desk_asks_of_a_wrap_up_is_answered_to_the_desk() -> None:
    event = WrapUpRequested(RequestId("r2"), WrapUpChange.END, ANN, None, Origin.COMMAND)
    result = give(staffed(), event, 1_000)
    not_in_wrap_up = PresenceAnswer.NOT_IN_WRAP_UP
    assert result.answers == (
        AnswerPresence(RequestId("r2"), not_in_wrap_up, ANN, Presence.AVAILABLE),
    )


def test_call_of_a_device_of_ours_occupies_it_while_it_lasts() -> None:
    driver = staffed()
    occupied = give(driver, CallArrived(C1, CALLER, "10086", PARTY, DESK), 1_000)
    assert occupied.messages == (OccupyDevice(DESK, OwnCallId(CALLER)),)
    assert driver.router.agents()[0].own_calls == 1
    vacated = give(driver, LegEnded(CALLER, 16), 2_000)
    assert VacateDevice(DESK, OwnCallId(CALLER)) in vacated.messages
    assert driver.router.agents()[0].own_calls == 0


def test_site_is_told_as_the_difference_to_the_one_before() -> None:
    old, new = site(), site(wrap_up_ms=900)
    driver = Driver({each.version: each for each in (old, new)})
    give(driver, SiteActivated(old.version), 0)
    give(driver, SiteActivated(new.version), 10)
    assert driver.site == new.version
    assert [view.agent for view in driver.router.agents()] == [ANN, BOB]
    snapshot = driver.router.snapshot()
    assert [each.rules.wrap_up_ms for each in snapshot.queues] == [900]


def test_site_that_nobody_gave_is_a_bug_and_changes_nothing() -> None:
    driver = staffed()
    before = driver.snapshot()
    with pytest.raises(CoreBug, match="never given to the driver"):
        give(driver, SiteActivated("unheard of"), 10)
    assert driver.snapshot() == before


def test_restored_driver_goes_on_as_the_first_one_does() -> None:
    first = staffed()
    for event, at in (
        (arrival(1), 1_000),
        (LegAnswered(CALLER), 1_050),
        (DigitReceived(CALLER, "1"), 2_000),
        (arrival(2), 2_100),
        (LegAnswered(leg(2)), 2_150),
        (DigitReceived(leg(2), "1"), 3_000),
    ):
        give(first, event, at)
    here = site()
    again = Driver.restored(
        decode_state(encode_state(first.snapshot(), at_rest=False)), {here.version: here}
    )
    assert again.snapshot() == first.snapshot()
    assert again.next_deadline() == first.next_deadline()
    for event, at in (
        (LegAnswered(AGENT_LEG), 5_000),
        (LegsBridged(B1, CALLER), 5_020),
        (LegEnded(AGENT_LEG, 16), 9_000),
        (LegEnded(CALLER, 16), 9_010),
        (DeadlineReached(), 9_520),
        (DeadlineReached(), 70_000),
    ):
        assert give(again, event, at) == give(first, event, at)
    assert again.snapshot() == first.snapshot()
