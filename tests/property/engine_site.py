"""The site of the engine's world: one hotline, two queues in two variants each, four agents."""

from collections.abc import Mapping, Sequence

from ivr.call.consulting import NOBODY_THERE
from ivr.call.handing_over import CALLED_BACK
from ivr.call.service import DONE, NO_WRAP_UP, REFUSED, UNCHANGED
from ivr.call.talk_keys import TOLD
from ivr.flow.collecting import DigitRules
from ivr.flow.model import (
    AskQuestion,
    Collect,
    EnterQueue,
    Flow,
    HangUp,
    Held,
    Hotline,
    Hours,
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
    SetLanguage,
    Take,
    TextMessage,
    TransferOutside,
)
from ivr.flow.opening import Calendar, Opening, Span
from ivr.flow.requirement import SkillRequirement
from ivr.flow.secrets import with_hushed
from ivr.flow.services import LookupOutcome
from ivr.flow.site import (
    AgentEntry,
    Announce,
    DeskTransfers,
    DeviceEntry,
    Hold,
    QueueEntry,
    QueueStep,
    Site,
    TransferTarget,
    WaitingLimit,
)
from ivr.flow.transfer_names import desk_agent_queue
from ivr.flow.transfers import agent_requirement, transfer_queue
from ivr.flow.values import NO_SECRET, Kind, Variable
from ivr.flow.zone import Zone
from ivr.prompts import fragments
from ivr.prompts.model import Language as SpokenLanguage
from router.model import AgentId, DeviceId, QueueId, local_name
from simulator.fake_asterisk import Answers, PhoneScript, Rejects, RingsOut
from simulator.fake_asterisk.exchange import PromptDurations

ZH, EN = Language("zh-CN"), Language("en-US")
LANGUAGES: tuple[SpokenLanguage, ...] = ("zh-CN", "en-US")
WELCOME, ASK, SORRY, MISSING = map(PromptKey, ("welcome", "ask", "sorry", "missing"))
NOTICES = (REFUSED, UNCHANGED, NO_WRAP_UP, *DONE.values())
PROMPT_MS: PromptDurations = {
    (key, Language(language)): ms
    for language in LANGUAGES
    for key, ms in (
        (WELCOME, 1_500),
        (ASK, 2_500),
        (SORRY, 1_000),
        *((said, 800) for said in (NOBODY_THERE, *TOLD.values(), *CALLED_BACK)),
        *((notice, 900) for notice in NOTICES),
        *((PromptKey(key), 400) for key in fragments.all_keys(language)),
    )
}


def needs(skill: str) -> SkillRequirement:
    return SkillRequirement(({skill: 1},))


DATA, BILL = QueueId("main:data"), QueueId("main:bill")
DATA_SKILL, BILL_SKILL, VIP = "data", "bill", "vip"
AGENTS = tuple(AgentId(f"main:a{n}") for n in range(4))
DEVICES = tuple(DeviceId(f"main:d{n}") for n in range(4))
SKILLS: tuple[dict[str, int], ...] = (
    {DATA_SKILL: 3},
    {BILL_SKILL: 1},
    {DATA_SKILL: 2, BILL_SKILL: 1},
    {VIP: 1},
    {DATA_SKILL: 1},
)
QUEUES = {
    DATA: (
        # Relaxes, as nearly all queues do.
        (
            (
                QueueStep(SkillRequirement(({DATA_SKILL: 2}, {VIP: 1})), 5_000),
                QueueStep(needs(DATA_SKILL)),
            ),
            WaitingLimit(per_agent=2),
        ),
        ((QueueStep(needs(DATA_SKILL)),), WaitingLimit(absolute=2)),
    ),
    BILL: (
        # Turns from one skill to quite another, and on to both.
        (
            (
                QueueStep(needs(BILL_SKILL), 9_000),
                QueueStep(needs(VIP), 8_000),
                QueueStep(SkillRequirement(({VIP: 1}, {BILL_SKILL: 1}))),
            ),
            None,
        ),
        ((QueueStep(needs(DATA_SKILL), 6_000), QueueStep(needs(BILL_SKILL))), WaitingLimit(3, 2)),
    ),
}
RETURN_MS = 12_000
OUTSIDE = "police"
ALWAYS = Calendar("always", Zone("UTC", (0,)), ((Span(0, 1_440),),) * 7, {})
"""Only by hand the hotline is closed."""
PHONES: tuple[PhoneScript, ...] = (
    Answers(after_ms=800),
    Answers(after_ms=0, hang_up_after_ms=0),
    Answers(after_ms=300, hang_up_after_ms=700),
    Answers(after_ms=2_000, hang_up_after_ms=9_000),
    Answers(after_ms=8_000),
    Rejects(after_ms=50),
    Rejects(after_ms=0, cause=21),
    RingsOut(),
)


def queue_of(identifier: QueueId, variant: int = 0) -> QueueEntry:
    steps, waiting = QUEUES[identifier][variant]
    return QueueEntry(
        local_name(identifier),
        steps,
        ring_ms_max=8_000,
        wait_ms_max=40_000,
        wrap_up_ms=3_000,
        misses_max=2 + variant,
        hold=Hold("hold", Announce(position=True, every_ms=7_000 + 4_000 * variant)),
        waiting=waiting,
    )


