"""The small site of a world: one hotline with a menu and up to three queues, and some agents."""

import random
from dataclasses import replace
from typing import Final

from ivr.call.consulting import NOBODY_THERE
from ivr.call.handing_over import CALLED_BACK, NOT_CALLED_BACK
from ivr.call.service import DONE, NO_WRAP_UP, REFUSED, UNCHANGED
from ivr.call.talk_keys import TOLD
from ivr.flow.model import (
    EnterQueue,
    Flow,
    HangUp,
    Hotline,
    Language,
    Menu,
    Node,
    NodeName,
    Play,
    Prefer,
    PromptKey,
    QueueExit,
    Retry,
)
from ivr.flow.requirement import SkillRequirement
from ivr.flow.routing import AgentFirst, AgentsOrder, ContactFirst, LevelFirst, RoutingRules
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
from ivr.prompts import fragments
from router.model import AgentId, DeviceId, QueueId, local_name, qualified
from simulator.fake_asterisk.exchange import PromptDurations
from simulator.world_draws import Shape, stream

HOTLINE: Final = "10086"
_SPOKEN: Final = "en-US"
_LANGUAGE: Final = Language(_SPOKEN)
_WELCOME, _ASK, _TIPS, _SORRY = map(PromptKey, ("welcome", "ask", "tips", "sorry"))
_SAID: Final = {
    _WELCOME: 1_200, _ASK: 1_800, _TIPS: 2_500, _SORRY: 900, NOBODY_THERE: 800,
    **dict.fromkeys((*CALLED_BACK, *NOT_CALLED_BACK, *TOLD.values()), 800),
    **dict.fromkeys((REFUSED, UNCHANGED, NO_WRAP_UP, *DONE.values()), 700),
    **{PromptKey(key): 300 for key in fragments.all_keys(_SPOKEN)},
}  # fmt: skip
PROMPT_MS: Final[PromptDurations] = {(key, _LANGUAGE): ms for key, ms in _SAID.items()}
"""How long each prompt is that can be heard in a world."""

SKILLS: Final = ("data", "bill", "vip")
WITHIN_MS: Final = 3_600_000
"""Within what time an agent who served a caller is the one to wait for."""
_RETURN_MS: Final = 12_000
_EXITS: Final[tuple[QueueExit, ...]] = (
    QueueExit.NO_AGENTS,
    QueueExit.TIMED_OUT,
    QueueExit.FULL,
)


def device_of(number: int) -> DeviceId:
    """The device beside the agent of this number."""
    return DeviceId(qualified(f"d{number}"))


def agent_of(number: int) -> AgentId:
    """The agent of this number."""
    return AgentId(qualified(f"a{number}"))


def queue_of(number: int) -> QueueId:
    """The author's queue of this number."""
    return QueueId(qualified(f"q{number}"))


def site_of(shape: Shape) -> Site:
    """The site of this world."""
    chance = stream(shape.seed, "site")
    people = {f"a{number}": _agent(f"a{number}", number, chance) for number in range(shape.agents)}
    queues = {f"q{number}": _queue(f"q{number}", chance) for number in range(shape.queues)}
    for_one = {desk_agent_queue(name): name for name in people}
    for queue, name in for_one.items():
        queues[queue] = transfer_queue(queue, agent_requirement(name), _RETURN_MS)
    targets = dict(enumerate((*(f"q{number}" for number in range(shape.queues)), *for_one)))
    extras = stream(shape.seed, "extras of the site")
    rules = RoutingRules(chance.choice(list(ContactFirst)), chance.choice((None, None, 30)))
    if shape.extras.shares:
        shares = {3: extras.choice((60, 100)), 5: extras.choice((30, 50, 80))}
        rules = RoutingRules(rules.contacts, extras.choice((5, 8, 12)), tuple(shares.items()))
    prefer = Prefer(None, extras.choice((2_000, 8_000)), WITHIN_MS)
    return Site(
        "main",
        hotlines={HOTLINE: _hotline(shape.queues, prefer if shape.extras.prefers else None)},
        queues=queues,
        agents=people,
        devices={f"d{number}": DeviceEntry(f"d{number}") for number in range(shape.agents)},
        skills=SKILLS,
        pause_reasons={"1": "lunch"},
        desk_transfers=DeskTransfers(
            targets={str(number): TransferTarget(queue) for number, queue in targets.items()}
        ),
        routing=rules,
    )


