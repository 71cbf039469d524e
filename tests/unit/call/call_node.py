"""A call core, one short hotline, and steps that bring a contact into any phase.

Times are literal: the caller arrives at 1 000.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar, cast

import msgspec

from ivr.call.contact import Contact
from ivr.call.core import CallCore
from ivr.call.effects import CallEffect, WriteRecord
from ivr.call.events import (
    CallArrived,
    CallEvent,
    CallTimerFired,
    CommandFailed,
    ContactMoved,
    ContactOverflowed,
    DigitReceived,
    LegAnswered,
    LegEnded,
    LegsBridged,
    LookupAnswered,
    OfferMade,
    OfferRescinded,
    PlaybackFinished,
    PositionAnnounced,
    PresenceAnswered,
    RecordingFinished,
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
from ivr.call.phases import Phase
from ivr.call.record import ContactRecord
from ivr.call.service import ServicePhase
from ivr.call.snapshot import CallSnapshot
from ivr.call.voice import RecordingId, RecordingOutcome
from ivr.flow.model import (
    EnterQueue,
    Flow,
    HangUp,
    Hotline,
    Language,
    Lookup,
    Menu,
    Node,
    NodeName,
    OutsideExit,
    Play,
    PromptKey,
    QueueExit,
    Record,
    RecordExit,
    Retry,
    TransferOutside,
)
from ivr.flow.services import LookupOutcome
from ivr.flow.site import AgentEntry, DeskTransfers, Site, TransferTarget
from ivr.flow.transfers import agent_requirement, transfer_queue
from ivr.flow.values import Value
from router.model import (
    AgentId,
    ContactId,
    DeviceId,
    OfferId,
    OverflowCause,
    Presence,
    PresenceAnswer,
    QueueId,
    RequestId,
    RescindReason,
    local_name,
)

EN = Language("en-US")
C1 = ContactId("main:c1")
CALLER, AGENT_LEG, NEXT_AGENT_LEG = LegId("main:c1.0"), LegId("main:c1.1"), LegId("main:c1.2")
P1, P2, P3 = (PlaybackId(f"{CALLER}.p{n}") for n in (1, 2, 3))
B1, B2 = BridgeId("main:c1.b1"), BridgeId("main:c1.b2")
DATA, BILL = QueueId("main:data"), QueueId("main:bill")
O1, O2 = OfferId("o1"), OfferId("o2")
L1, L2 = LookupId("main:c1.l1"), LookupId("main:c1.l2")
ANN, BOB, DESK = AgentId("main:ann"), AgentId("main:bob"), DeviceId("main:desk")
EXPERTS = QueueId("main:transfer/desk/targets/2")
TO_ANN, TO_BOB = (QueueId(f"main:transfer/desk/agents/{name}") for name in ("ann", "bob"))
PARTY = PartyRef("party-1")
WELCOME, ASK, AGAIN, SORRY = map(PromptKey, ("welcome", "ask", "again", "sorry"))
PATIENCE_MS = 4_000
WALL_MS = 1_700_000_000_000
"""What the clock on the wall showed when engine time began."""
RING_MS = 15_000
MESSAGE_MS, SILENCE_MS = 60_000, 4_000
R1, R2 = RecordingId("main:c1.r1"), RecordingId("main:c1.r2")
LOOKUP_MS_MAX = 5_000
OUTSIDE_MS_MAX = 20_000
NO_AGENTS, TIMED_OUT = OverflowCause.NO_AGENTS, OverflowCause.TIMED_OUT
PLAYED, STOPPED, FAILED = PlaybackOutcome.PLAYED, PlaybackOutcome.STOPPED, PlaybackOutcome.FAILED

Effect = TypeVar("Effect", bound=CallEffect)


def hotline(*, welcome_barge_in: bool = True, menu_barge_in: bool = True) -> Hotline:
    """Welcome, then a menu: 1 to data, 2 to bill, 0 hangs up without a word."""
    n = NodeName
    nodes: dict[NodeName, Node] = {
        n("welcome"): Play((WELCOME,), n("menu"), barge_in=welcome_barge_in),
        n("menu"): Menu(
            (ASK,),
            {
                "1": n("data"),
                "2": n("bill"),
                "0": n("quiet"),
                "5": n("menu2"),
                "7": n("lookup"),
                "8": n("police"),
                "4": n("message"),
            },
            noinput_after_ms=PATIENCE_MS,
            noinput=Retry(1, n("apology")),
            nomatch=Retry(1, n("apology"), prompts=(AGAIN,)),
            barge_in=menu_barge_in,
        ),
        n("menu2"): Menu(
            (ASK,),
            {"1": n("quiet")},
            noinput_after_ms=PATIENCE_MS,
            noinput=Retry(0, n("quiet")),
            nomatch=Retry(0, n("quiet")),
        ),
        n("data"): EnterQueue(
            "data",
            7_000,
            {QueueExit.NO_AGENTS: n("apology"), QueueExit.TIMED_OUT: n("bill")},
            keys={
                "4": n("tips"),
                "5": n("pick"),
                "6": n("bill"),
                "7": n("lookup"),
                "8": n("police"),
                "9": n("quiet"),
            },
        ),
        n("bill"): EnterQueue(
            "bill", 0, {QueueExit.NO_AGENTS: n("quiet"), QueueExit.TIMED_OUT: n("menu")}
        ),
        **_other_nodes(),
        n("apology"): HangUp((SORRY,), reason="sorry"),
        n("quiet"): HangUp((), reason="quiet"),
    }
    return Hotline("10086", ("10086",), (EN,), "Asia/Shanghai", Flow("main", n("welcome"), nodes))


def _other_nodes() -> dict[NodeName, Node]:
    """What lies off the usual way: beside the queue, outside, at another system, after a beep."""
    n = NodeName
    return {
        n("tips"): Play((WELCOME,), n("data")),
        n("message"): Record(
            (ASK,),
            "data",
            MESSAGE_MS,
            SILENCE_MS,
            {
                RecordExit.RECORDED: n("menu2"),
                RecordExit.EMPTY: n("message"),
                RecordExit.FAILED: n("quiet"),
            },
        ),
        n("pick"): Menu(
            (ASK,),
            {"1": n("data"), "2": n("tips"), "3": n("bill")},
            noinput_after_ms=PATIENCE_MS,
            noinput=Retry(0, n("data")),
            nomatch=Retry(0, n("data")),
        ),
        n("police"): TransferOutside(
            "police",
            OUTSIDE_MS_MAX,
            {
                OutsideExit.FAILED: n("apology"),
                OutsideExit.NO_ANSWER: n("menu2"),
                OutsideExit.BUSY: n("quiet"),
            },
        ),
        n("lookup"): Lookup(
            "customer",
            (),
            (),
            {
                LookupOutcome.FOUND: n("quiet"),
                LookupOutcome.NOT_FOUND: n("menu2"),
                LookupOutcome.FAILED: n("apology"),
            },
            (),
            LOOKUP_MS_MAX,
        ),
    }


def site(line: Hotline | None = None) -> Site:
    """One hotline, two agents, the usual codes and keys, two reasons for a pause."""
    names = (DATA, BILL, EXPERTS, TO_ANN, TO_BOB)
    queues = [transfer_queue(local_name(name), agent_requirement("bob"), 30_000) for name in names]
    targets = {"1": DATA, "2": EXPERTS, "101": TO_BOB, "102": TO_ANN}
    return Site(
        "main",
        hotlines={"10086": line or hotline()},
        queues={each.name: each for each in queues},
        agents={name: AgentEntry(name, "Expert", {}) for name in ("ann", "bob")},
        desk_transfers=DeskTransfers(
            targets={key: TransferTarget(local_name(queue)) for key, queue in targets.items()}
        ),
        devices={},
        skills=(),
        pause_reasons={"1": "lunch", "2": "meeting"},
    )


class OneNode:
    """One call core and the effects of the last event."""

    def __init__(self, line: Hotline | None = None) -> None:
        self.core = CallCore()
        self.site = site(line)
        self.core.activate(self.site)
        self.at = 1_000
        self.last: Sequence[CallEffect] = ()
        self.records: list[ContactRecord] = []

    def give(self, event: CallEvent, at: int | None = None) -> Sequence[CallEffect]:
        self.at = self.at if at is None else at
        self.last = self.core.handle(event, self.at, wall=WALL_MS + self.at)
        self.records += [each.record for each in self.last if isinstance(each, WriteRecord)]
        return self.last

    def of(self, kind: type[Effect]) -> list[Effect]:
        """The last event's effects of this kind."""
        return [each for each in self.last if isinstance(each, kind)]

    @property
    def phase(self) -> Phase | None:
        return self.core.phase_of(C1)

    @property
    def contact(self) -> Contact:
        """What the core holds of the one contact."""
        return cast("dict[ContactId, Contact]", vars(self.core)["_contacts"])[C1]

    @property
    def service(self) -> ServicePhase | None:
        """What the service call under the caller's leg is doing."""
        return self.core.service_phase_of(CALLER)

    def snapshot(self) -> CallSnapshot:
        """All that the core holds, but its counters."""
        return replace(self.core.snapshot(), ignored=())

    def restart(self) -> None:
        """Go on with a core made from what this one wrote down."""
        before = self.core.snapshot()
        written = msgspec.json.encode(before)
        read = msgspec.json.decode(written, type=CallSnapshot)
        self.core = CallCore.restored(read, {self.site.version: self.site})
        assert self.core.snapshot() == before == read

    # What happens

    def arrive(
        self, at: int = 1_000, dialled: str = "10086", device: DeviceId | None = None
    ) -> Sequence[CallEffect]:
        return self.give(CallArrived(C1, CALLER, dialled, PARTY, device), at)

    def answered(self, leg: LegId, at: int | None = None) -> Sequence[CallEffect]:
        return self.give(LegAnswered(leg), at)

    def ended(
        self, leg: LegId, at: int | None = None, cause: int | None = 16
    ) -> Sequence[CallEffect]:
        return self.give(LegEnded(leg, cause), at)

    def press(self, digit: str, at: int | None = None, leg: LegId = CALLER) -> Sequence[CallEffect]:
        return self.give(DigitReceived(leg, digit), at)

    def keyed(self, keys: str, at: int) -> int:
        """Press these, 100 ms apart; gives the time after the last."""
        for key in keys:
            self.press(key, at)
            at += 100
        return at

    def played(
        self, playback: PlaybackId, at: int | None = None, outcome: PlaybackOutcome = PLAYED
    ) -> Sequence[CallEffect]:
        return self.give(PlaybackFinished(CALLER, playback, outcome), at)

    def bridged(self, bridge: BridgeId = B1, at: int | None = None) -> Sequence[CallEffect]:
        return self.give(LegsBridged(bridge, CALLER), at)

    def command_failed(
        self, effect: str, leg: LegId = CALLER, at: int | None = None
    ) -> Sequence[CallEffect]:
        return self.give(CommandFailed(leg, effect, CommandFailure.REFUSED), at)

    def offered(self, offer: OfferId = O1, at: int | None = None) -> Sequence[CallEffect]:
        return self.give(OfferMade(offer, C1, ANN, DESK, RING_MS), at)

    def rescinded(
        self,
        offer: OfferId = O1,
        reason: RescindReason = RescindReason.TIMED_OUT,
        at: int | None = None,
    ) -> Sequence[CallEffect]:
        return self.give(OfferRescinded(offer, C1, reason), at)

    def overflowed(
        self, cause: OverflowCause = NO_AGENTS, queue: QueueId = DATA, at: int | None = None
    ) -> Sequence[CallEffect]:
        return self.give(ContactOverflowed(C1, queue, cause), at)

    def announced(
        self, position: int = 3, queue: QueueId = DATA, at: int | None = None
    ) -> Sequence[CallEffect]:
        return self.give(PositionAnnounced(C1, queue, position), at)

    def moved(self, queue: QueueId = BILL, at: int | None = None) -> Sequence[CallEffect]:
        return self.give(ContactMoved(C1, queue), at)

    def ordered(
        self,
        order: TransferOrder,
        queue: QueueId | None = None,
        at: int | None = None,
        agent: AgentId = ANN,
    ) -> Sequence[CallEffect]:
        return self.give(TransferRequested(RequestId("r1"), agent, order, queue), at)

    def presence(
        self,
        answer: PresenceAnswer = PresenceAnswer.DONE,
        at: int | None = None,
        presence: Presence = Presence.AVAILABLE,
    ) -> Sequence[CallEffect]:
        request = RequestId(CALLER)
        return self.give(PresenceAnswered(request, answer, ANN, presence), at)

    def looked_up(
        self,
        lookup: LookupId = L1,
        outcome: LookupOutcome = LookupOutcome.FOUND,
        values: tuple[Value, ...] = (),
        at: int | None = None,
    ) -> Sequence[CallEffect]:
        return self.give(LookupAnswered(C1, lookup, outcome, values), at)

    def recorded(
        self,
        outcome: RecordingOutcome = RecordingOutcome.RECORDED,
        recording: RecordingId = R1,
        at: int | None = None,
        *,
        leg_is_ending: bool = False,
    ) -> Sequence[CallEffect]:
        speech_ms = 2_500 if outcome is RecordingOutcome.RECORDED else 0
        finished = RecordingFinished(CALLER, recording, outcome, speech_ms, leg_is_ending)
        return self.give(finished, at)

    def tick(self, at: int) -> Sequence[CallEffect]:
        return self.give(CallTimerFired(), at)