def site_of(variants: Mapping[QueueId, int], skills: Sequence[Mapping[str, int]]) -> Site:
    """Two queues in these variants, four agents of these skills; the last has a seat of her own."""
    seats = (None, None, None, local_name(DEVICES[3]))
    people = zip(AGENTS, skills, seats, strict=True)
    names = tuple(map(local_name, DEVICES))
    for_one = {desk_agent_queue(name): name for name in map(local_name, AGENTS)}
    queues = {local_name(name): queue_of(name, variant) for name, variant in variants.items()}
    for queue, name in for_one.items():
        queues[queue] = transfer_queue(queue, agent_requirement(name), RETURN_MS)
    targets = dict(enumerate((local_name(DATA), local_name(BILL), *for_one)))
    return Site(
        "main",
        hotlines={"10086": hotline()},
        queues=queues,
        agents={
            local_name(agent): AgentEntry(local_name(agent), "Expert", held, seat)
            for agent, held, seat in people
        },
        devices={name: DeviceEntry(name) for name in names},
        skills=(DATA_SKILL, BILL_SKILL, VIP),
        pause_reasons={"1": "lunch"},
        desk_transfers=DeskTransfers(
            targets={str(number): TransferTarget(queue) for number, queue in targets.items()}
        ),
    )


def asking(prompts: tuple[PromptKey, ...], *, found: str, failed: str) -> Lookup:
    """Another system is asked, with these words meanwhile."""
    on = {
        LookupOutcome.FOUND: NodeName(found),
        LookupOutcome.NOT_FOUND: NodeName("bill"),
        LookupOutcome.FAILED: NodeName(failed),
    }
    takes = (Take("level", Kind.TEXT, Held("level", 0)),)
    return Lookup("customer", (), takes, on, prompts, patience_ms_max=6_000)


def secret(*, then: str, otherwise: str, barge_in: bool = True) -> Collect:
    """Two or three digits that nobody sees."""
    return Collect(
        (ASK,),
        DigitRules(2, 3),
        Held("pin", 1),
        NodeName(then),
        noinput_after_ms=3_000,
        between_digits_ms=1_000,
        noinput=Retry(1, NodeName(otherwise)),
        nomatch=Retry(1, NodeName(otherwise), prompts=(SORRY,)),
        barge_in=barge_in,
        sensitive=True,
    )


def _other_nodes() -> dict[NodeName, Node]:
    """What lies beside the queues: secrets, lookups, messages both ways, questions, outside."""
    n = NodeName
    return {
        n("pin"): secret(then="code", otherwise="services"),
        n("code"): secret(then="data", otherwise="apology", barge_in=False),
        n("customer"): asking((WELCOME,), found="services", failed="data"),
        n("balance"): asking((), found="quiet", failed="language"),
        n("message"): Record(
            (WELCOME,),
            "data",
            8_000,
            1_500,
            {
                RecordExit.RECORDED: n("services"),
                RecordExit.EMPTY: n("data"),
                RecordExit.FAILED: n("apology"),
            },
        ),
        n("text"): TextMessage("level", (Held("level", 0),), n("mark"), n("services")),
        n("mark"): AskQuestion(
            (ASK,),
            "service",
            dict.fromkeys("15", n("text")),
            noinput_after_ms=3_000,
            noinput=Retry(1, n("data")),
            nomatch=Retry(0, n("quiet")),
        ),
        n("tips"): Play((WELCOME,), n("data")),
        n("choose"): Menu(
            (ASK,),
            {"1": n("data"), "2": n("apology")},
            noinput_after_ms=3_000,
            noinput=Retry(1, n("data")),
            nomatch=Retry(1, n("data")),
        ),
        n("police"): TransferOutside(
            OUTSIDE,
            12_000,
            {
                OutsideExit.FAILED: n("apology"),
                OutsideExit.NO_ANSWER: n("data"),
                OutsideExit.BUSY: n("quiet"),
            },
        ),
    }


def data_queue() -> EnterQueue:
    """A wait that every key leads out of, or aside."""
    exits = {
        QueueExit.NO_AGENTS: NodeName("apology"),
        QueueExit.TIMED_OUT: NodeName("bill"),
        QueueExit.FULL: NodeName("bill"),
    }
    keys = {"1": "tips", "2": "bill", "9": "police", "0": "choose", "*": "code"}
    return EnterQueue("data", 0, exits, {key: NodeName(to) for key, to in keys.items()})


def hotline() -> Hotline:
    n = NodeName
    nodes: dict[NodeName, Node] = {
        n("welcome"): Play((WELCOME,), n("language")),
        n("language"): Menu(
            (ASK,),
            {
                "1": n("english"),
                "2": n("services"),
                "0": n("data"),
                "9": n("customer"),
                "#": n("pin"),
            },
            noinput_after_ms=3_000,
            noinput=Retry(1, n("services")),
            nomatch=Retry(1, n("services")),
        ),
        n("english"): SetLanguage(EN, n("hours")),
        n("hours"): Hours(ALWAYS, {Opening.OPEN: n("services"), Opening.CLOSED: n("bill")}),
        n("services"): Menu(
            (ASK,),
            {
                "1": n("data"),
                "2": n("bill"),
                "0": n("quiet"),
                "*": n("language"),
                "9": n("police"),
                "#": n("balance"),
                "3": n("text"),
                "4": n("message"),
            },
            noinput_after_ms=3_000,
            noinput=Retry(1, n("data")),
            nomatch=Retry(2, n("data"), prompts=(MISSING,)),
            barge_in=False,
        ),
        n("data"): data_queue(),
        **_other_nodes(),
        n("bill"): EnterQueue(
            "bill", 30_000, {QueueExit.NO_AGENTS: n("quiet"), QueueExit.TIMED_OUT: n("apology")}
        ),
        n("apology"): HangUp((SORRY, MISSING)),
        n("quiet"): HangUp(()),
    }
    kept = (Variable("level", Kind.TEXT, ""), Variable("pin", Kind.SECRET, NO_SECRET))
    flow = with_hushed(Flow("main", n("welcome"), nodes, kept))
    return Hotline("10086", ("10086",), (ZH, EN), "Asia/Shanghai", flow)