def with_other_skills(site: Site, number: int, chance: random.Random) -> Site:
    """The same site when this agent has learnt something, or forgot it."""
    name = local_name(agent_of(number))
    entry = replace(site.agents[name], skills=_skills(chance))
    return replace(site, agents={**site.agents, name: entry})


def _agent(name: str, number: int, chance: random.Random) -> AgentEntry:
    skills = _skills(chance)
    seat = f"d{number}" if chance.random() < 0.2 else None
    return AgentEntry(name, "Expert", skills, seat)


def _skills(chance: random.Random) -> dict[str, int]:
    skills = {skill: chance.randint(1, 4) for skill in SKILLS if chance.random() < 0.6}
    return skills or {SKILLS[0]: 1}


def _requirement(chance: random.Random) -> SkillRequirement:
    return SkillRequirement(({chance.choice(SKILLS): chance.choice((1, 1, 2, 3))},))


def _queue(name: str, chance: random.Random) -> QueueEntry:
    timed = [
        QueueStep(_requirement(chance), chance.choice((3_000, 8_000)))
        for _ in range(chance.choice((0, 1, 1, 2)))
    ]
    last = QueueStep(SkillRequirement(tuple({skill: 1} for skill in SKILLS)))
    limits = (None, None, WaitingLimit(absolute=6), WaitingLimit(per_agent=3))
    expects, announces = chance.random() < 0.3, chance.random() < 0.6
    announce = Announce(position=True, every_ms=9_000, expected_wait=expects)
    return QueueEntry(
        name,
        (*timed, last),
        ring_ms_max=chance.choice((6_000, 10_000, 15_000)),
        wait_ms_max=chance.choice((20_000, 45_000, 90_000)),
        wrap_up_ms=chance.choice((0, 2_000, 5_000)),
        misses_max=chance.choice((1, 2, 3)),
        hold=Hold("hold", announce if announces else None),
        waiting=chance.choice(limits),
        agents=AgentsOrder(chance.choice(list(LevelFirst)), chance.choice(list(AgentFirst))),
        contact_class=chance.choice((5, 5, 5, 3)),
        share=chance.choice((1, 1, 3)),
        expected_wait_ms_max=chance.choice((None, None, 120_000)),
        wrap_up_ms_max=8_000,
    )


def _hotline(queues: int, prefer: Prefer | None) -> Hotline:
    n = NodeName
    ways = {str(number + 1): n(f"q{number}") for number in range(queues)}
    nodes: dict[NodeName, Node] = {
        n("welcome"): Play((_WELCOME,), n("ask")),
        n("ask"): Menu(
            (_ASK,),
            ways,
            noinput_after_ms=2_000,
            noinput=Retry(1, n("q0")),
            nomatch=Retry(1, n("q0")),
        ),
        n("tips"): Play((_TIPS,), n("q0")),
        n("sorry"): HangUp((_SORRY,)),
    }
    for number in range(queues):
        after = n(f"q{number + 1}") if number + 1 < queues else n("sorry")
        exits: dict[QueueExit, NodeName] = dict.fromkeys(_EXITS, after)
        keys = {"7": n("tips"), "8": n("q0"), "9": n("ask"), "0": n("sorry")}
        priority_ms = 20_000 if number == 1 else 0
        wanted = None if number == 1 else prefer
        nodes[n(f"q{number}")] = EnterQueue(f"q{number}", priority_ms, exits, keys, prefer=wanted)
    flow = Flow("main", n("welcome"), nodes)
    return Hotline(HOTLINE, (HOTLINE,), (_LANGUAGE,), "Asia/Shanghai", flow)
