"""A site of one hotline, one queue and two agents, for the tests of the engine."""

from ivr.call.events import CallArrived
from ivr.call.model import LegId, PartyRef
from ivr.flow.model import (
    EnterQueue,
    Flow,
    HangUp,
    Hotline,
    Language,
    MakeWorkOrder,
    Menu,
    Node,
    NodeName,
    PromptKey,
    QueueExit,
    Retry,
)
from ivr.flow.requirement import SkillRequirement
from ivr.flow.site import AgentEntry, DeviceEntry, Hold, QueueEntry, QueueStep, Site
from router.events import PresenceRequested
from router.model import (
    AgentId,
    ContactId,
    DeviceId,
    Origin,
    PresenceChange,
    QueueId,
    RequestId,
)

EN, ASK, SORRY = Language("en-US"), PromptKey("ask"), PromptKey("sorry")
DATA, ANN, BOB = QueueId("main:10086/data"), AgentId("main:1001"), AgentId("main:1002")
DESK, FREE_DESK = DeviceId("main:desk-1"), DeviceId("main:desk-2")
PARTY = PartyRef("party-1")


def hotline() -> Hotline:
    """Key 1 leads into the queue, key 2 to a work order."""
    n = NodeName
    nodes: dict[NodeName, Node] = {
        n("menu"): Menu(
            (ASK,),
            {"1": n("data"), "2": n("order")},
            4_000,
            Retry(0, n("sorry")),
            Retry(0, n("sorry")),
        ),
        n("data"): EnterQueue("10086/data", 0, dict.fromkeys(QueueExit, n("order"))),
        n("order"): MakeWorkOrder("data", None, 3_600_000, n("sorry")),
        n("sorry"): HangUp((SORRY,)),
    }
    return Hotline("10086", ("10086",), (EN,), "UTC", Flow("main", n("menu"), nodes))


def queue(name: str = "10086/data", *, wrap_up_ms: int = 500) -> QueueEntry:
    return QueueEntry(
        name,
        (QueueStep(SkillRequirement(({"data": 1},))),),
        ring_ms_max=8_000,
        wait_ms_max=60_000,
        wrap_up_ms=wrap_up_ms,
        misses_max=2,
        hold=Hold("hold"),
    )


def site(*, wrap_up_ms: int = 500) -> Site:
    """1001 has a fixed seat, 1002 sits where she likes; another wrap-up makes another version."""
    return Site(
        "main",
        hotlines={"10086": hotline()},
        queues={"10086/data": queue(wrap_up_ms=wrap_up_ms)},
        agents={
            "1001": AgentEntry("1001", "Data expert", {"data": 1}, "desk-1"),
            "1002": AgentEntry("1002", "Data expert", {"data": 2}),
        },
        devices={"desk-1": DeviceEntry("desk-1"), "desk-2": DeviceEntry("desk-2")},
        skills=("data",),
    )


def leg(number: int, of: int = 0) -> LegId:
    return LegId(f"c{number}.{of}")


def arrival(number: int = 1) -> CallArrived:
    return CallArrived(ContactId(f"c{number}"), leg(number), "10086", PARTY)


def asked(
    request: str,
    change: PresenceChange,
    agent: AgentId = ANN,
    *,
    device: DeviceId | None = None,
    reason: str | None = None,
) -> PresenceRequested:
    return PresenceRequested(RequestId(request), change, agent, device, reason, Origin.COMMAND)
