"""What is drawn for a small pool that router and oracle live through: site, habits, words."""

import random
from dataclasses import dataclass, field
from typing import TypedDict

from router.model import (
    Agent,
    AgentId,
    AgentOrder,
    Channel,
    ContactOrder,
    DeviceId,
    LevelOrder,
    Millis,
    Queue,
    QueueId,
    Requirement,
    Routing,
    Skill,
    Step,
    WaitingLimit,
)

SKILLS = tuple(Skill(name) for name in ("data", "bill", "vip"))
AGENTS_MAX, QUEUES_MAX = 11, 4
KINDS = (
    "class", "share", "levels", "agents", "expected", "prefer", "waited", "chats", "limits",
    "overload", "haste",
)  # fmt: skip
ODD_SHARE = 0.5
"""How often a pool knows a kind of rule at all: so each is met alone, and all together."""

REGIMES: dict[str, dict[str, float]] = {
    "crowded": {"arrive": 34, "accept": 26, "end": 22, "sign_in": 16, "pass": 24},
    "calm": {"arrive": 22, "accept": 30, "end": 34, "sign_in": 22, "pass": 34},
    "idle": {"arrive": 10, "accept": 16, "end": 24, "sign_in": 22, "pass": 20},
}
"""Whether contacts wait for agents or agents for contacts: each is chosen among its own."""
SELDOM: dict[str, float] = {
    "leave": 4, "fail": 4, "presence": 5, "occupy": 1, "vacate": 4, "reach": 4,
    "agent": 2, "retire_agent": 0.3, "queue": 2, "retire_queue": 0.2, "restore": 3,
    "change": 8, "crisis": 0.5, "crisis_over": 2, "wrap_up": 6, "pause_later": 3,
    "routing": 0.7, "day": 1,
}  # fmt: skip


@dataclass(slots=True)
class Habits:
    """How often what happens in this pool, and which kinds of rules its queues have."""

    weights: dict[str, float] = field(default_factory=dict[str, float])
    odd: frozenset[str] = frozenset()
    step_ms: Millis = 2_000
    """Between two events at most; where it is long, what was measured grows old."""

    @staticmethod
    def drawn(chance: random.Random) -> "Habits":
        """Habits of one pool; whatever may be absent is so in every third."""
        kept = {key: weight for key, weight in SELDOM.items() if chance.random() < 0.67}
        odd = frozenset(each for each in KINDS if chance.random() < ODD_SHARE)
        always = REGIMES[chance.choice(list(REGIMES))]
        return Habits(always | kept, odd, chance.choice((300, 2_000, 8_000, 40_000)))


class Draws:
    """Draws values of one pool: the same seed, the same values."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self.agents = [
            AgentId(f"main:a{number}") for number in range(2 + chance.randrange(AGENTS_MAX - 1))
        ]
        self.devices = [DeviceId(f"main:d{number}") for number in range(len(self.agents))]
        self.queues = [
            QueueId(f"main:q{number}") for number in range(1 + chance.randrange(QUEUES_MAX))
        ]
        self.habits = Habits.drawn(chance)
        self._skills_here = chance.choice((SKILLS, SKILLS[:2], SKILLS[:1]))

    def agent_skills(self) -> dict[Skill, int]:
        """What somebody knows."""
        here = self._skills_here
        some = self._chance.sample(here, 1 + self._chance.randrange(len(here)))
        return {skill: self._chance.choice((1, 2, 3, 3)) for skill in some}

    def agent(self, name: AgentId, skills: dict[Skill, int], *, seat: DeviceId | None) -> Agent:
        """Somebody, as the site may say from now on."""
        chats = self._chance.choice((0, 1, 2, 3)) if self.has("chats") else 0
        return Agent(name, skills, seat, chats)

    def _skills(self) -> dict[Skill, int]:
        here = self._skills_here
        some = self._chance.sample(here, 1 + self._chance.randrange(min(2, len(here))))
        return {skill: self._chance.choice((1, 1, 1, 2, 3)) for skill in some}

    def _requirement(self) -> Requirement:
        if self._chance.random() < 0.05:
            return Requirement(({},))  # Whoever there is.
        return Requirement(tuple(self._skills() for _ in range(1 + self._chance.randrange(2))))

    def has(self, kind: str) -> bool:
        """Whether this pool knows such rules."""
        return kind in self.habits.odd

    def rules(self, queue: QueueId) -> Queue:
        """A queue as the site may say from now on."""
        chance = self._chance
        steps = [
            Step(self._requirement(), chance.choice((1_000, 3_000, 5_000)))
            for _ in range(chance.randrange(3))
        ]
        limits = (None, WaitingLimit(absolute=4), WaitingLimit(per_agent=1))
        wrap_up_ms = chance.choice((0, 1_000, 3_000))
        return Queue(
            queue,
            (*steps, Step(self._requirement(), chance.choice((None, None, 2_000)))),
            ring_ms_max=chance.choice((3_000, 8_000)),
            wait_ms_max=chance.choice((12_000, 40_000) if self.has("haste") else (90_000, 300_000)),
            wrap_up_ms=wrap_up_ms,
            misses_max=chance.choice((1, 2, 3, 3)),
            waiting=chance.choice(limits) if self.has("limits") else None,
            announce_every_ms=chance.choice((None, None, 5_000, 8_000)),
            wrap_up_ms_max=chance.choice((None, wrap_up_ms, wrap_up_ms + 2_500, 20_000)),
            **self._order_of_a_queue(),
        )

    def _order_of_a_queue(self) -> "_Order":
        chance, order = self._chance, _Order()
        if self.has("class"):
            order["contact_class"] = chance.choice((3, 5, 7))
        if self.has("share"):
            order["share"] = chance.choice((1, 1, 2, 3, 7, 100))
        if self.has("levels"):
            order["levels"] = chance.choice(list(LevelOrder))
        if self.has("agents"):
            order["agents"] = chance.choice(list(AgentOrder))
        if self.has("expected"):
            longest = (None, 1_000, 5_000, 60_000, 180_000, 400_000)
            order["expected_wait_ms_max"] = chance.choice(longest)
            order["announce_expected"] = chance.random() < 0.7
        if self.has("chats"):
            order["channel"] = chance.choice(list(Channel))
        return order

    def routing(self) -> Routing:
        """What may hold for the whole pool from now on."""
        chance = self._chance
        contacts = chance.choice(list(ContactOrder))
        admitted = chance.choice(({}, {}, {7: 60, 5: 80}, {5: 50, 3: 100}, {3: 0}))
        waiting_max = chance.choice((None, 3, 6, 11)) if self.has("overload") else None
        return Routing(contacts, waiting_max, admitted)


class _Order(TypedDict, total=False):
    channel: Channel
    levels: LevelOrder
    agents: AgentOrder
    contact_class: int
    share: int
    expected_wait_ms_max: Millis | None
    announce_expected: bool
