"""Every way to end: exactly one record, the right outcome, nothing kept."""

import pytest
from call_node import (
    AGENT_LEG,
    B1,
    BILL,
    CALLER,
    O1,
    PARTY,
    OneNode,
    node_in,
)

from ivr.call import core as call_core
from ivr.call.contact import (
    ANSWER_MS_MAX,
    LEAVING_MS_MAX,
    TALK_MS_MAX,
    WAITING_MS_MAX,
)
from ivr.call.effects import (
    DestroyBridge,
    EndEngagement,
    QueueContact,
    ReleaseLeg,
    WithdrawContact,
    WriteRecord,
)
from ivr.call.events import (
    CallArrived,
    CallEvent,
    EngineStarted,
    EngineStopping,
    LegEnded,
)
from ivr.call.model import LegId, Outcome, ReleaseReason
from ivr.call.phases import Phase
from router.model import ContactId

pytestmark = pytest.mark.unit

C1, T1 = ContactId("main:c1"), ContactId("main:c1.t1")


@pytest.mark.parametrize(
    ("phase", "outcome"),
    [
        (Phase.ANSWERING, Outcome.LEFT_IN_FLOW),
        (Phase.SPEAKING, Outcome.LEFT_IN_FLOW),
        (Phase.LISTENING, Outcome.LEFT_IN_FLOW),
        (Phase.LOOKING_UP, Outcome.LEFT_IN_FLOW),
        (Phase.WAITING, Outcome.ABANDONED),
        (Phase.ALERTING, Outcome.ABANDONED),
        (Phase.JOINING, Outcome.ABANDONED),
        (Phase.CONNECTED, Outcome.SERVED),
        (Phase.CONSULTING, Outcome.SERVED),
        (Phase.LEAVING, Outcome.SERVED),
    ],
)
def test_caller_gone_leaves_one_record_with_its_outcome(phase: Phase, outcome: Outcome) -> None:
    node = node_in(phase)
    node.ended(CALLER, 30_000)
    if AGENT_LEG in vars(node.core)["_by_leg"]:
        assert node.of(ReleaseLeg) == [ReleaseLeg(AGENT_LEG, ReleaseReason.NORMAL)]
        assert node.records == []
        node.ended(AGENT_LEG, 30_050)
    assert [record.outcome for record in node.records] == [outcome]
    assert node.core.live_contacts() == 0
    assert node.core.next_deadline() is None
    assert vars(node.core)["_by_leg"] == {}
    assert list(node.ended(CALLER, 30_100)) == []
    assert len(node.records) == 1


@pytest.mark.parametrize(
    ("phase", "told"),
    [
        (Phase.LISTENING, []),
        (Phase.WAITING, [WithdrawContact(C1)]),
        (Phase.ALERTING, [WithdrawContact(C1)]),
        (Phase.JOINING, [EndEngagement(O1), DestroyBridge(B1, CALLER)]),
        (Phase.CONNECTED, [EndEngagement(O1), DestroyBridge(B1, CALLER)]),
        (Phase.CONSULTING, [WithdrawContact(T1), EndEngagement(O1)]),
    ],
)
def test_caller_gone_is_told_to_the_router_and_the_bridge_taken_down(
    phase: Phase, told: list[object]
) -> None:
    node = node_in(phase)
    left = [
        effect
        for effect in node.ended(CALLER, 30_000)
        if not isinstance(effect, ReleaseLeg | WriteRecord)
    ]
    assert left == told


def test_record_holds_the_whole_story() -> None:
    node = node_in(Phase.LEAVING)
    node.ended(CALLER, 20_100)
    (record,) = node.records
    assert (record.contact, record.hotline, record.dialled) == (C1, "10086", "10086")
    assert (record.caller, record.language, record.queue) == (PARTY, "en-US", "main:data")
    assert record.nodes == ("welcome", "menu", "data")
    assert record.offers_made == 1
    assert record.arrived_at == 1_000
    assert record.answered_at == 1_100
    assert record.queued_at == 4_000
    assert record.connected_at == 6_100
    assert record.ended_at == 20_100


def test_legs_that_never_go_are_asked_once_more_and_the_record_is_written() -> None:
    node = node_in(Phase.CONNECTED)
    node.ended(CALLER, 30_000)
    assert node.phase is Phase.LEAVING
    assert node.core.next_deadline() == 30_000 + LEAVING_MS_MAX
    node.tick(30_000 + LEAVING_MS_MAX)
    assert node.of(ReleaseLeg) == [ReleaseLeg(AGENT_LEG, ReleaseReason.FAILURE)]
    assert [record.outcome for record in node.records] == [Outcome.SERVED]
    assert node.core.next_deadline() is None
    assert list(node.ended(AGENT_LEG, 40_000)) == []