def node_in(phase: Phase, line: Hotline | None = None) -> OneNode:
    """A node whose contact is in this phase: 1 000 arrives, 1 100 answered, 2 000 welcomed, 3 000
    asked, 4 000 queued, 5 000 offered, 6 000 answered by the agent, 6 100 joined, 20 000 left."""
    node = OneNode(line)
    steps = {
        Phase.ANSWERING: lambda: node.arrive(),
        Phase.SPEAKING: lambda: node.answered(CALLER, 1_100),
        Phase.LISTENING: lambda: (node.played(P1, 2_000), node.played(P2, 3_000)),
        **_beside(node, phase),
        Phase.WAITING: lambda: node.press("1", 4_000),
        Phase.ALERTING: lambda: node.offered(at=5_000),
        Phase.JOINING: lambda: node.answered(AGENT_LEG, 6_000),
        Phase.CONNECTED: lambda: node.bridged(at=6_100),
        **_out_of_talk(node, phase),
        Phase.LEAVING: lambda: node.ended(AGENT_LEG, 20_000),
    }
    for reached, step in steps.items():
        step()
        assert node.phase is reached
        if reached is phase:
            return node
    raise AssertionError(f"no way leads to {phase}")


def _out_of_talk(node: OneNode, phase: Phase) -> dict[Phase, Callable[[], object]]:
    """The step into a phase that the talk leads to and that does not lead on; at 8 000."""
    if phase is not Phase.CONSULTING:
        return {}
    return {phase: lambda: node.ordered(TransferOrder.CONSULT, EXPERTS, 8_000)}


