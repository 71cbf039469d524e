"""Anything may be told to a router: its invariants hold, and made anew it goes on as before."""

import os
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from router_world import (
    AGENTS,
    CALLS,
    CHATS,
    DEVICES,
    QUEUES,
    REASONS,
    ROUTINGS,
    SKILLS,
    queue_variant,
    staffed_world,
)

from router.events import (
    AgentChanged,
    AgentRetired,
    ContactChanged,
    ContactLeft,
    CrisisDeclared,
    CrisisEnded,
    DayStarted,
    DeviceOccupied,
    DeviceReachabilityChanged,
    DeviceVacated,
    EngagementEnded,
    OfferAccepted,
    OfferFailed,
    QueueChanged,
    QueueRetired,
    RoutingChanged,
)
from router.model import (
    PREFERRED_STEP,
    Agent,
    AgentId,
    DeviceId,
    OfferFailure,
    OwnCallId,
    PresenceAnswer,
    PresenceChange,
    QueueId,
    Routing,
    Skill,
    WrapUpChange,
)

pytestmark = pytest.mark.property

WHO, WHERE, WHICH = st.sampled_from(AGENTS), st.sampled_from(DEVICES), st.integers(0, 99)
SEEDS, DEEDS = 12, 700


class Pool(RuleBasedStateMachine):
    """An hour in which everybody does as they please."""

    @initialize()
    def begin(self) -> None:
        self.world = staffed_world()

    @rule(
        agent=WHO,
        skills=st.sampled_from(SKILLS),
        seat=st.none() | WHERE,
        chats=st.sampled_from(CHATS),
    )
    def agent_changes(
        self, agent: AgentId, skills: dict[Skill, int], seat: DeviceId | None, chats: int = 0
    ) -> None:
        self.world.give(AgentChanged(Agent(agent, skills, seat, chats)))

    @rule(agent=WHO)
    def agent_retires(self, agent: AgentId) -> None:
        self.world.give(AgentRetired(agent))

    @rule(number=st.integers(0, 1), variant=st.integers(0, 3))
    def queue_changes(self, number: int, variant: int) -> None:
        self.world.give(QueueChanged(queue_variant(number, variant)))

    @rule(queue=st.sampled_from(QUEUES))
    def queue_retires(self, queue: QueueId) -> None:
        self.world.give(QueueRetired(queue))

    @rule(
        change=st.sampled_from(PresenceChange),
        agent=st.none() | WHO,
        device=st.none() | WHERE,
        reason=st.sampled_from(REASONS),
    )
    def somebody_says(
        self, change: PresenceChange, agent: AgentId | None, device: DeviceId | None, reason: str
    ) -> None:
        self.world.ask(change, agent, device, reason)

    @rule(device=WHERE, call=st.sampled_from(CALLS))
    def own_call_begins(self, device: DeviceId, call: OwnCallId) -> None:
        self.world.give(DeviceOccupied(device, call))

    @rule(device=WHERE, call=st.sampled_from(CALLS))
    def own_call_ends(self, device: DeviceId, call: OwnCallId) -> None:
        self.world.give(DeviceVacated(device, call))

    @rule(device=WHERE, up=st.booleans())
    def device_changes(self, device: DeviceId, up: bool) -> None:
        self.world.give(DeviceReachabilityChanged(device, up))

    @rule(
        queue=st.sampled_from(QUEUES),
        priority_ms=st.sampled_from([0, 0, 5_000]),
        waited_ms=st.sampled_from([0, 0, 9_000]),
        preferred=st.none() | WHO,
    )
    def contact_comes(
        self,
        queue: QueueId,
        priority_ms: int,
        waited_ms: int = 0,
        preferred: AgentId | None = None,
    ) -> None:
        self.world.arrive(queue, priority_ms, waited_ms, preferred)

    @rule(
        which=WHICH,
        queue=st.none() | st.sampled_from(QUEUES),
        priority_ms=st.sampled_from([None, 0, 7_000]),
    )
    def contact_changes(self, which: int, queue: QueueId | None, priority_ms: int | None) -> None:
        self.world.give(ContactChanged(self.world.some_contact(which), queue, priority_ms))

    @rule(queue=st.sampled_from(QUEUES), to=st.none() | st.sampled_from(QUEUES))
    def crisis_begins(self, queue: QueueId, to: QueueId | None) -> None:
        self.world.give(CrisisDeclared(queue, to))

    @rule(queue=st.sampled_from(QUEUES))
    def crisis_ends(self, queue: QueueId) -> None:
        self.world.give(CrisisEnded(queue))

    @rule(routing=st.sampled_from(ROUTINGS))
    def routing_changes(self, routing: Routing) -> None:
        self.world.give(RoutingChanged(routing))

    @rule()
    def day_begins(self) -> None:
        self.world.give(DayStarted())

    @rule(change=st.sampled_from(WrapUpChange), agent=st.none() | WHO, device=st.none() | WHERE)
    def somebody_says_of_her_wrap_up(
        self, change: WrapUpChange, agent: AgentId | None, device: DeviceId | None
    ) -> None:
        self.world.ask_about_wrap_up(change, agent, device)

    @rule(agent=WHO, reason=st.sampled_from(REASONS))
    def somebody_pauses_later(self, agent: AgentId, reason: str) -> None:
        self.world.ask(PresenceChange.PAUSE, agent, None, reason, after_contact=True)

    @rule(which=WHICH)
    def contact_leaves(self, which: int) -> None:
        self.world.give(ContactLeft(self.world.some_contact(which)))

    @rule(which=WHICH)
    def agent_answers(self, which: int) -> None:
        self.world.give(OfferAccepted(self.world.some_offer(which)))

    @rule(which=WHICH, how=st.sampled_from(OfferFailure))
    def offer_fails(self, which: int, how: OfferFailure) -> None:
        self.world.give(OfferFailed(self.world.some_offer(which), how))

    @rule(which=WHICH)
    def conversation_ends(self, which: int) -> None:
        self.world.give(EngagementEnded(self.world.some_offer(which)))

    @rule(ms=st.sampled_from([1, 500, 1_000, 2_000, 5_000, 20_000, 130_000]))
    def time_passes(self, ms: int) -> None:
        self.world.run_for(ms)

    @rule()
    def router_is_restored(self) -> None:
        self.world.restore_twin()

    def teardown(self) -> None:
        if hasattr(self, "world"):
            self.world.restore_twin()
            self.world.run_for(600_000)