@pytest.mark.parametrize("how", ["deadline", "refused"])
def test_answer_that_does_not_come_about_is_our_failure(how: str) -> None:
    node = node_in(Phase.ANSWERING)
    if how == "deadline":
        node.tick(1_000 + ANSWER_MS_MAX)
    else:
        node.command_failed("AnswerLeg", at=1_010)
    assert node.of(ReleaseLeg) == [ReleaseLeg(CALLER, ReleaseReason.FAILURE)]
    node.ended(CALLER, 9_000)
    (record,) = node.records
    assert (record.outcome, record.reason) == (Outcome.PLATFORM_FAILURE, "not_answered")


def test_wait_that_the_router_forgot_goes_on_with_the_flow() -> None:
    node = node_in(Phase.WAITING)
    node.tick(4_000 + WAITING_MS_MAX)
    assert node.of(WithdrawContact) == [WithdrawContact(C1)]
    assert node.of(QueueContact) == [QueueContact(C1, BILL, 0, WAITING_MS_MAX)]
    assert list(node.last).index(WithdrawContact(C1)) < list(node.last).index(
        QueueContact(C1, BILL, 0, WAITING_MS_MAX)
    )


def test_talk_has_an_end() -> None:
    node = node_in(Phase.CONNECTED)
    node.tick(6_100 + TALK_MS_MAX)
    assert [release.leg for release in node.of(ReleaseLeg)] == [CALLER, AGENT_LEG]
    assert node.of(EndEngagement) == [EndEngagement(O1)]


def test_unknown_number_is_told_so_and_is_no_contact() -> None:
    node = OneNode()
    assert list(node.arrive(dialled="4711")) == [ReleaseLeg(CALLER, ReleaseReason.UNKNOWN_NUMBER)]
    assert node.core.live_contacts() == 0
    assert list(node.ended(CALLER, 1_010)) == []
    assert node.records == []


def test_one_contact_too_many_hears_congestion(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(call_core, "CONTACTS_MAX", 1)
    node = OneNode()
    node.arrive()
    leg = LegId("main:c2.0")
    arrived = CallArrived(ContactId("main:c2"), leg, "10086", PARTY)
    assert list(node.give(arrived, 1_001)) == [ReleaseLeg(leg, ReleaseReason.CONGESTION)]
    assert node.core.live_contacts() == 1


def test_arrival_told_twice_is_one_contact() -> None:
    node = node_in(Phase.ANSWERING)
    assert list(node.arrive(1_001)) == []
    assert node.core.live_contacts() == 1


@pytest.mark.parametrize("phase", Phase)
def test_every_phase_has_a_deadline_that_the_timer_serves(phase: Phase) -> None:
    node = node_in(phase)
    due = node.core.next_deadline()
    assert due is not None
    assert due > node.at
    before = node.snapshot()
    assert list(node.tick(due - 1)) == []
    assert node.snapshot() == before
    node.tick(due)
    assert (node.core.next_deadline() or due + 1) > due


@pytest.mark.parametrize(
    ("event", "reason"),
    [(EngineStopping(), "engine_stopped"), (EngineStarted(), "engine_restarted")],
)
@pytest.mark.parametrize(
    ("phase", "outcome", "told"),
    [
        (Phase.SPEAKING, Outcome.PLATFORM_FAILURE, []),
        (Phase.WAITING, Outcome.PLATFORM_FAILURE, [WithdrawContact(C1)]),
        (Phase.ALERTING, Outcome.PLATFORM_FAILURE, [WithdrawContact(C1)]),
        (Phase.JOINING, Outcome.PLATFORM_FAILURE, [EndEngagement(O1)]),
        (Phase.CONNECTED, Outcome.SERVED, [EndEngagement(O1)]),
        (Phase.CONSULTING, Outcome.SERVED, [WithdrawContact(T1), EndEngagement(O1)]),
        (Phase.LEAVING, Outcome.SERVED, []),
    ],
)
def test_engine_that_stops_or_starts_writes_one_record_tells_the_router_and_touches_no_leg(
    phase: Phase, outcome: Outcome, told: list[object], event: CallEvent, reason: str
) -> None:
    node = node_in(phase)
    *messages, written = node.give(event, 30_000)
    assert messages == told
    assert isinstance(written, WriteRecord)
    assert written.record.outcome is outcome
    assert written.record.reason == ("agent_hung_up" if phase is Phase.LEAVING else reason)
    if phase in (Phase.WAITING, Phase.ALERTING, Phase.JOINING):
        assert [each.exit.value for each in written.record.segments] == [reason]
    assert node.core.live_contacts() == 0
    assert node.core.next_deadline() is None
    assert list(node.give(LegEnded(CALLER, 16), 31_000)) == []
    assert list(node.give(event, 32_000)) == []
