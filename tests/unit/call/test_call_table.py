"""Every (phase, event) of the call core is in its table, and the core does what it says."""

from collections.abc import Callable, Sequence

import pytest
from call_node import (
    AGENT_LEG,
    B1,
    BILL,
    C1,
    CALLER,
    EXPERTS,
    O1,
    O2,
    P1,
    P2,
    STOPPED,
    OneNode,
    node_in,
)

from ivr.call.effects import (
    AcceptOffer,
    AnswerLeg,
    AnswerTransfer,
    BridgeLegs,
    DialDevice,
    FailOffer,
    PlayPrompts,
    ReleaseLeg,
    StartHoldMusic,
    WithdrawContact,
    WriteRecord,
)
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
    TransferOrder,
    TransferRequested,
)
from ivr.call.phases import CONTACT_EVENTS, TABLE, ContactEventType, Phase, Verdict
from ivr.flow.secret_entry import SecretCame
from ivr.flow.values import SecretRef
from router.model import QueueId

pytestmark = pytest.mark.unit

GIVE: dict[ContactEventType, Callable[[OneNode], Sequence[object]]] = {
    CallArrived: lambda node: node.arrive(node.at),
    LegAnswered: lambda node: node.answered(CALLER),
    LegEnded: lambda node: node.ended(CALLER),
    DigitReceived: lambda node: node.press("1"),
    KeyHidden: lambda node: node.give(KeyHidden(CALLER)),
    SecretKeyed: lambda node: node.give(
        SecretKeyed(CALLER, SecretRef("main:c1.s1"), 1, SecretCame.GOING, passes=False)
    ),
    PlaybackFinished: lambda node: node.played(P1),
    LegsBridged: lambda node: node.bridged(B1),
    CommandFailed: lambda node: node.command_failed("AnswerLeg"),
    OfferMade: lambda node: node.offered(O1),
    OfferRescinded: lambda node: node.rescinded(O1),
    ContactOverflowed: lambda node: node.overflowed(),
    PositionAnnounced: lambda node: node.announced(),
    ContactMoved: lambda node: node.moved(),
    LookupAnswered: lambda node: node.looked_up(),
    RecordingFinished: lambda node: node.recorded(),
    TransferRequested: lambda node: node.ordered(TransferOrder.CONSULT, EXPERTS),
}

MOVES: dict[tuple[Phase, ContactEventType], Phase] = {
    (Phase.ANSWERING, LegAnswered): Phase.SPEAKING,
    (Phase.ANSWERING, CommandFailed): Phase.LEAVING,
    (Phase.SPEAKING, DigitReceived): Phase.SPEAKING,
    (Phase.SPEAKING, PlaybackFinished): Phase.SPEAKING,
    (Phase.LISTENING, DigitReceived): Phase.WAITING,
    (Phase.LOOKING_UP, DigitReceived): Phase.LOOKING_UP,
    (Phase.LOOKING_UP, LookupAnswered): Phase.LEAVING,
    (Phase.RECORDING, RecordingFinished): Phase.SPEAKING,
    (Phase.WAITING, OfferMade): Phase.ALERTING,
    (Phase.WAITING, ContactOverflowed): Phase.SPEAKING,
    (Phase.WAITING, PositionAnnounced): Phase.WAITING,
    (Phase.WAITING, ContactMoved): Phase.WAITING,
    (Phase.ALERTING, OfferRescinded): Phase.WAITING,
    (Phase.JOINING, LegsBridged): Phase.CONNECTED,
    (Phase.CONNECTED, TransferRequested): Phase.CONSULTING,
    (Phase.JOINING, OfferRescinded): Phase.WAITING,
    (Phase.CONNECTED, OfferRescinded): Phase.WAITING,
    **{
        (phase, OfferMade): phase
        for phase in (
            Phase.SPEAKING,
            Phase.LISTENING,
            Phase.LOOKING_UP,
            Phase.CONSULTING,
            Phase.LEAVING,
        )
    },
    **{(phase, LegEnded): Phase.LEAVING for phase in Phase},
}
"""Where each handled event leads when it is news; all others are late."""


def test_table_names_every_pair() -> None:
    assert set(TABLE) == {(phase, event) for phase in Phase for event in CONTACT_EVENTS}
    assert set(GIVE) == set(CONTACT_EVENTS)


def test_every_pair_that_moves_is_handled() -> None:
    assert all(TABLE[pair] is Verdict.HANDLE for pair in MOVES)