def _beside(node: OneNode, phase: Phase) -> dict[Phase, Callable[[], object]]:
    """The step into a phase that lies beside the usual way; taken at 4 000."""
    steps: dict[Phase, Callable[[], object]] = {
        Phase.LOOKING_UP: lambda: node.press("7", 4_000),
        Phase.CALLING_OUTSIDE: lambda: node.press("8", 4_000),
        Phase.RECORDING: lambda: (node.press("4", 4_000), node.played(P3, 4_500)),
    }
    return {phase: steps[phase]} if phase in steps else {}


def service_in(phase: ServicePhase, dialled: str = "*12") -> OneNode:
    """A node whose one service call is in this phase: 1 000 dialled, 1 100 answered, 1 200 the
    router's answer, 3 000 said."""
    node = OneNode()
    steps: dict[ServicePhase, Callable[[], object]] = {
        ServicePhase.ANSWERING: lambda: node.arrive(1_000, dialled, DESK),
        ServicePhase.ASKING: lambda: node.answered(CALLER, 1_100),
        ServicePhase.SPEAKING: lambda: node.presence(at=1_200),
        ServicePhase.LEAVING: lambda: node.played(P1, 3_000),
    }
    for reached, step in steps.items():
        step()
        assert node.service is reached
        if reached is phase:
            return node
    raise AssertionError(f"no way leads to {phase}")
