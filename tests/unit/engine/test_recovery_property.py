"""Random lives of an engine, killed at random: what was committed is there, once, and no more."""

import random
from collections import Counter
from dataclasses import dataclass, field

import pytest
from engine_life import STREAM, Life, World, begun, kept_of
from hypothesis import given, settings
from hypothesis import strategies as st
from leaping_loop import LeapingLoop
from small_site import ANN, BOB, DESK, FREE_DESK, arrival, asked, leg, site

from ivr import journal_feed
from ivr.call.events import DigitReceived, LegAnswered, LegEnded, LegsBridged
from ivr.call.model import BridgeId
from ivr.engine.codec import encode_state
from ivr.engine.driver import EngineEvent
from ivr.engine.recover import recover
from ivr.engine.replay import replay
from router.events import DeviceReachabilityChanged
from router.model import PresenceChange
from simulator.memory_journal import MemoryJournal

pytestmark = pytest.mark.property

STEPS = 120
CONTACTS = 3


@dataclass
class Story:
    """What one seed does, and what the disk must know because of it."""

    world: World
    chance: random.Random
    life: Life | None = None
    states: dict[int, bytes] = field(default_factory=dict[int, bytes])
    """What the cores held after each row that was accepted, by its number."""
    asked: int = 0
    arrived: int = 0
    kills: int = 0
    rare: Counter[str] = field(default_factory=Counter[str])

    def step(self) -> None:
        if self.life is None:
            self.begin()
        assert self.life is not None
        match self.chance.choices(
            ("event", "flush", "wait", "kill", "kill untold", "end", "full", "room"),
            (60, 12, 12, 3, 3, 2, 2, 4),
        )[0]:
            case "event":
                self.life.runtime.submit(self.event())
                self.remember()
            case "flush":
                self.life.journal.flush()
                self.remember()
            case "wait":
                self.world.loop.leaping.now_s += self.chance.choice((0.01, 1.0, 9.0))
            case "kill":
                self.kill()
            case "kill untold":
                if not self.world.disk.full:
                    self.life.journal.commit_untold()
                self.kill()
            case "end":
                self.end()
            case "full":
                self.world.disk.full = True
            case _:
                self.world.disk.full = False

    def begin(self) -> None:
        self.world.disk.full = False
        version = self.chance.choice(sorted(self.world.sites))
        journal = MemoryJournal(self.world.disk)
        last = self.world.disk.last_seq.get(STREAM, 0)
        journal.kill()
        self.life = begun(self.world, commits=False, rows_pending_max=12, version=version)
        # Before anything new happened: exactly what was committed.
        if last in self.states:
            assert self.recovered_state == self.states[last]
        self.rare["restarts with state"] += last in self.states
        self.remember()

    @property
    def recovered_state(self) -> bytes:
        """What the disk leads to; the engine that began has only appended to it since."""
        found = kept_of(self.life.journal)  # pyright: ignore[reportOptionalMemberAccess]
        again = recover(found, core="core-1", sites=self.world.sites)
        return encode_state(again.driver.snapshot(), at_rest=False)

    def remember(self) -> None:
        life = self.life
        if life is None:
            return
        feed = life.runtime.feed
        if feed.takes_calls:
            self.states[feed.seq] = life.state()

    def kill(self) -> None:
        assert self.life is not None
        self.rare["adrift"] += len(self.world.noted("journal_lost"))
        self.life.kill()
        self.life = None
        self.kills += 1
        committed = self.world.disk.last_seq.get(STREAM, 0)
        self.states = {seq: state for seq, state in self.states.items() if seq <= committed}

    def end(self) -> None:
        assert self.life is not None
        self.world.disk.full = False
        self.life.journal.flush()
        self.life.end()
        self.states[self.life.runtime.feed.seq] = self.life.state()
        self.life = None

    def event(self) -> EngineEvent:
        contact = self.chance.randint(max(0, self.arrived - CONTACTS), self.arrived)
        caller, agent = leg(contact), leg(contact, self.chance.randint(1, 2))
        match self.chance.randrange(9):
            case 0:
                self.arrived += 1
                return arrival(self.arrived)
            case 1:
                return LegAnswered(self.chance.choice((caller, agent)))
            case 2 | 3:
                return DigitReceived(caller, self.chance.choice("12"))
            case 4:
                return LegEnded(self.chance.choice((caller, agent)), 16)
            case 5:
                return LegsBridged(BridgeId(f"c{contact}.b1"), caller)
            case 6:
                device = self.chance.choice((DESK, FREE_DESK))
                return DeviceReachabilityChanged(device, self.chance.random() < 0.8)
            case _:
                self.asked += 1
                change = self.chance.choice(tuple(PresenceChange))
                agent_id = self.chance.choice((ANN, BOB))
                device = FREE_DESK if agent_id == BOB else None
                return asked(f"r{self.asked}", change, agent_id, device=device, reason="lunch")


@given(seed=st.integers(0, 2**32))
@settings(max_examples=60, deadline=None)
def test_killed_at_random_nothing_committed_is_lost_and_nothing_is_done_twice(seed: int) -> None:
    loop = LeapingLoop()
    world = World(loop)
    other = site(wrap_up_ms=900)
    world.sites[other.version] = other
    story = Story(world, random.Random(seed))

    async def play() -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(journal_feed, "BACKLOG_ROWS_MAX", 6)
            patch.setattr(journal_feed, "SNAPSHOT_ROWS", 10)
            for _ in range(STEPS):
                story.step()
            if story.life is not None:
                story.end()
            story.begin()
            story.end()

    try:
        loop.run_until_complete(play())
    finally:
        loop.close()
    keys = world.kept.keys()
    assert len(keys) == len(set(keys)), "done twice"
    assert [intent for intent, _ in world.disk.intents.values() if intent.done is None] == []
    assert set(world.disk.intents) <= set(keys)
    journal = MemoryJournal(world.disk)
    report = replay(STREAM, kept_of(journal), core="core-1", sites=world.sites, hear=lambda _: None)
    journal.kill()
    assert report.differing == []
    assert report.state_same is not False