@pytest.mark.parametrize("event", CONTACT_EVENTS, ids=lambda event: event.__name__)
@pytest.mark.parametrize("phase", Phase)
def test_core_follows_its_table(phase: Phase, event: ContactEventType) -> None:
    node = node_in(phase)
    before, ignored = node.snapshot(), sum(node.core.ignored.values())
    GIVE[event](node)
    if (phase, event) in MOVES:
        closed = (phase, event) == (Phase.LEAVING, LegEnded)
        # With the caller's leg the only one, seeing it go also closes the contact.
        alone = event is LegEnded and phase in (
            Phase.ANSWERING,
            Phase.SPEAKING,
            Phase.LISTENING,
            Phase.LOOKING_UP,
            Phase.RECORDING,
            Phase.WAITING,
        )
        assert node.phase is (None if closed or alone else MOVES[phase, event])
        assert node.snapshot() != before or event is OfferMade
        return
    assert node.phase is phase
    answers = [each for each in node.last if not isinstance(each, AnswerTransfer)]
    # The router took back what it has of her, and must not have her wait.
    crossed = event is OfferRescinded and phase in (Phase.CONSULTING, Phase.LEAVING)
    assert answers == [WithdrawContact(C1)] * crossed
    assert node.snapshot() == before
    assert sum(node.core.ignored.values()) == ignored + (event is not TransferRequested)


EARLIER: list[tuple[Phase, Callable[[OneNode], Sequence[object]]]] = [
    (Phase.JOINING, lambda node: node.answered(AGENT_LEG)),
    (Phase.ALERTING, lambda node: node.rescinded(O2)),
    (Phase.JOINING, lambda node: node.rescinded(O2)),
    (Phase.WAITING, lambda node: node.overflowed(queue=BILL)),
    (Phase.WAITING, lambda node: node.announced(queue=BILL)),
    (Phase.WAITING, lambda node: node.moved(QueueId("main:data"))),
    (Phase.JOINING, lambda node: node.command_failed("AnswerLeg")),
    (Phase.ALERTING, lambda node: node.command_failed("DialDevice", CALLER)),
    (Phase.WAITING, lambda node: node.command_failed("StartHoldMusic")),
    (Phase.CONNECTED, lambda node: node.answered(AGENT_LEG)),
]


@pytest.mark.parametrize(("phase", "give"), EARLIER)
def test_event_of_an_earlier_offer_bridge_or_queue_changes_nothing(
    phase: Phase, give: Callable[[OneNode], Sequence[object]]
) -> None:
    node = node_in(phase)
    before, ignored = node.snapshot(), sum(node.core.ignored.values())
    assert list(give(node)) == []
    assert node.snapshot() == before
    assert sum(node.core.ignored.values()) == ignored + 1


@pytest.mark.parametrize("event", [LegAnswered, LegEnded, DigitReceived, PlaybackFinished])
def test_event_of_an_unknown_leg_is_counted(event: ContactEventType) -> None:
    node = OneNode()
    assert list(GIVE[event](node)) == []
    assert node.core.ignored == {f"absent/{event.__name__}": 1}


def test_message_for_an_unknown_contact_is_counted_and_its_offer_failed_back() -> None:
    node = OneNode()
    assert [type(effect) for effect in node.offered()] == [FailOffer, WithdrawContact]
    assert [type(effect) for effect in node.rescinded()] == [WithdrawContact]
    assert list(node.overflowed()) == []
    assert sum(node.core.ignored.values()) == 3


def test_the_way_to_a_conversation_asks_for_each_thing_once() -> None:
    node = OneNode()
    kinds = [type(effect) for effect in node.arrive(1_000)]
    assert kinds == [AnswerLeg]
    assert [type(effect) for effect in node.answered(CALLER, 1_100)] == [PlayPrompts]
    node.played(P1, 2_000)
    node.press("1", 2_500)
    assert node.of(StartHoldMusic) == [StartHoldMusic(CALLER)]
    node.played(P2, 2_510, STOPPED)
    node.offered(at=3_000)
    assert len(node.of(DialDevice)) == 1
    node.answered(AGENT_LEG, 4_000)
    assert node.of(AcceptOffer) == [AcceptOffer(O1)]
    assert node.of(BridgeLegs) == [BridgeLegs(B1, (CALLER, AGENT_LEG))]
    assert list(node.bridged(at=4_100)) == []
    node.ended(CALLER, 60_000)
    assert [effect.leg for effect in node.of(ReleaseLeg)] == [AGENT_LEG]
    node.ended(AGENT_LEG, 60_010)
    assert [type(effect) for effect in node.last] == [WriteRecord]
