"""The site of the engine's world: one hotline, two queues in two variants each, four agents."""

from collections.abc import Mapping, Sequence

from ivr.call.service import DONE, REFUSED, UNCHANGED
from ivr.flow.model import (
    EnterQueue,
    Flow,
    HangUp,
    Hotline,
    Language,
    Menu,
    NodeName,
    Play,
    PromptKey,
    QueueExit,
    Retry,
    SetLanguage,
)
from ivr.flow.requirement import SkillRequirement
from ivr.flow.site import (
    AgentEntry,
    Announce,
    DeviceEntry,
    Hold,
    QueueEntry,
    QueueStep,
    Site,
    WaitingLimit,
)
from ivr.prompts import fragments
from ivr.prompts.model import Language as SpokenLanguage
from router.model import AgentId, DeviceId, QueueId, local_name
from simulator.fake_asterisk import Answers, PhoneScript, Rejects, RingsOut
from simulator.fake_asterisk.exchange import PromptDurations

ZH, EN = Language("zh-CN"), Language("en-US")
LANGUAGES: tuple[SpokenLanguage, ...] = ("zh-CN", "en-US")
WELCOME, ASK, SORRY, MISSING = map(PromptKey, ("welcome", "ask", "sorry", "missing"))
NOTICES = (REFUSED, UNCHANGED, *DONE.values())
PROMPT_MS: PromptDurations = {
    (key, Language(language)): ms
    for language in LANGUAGES
    for key, ms in (
        (WELCOME, 1_500),
        (ASK, 2_500),
        (SORRY, 1_000),
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
    return Site(
        "main",
        hotlines={"10086": hotline()},
        queues={local_name(name): queue_of(name, variant) for name, variant in variants.items()},
        agents={
            local_name(agent): AgentEntry(local_name(agent), "Expert", held, seat)
            for agent, held, seat in people
        },
        devices={name: DeviceEntry(name) for name in names},
        skills=(DATA_SKILL, BILL_SKILL, VIP),
        pause_reasons={"1": "lunch"},
    )


def hotline() -> Hotline:
    n = NodeName
    nodes = {
        n("welcome"): Play((WELCOME,), n("language")),
        n("language"): Menu(
            (ASK,),
            {"1": n("english"), "2": n("services"), "0": n("data")},
            noinput_after_ms=3_000,
            noinput=Retry(1, n("services")),
            nomatch=Retry(1, n("services")),
        ),
        n("english"): SetLanguage(EN, n("services")),
        n("services"): Menu(
            (ASK,),
            {"1": n("data"), "2": n("bill"), "0": n("quiet"), "*": n("language")},
            noinput_after_ms=3_000,
            noinput=Retry(1, n("data")),
            nomatch=Retry(2, n("data"), prompts=(MISSING,)),
            barge_in=False,
        ),
        n("data"): EnterQueue(
            "data",
            0,
            {
                QueueExit.NO_AGENTS: n("apology"),
                QueueExit.TIMED_OUT: n("bill"),
                QueueExit.FULL: n("bill"),
            },
        ),
        n("bill"): EnterQueue(
            "bill", 30_000, {QueueExit.NO_AGENTS: n("quiet"), QueueExit.TIMED_OUT: n("apology")}
        ),
        n("apology"): HangUp((SORRY, MISSING)),
        n("quiet"): HangUp(()),
    }
    return Hotline(
        "10086", ("10086",), (ZH, EN), "Asia/Shanghai", Flow("main", n("welcome"), nodes)
    )