Pool.TestCase.settings = settings(
    max_examples=80,
    stateful_step_count=50,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
TestPool = Pool.TestCase


def act(pool: Pool, chance: random.Random) -> None:
    """One likely thing: a day made of these has far more conversations than a searched one."""
    number, which = chance.randrange(len(AGENTS)), chance.randrange(99)
    agent, device = AGENTS[number], DEVICES[number]
    elsewhere, queue = chance.choice(DEVICES), chance.choice(QUEUES)
    change, reason = chance.choice(list(PresenceChange)), chance.choice(REASONS)
    signs_in, to_priority_ms = PresenceChange.SIGN_IN, chance.choice([None, 0, 7_000])
    seat = chance.choice((None,) * 6 + (device,) * 3 + (elsewhere,))
    deeds: dict[Callable[[], None], int] = {
        lambda: pool.contact_comes(
            queue,
            chance.choice([0, 0, 0, 5_000]),
            chance.choice([0, 0, 9_000]),
            chance.choice([None, None, agent]),
        ): 30,
        lambda: pool.contact_changes(which, chance.choice([None, queue]), to_priority_ms): 5,
        lambda: pool.crisis_begins(queue, chance.choice([None, *QUEUES])): 1,
        lambda: pool.crisis_ends(queue): 4,
        lambda: pool.routing_changes(chance.choice(ROUTINGS)): 1,
        lambda: pool.day_begins(): 1,
        lambda: pool.somebody_says_of_her_wrap_up(
            chance.choice(list(WrapUpChange)), agent, None
        ): 12,
        lambda: pool.somebody_pauses_later(agent, reason): 6,
        lambda: pool.contact_leaves(which): 4,
        lambda: pool.agent_answers(which): 22,
        lambda: pool.offer_fails(which, chance.choice(list(OfferFailure))): 4,
        lambda: pool.conversation_ends(which): 26,
        lambda: pool.somebody_says(
            signs_in, agent, chance.choice((device, device, elsewhere)), ""
        ): 24,
        lambda: pool.somebody_says(change, agent, None, reason): 4,
        lambda: pool.somebody_says(change, None, elsewhere, reason): 4,
        lambda: pool.own_call_begins(elsewhere, chance.choice(CALLS)): 1,
        lambda: pool.own_call_ends(elsewhere, chance.choice(CALLS)): 8,
        lambda: pool.device_changes(elsewhere, chance.random() < 0.8): 6,
        lambda: pool.agent_changes(agent, chance.choice(SKILLS), seat, chance.choice(CHATS)): 5,
        lambda: pool.agent_retires(agent): 1,
        lambda: pool.queue_changes(chance.randrange(2), chance.randrange(4)): 3,
        lambda: pool.queue_retires(queue): 1,
        lambda: pool.time_passes(chance.randrange(3_000)): 40,
        lambda: pool.router_is_restored(): 4,
    }
    chance.choices(list(deeds), list(deeds.values()))[0]()


def busy_day(seed: int) -> Pool:
    chance, pool = random.Random(seed), Pool()
    pool.begin()
    for _ in range(DEEDS):
        act(pool, chance)
    pool.teardown()
    return pool


@pytest.mark.parametrize("seed", range(SEEDS))
def test_busy_day_of_any_seed_keeps_the_invariants_and_survives_restoring(seed: int) -> None:
    pool = busy_day(seed)
    ledger = pool.world.router.ledger
    assert len(ledger.used_offers) > 8
    assert pool.world.restored > 5


def test_busy_days_meet_every_answer_and_stand_everywhere() -> None:
    met: set[PresenceAnswer] = set()
    told: set[int] = set()
    steps: set[int] = set()
    for seed in range(3):
        ledger = busy_day(seed).world.router.ledger
        met |= ledger.there.answers_seen
        told |= ledger.told.keys()
        steps |= {step for _, step in ledger.steps_reached}
    assert met == set(PresenceAnswer)
    assert {1, 2, 3} <= told
    assert {PREFERRED_STEP, 0, 1, 2} <= steps


def trace_of(seed: int) -> str:
    """A busy day in one hash: same seed, same hash."""
    return busy_day(seed).world.trace.hexdigest()


def test_hash_seed_has_no_say_in_a_busy_day() -> None:
    assert len({trace_under(hash_seed) for hash_seed in ("1", "2")}) == 1


def trace_under(hash_seed: str) -> str:
    paths = os.pathsep.join([str(Path(__file__).parent), *sys.path])
    done = subprocess.run(
        [sys.executable, "-c", "import test_router_property as own; print(own.trace_of(7))"],
        env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": paths},
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.stdout
