"""A node whose caller's agent consults somebody, brought to any stage of that.

Ann answered at 6 000 and talks to the caller since 6 100; she orders at 8 000. Bob is offered at
9 000, answers at 12 000 and hears Ann at 12 100.
"""

from dataclasses import replace

from call_node import (
    AGENT_LEG,
    ANN,
    BOB,
    CALLER,
    EXPERTS,
    NEXT_AGENT_LEG,
    O2,
    RING_MS,
    OneNode,
    node_in,
)

from ivr.call.events import (
    ContactMoved,
    ContactOverflowed,
    LegsBridged,
    OfferMade,
    OfferRescinded,
    PlaybackFinished,
    TransferOrder,
)
from ivr.call.model import BridgeId, LegId, PlaybackId, PlaybackOutcome
from ivr.call.phases import Phase
from ivr.call.transfer_state import Stage
from ivr.flow.site import DeskTransfers
from router.model import (
    ContactId,
    DeviceId,
    OfferId,
    OverflowCause,
    QueueId,
    RescindReason,
)

CONSULT, BLIND = TransferOrder.CONSULT, TransferOrder.BLIND
COMPLETE, CANCEL = TransferOrder.COMPLETE, TransferOrder.CANCEL
T1, T2 = ContactId("main:c1.t1"), ContactId("main:c1.t2")
BOB_LEG, DESK2 = NEXT_AGENT_LEG, DeviceId("main:desk2")
B2, B3, B4 = (BridgeId(f"main:c1.b{number}") for number in (2, 3, 4))
O3 = OfferId("o3")
TOLD = PlaybackId(f"{AGENT_LEG}.p3")


class TalkNode(OneNode):
    """One contact, and what the router and Asterisk say of her agents."""

    def expert_offered(
        self,
        offer: OfferId = O2,
        name: ContactId = T1,
        at: int | None = None,
    ) -> None:
        self.give(OfferMade(offer, name, BOB, DESK2, RING_MS), at)

    def taken_back(
        self, reason: RescindReason, *, offer: OfferId = O2, name: ContactId = T1
    ) -> None:
        self.give(OfferRescinded(offer, name, reason))

    def gave_up(
        self,
        cause: OverflowCause = OverflowCause.TIMED_OUT,
        *,
        queue: QueueId = EXPERTS,
        name: ContactId = T1,
        at: int | None = None,
    ) -> None:
        self.give(ContactOverflowed(name, queue, cause), at)

    def was_moved(self, queue: QueueId, *, name: ContactId = T1) -> None:
        self.give(ContactMoved(name, queue))

    def joined(self, bridge: BridgeId, first: LegId = CALLER, at: int | None = None) -> None:
        self.give(LegsBridged(bridge, first), at)

    def was_told(self, playback: PlaybackId = TOLD, at: int | None = None) -> None:
        self.give(PlaybackFinished(AGENT_LEG, playback, PlaybackOutcome.PLAYED), at)

    def keyed_by(self, keys: str, leg: LegId = AGENT_LEG, at: int = 8_000) -> None:
        for key in keys:
            self.press(key, at, leg)
            at += 100

    def put_desk(self, desk: DeskTransfers | None) -> None:
        """From now on the site has these transfers."""
        self.site = replace(self.site, desk_transfers=desk)
        self.core.activate(self.site)

    @property
    def stage(self) -> Stage | None:
        """How far the consultation is."""
        asked = self.contact.consultation
        return None if asked is None else asked.stage


def talking() -> TalkNode:
    """Caller and Ann talk."""
    node = node_in(Phase.CONNECTED)
    talk = TalkNode()
    talk.__dict__.update(node.__dict__)
    return talk


def consulting(stage: Stage, queue: QueueId = EXPERTS) -> TalkNode:
    """Ann asks for somebody, who is so far."""
    node = talking()
    node.ordered(CONSULT, queue, 8_000)
    steps = {
        Stage.SEEKING: lambda: None,
        Stage.ALERTING: lambda: node.expert_offered(at=9_000),
        Stage.JOINING: lambda: node.answered(BOB_LEG, 12_000),
        Stage.TALKING: lambda: node.joined(B2, AGENT_LEG, 12_100),
    }
    for reached, step in steps.items():
        step()
        assert node.stage is reached
        if reached is stage:
            return node
    raise AssertionError(f"no way leads to {stage}")


def given_away(queue: QueueId = EXPERTS) -> TalkNode:
    """Ann gave her caller away at 8 000."""
    node = talking()
    node.ordered(BLIND, queue, 8_000, ANN)
    assert node.phase is Phase.WAITING
    return node
