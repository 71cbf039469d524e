"""Random callers key in secrets: nothing that the engine writes or asks for tells of them.

In this hotline every key is one of a secret or may be one, but for the one that its menu wants: no
other key may be told as it is.
"""

import random
from dataclasses import dataclass, field, replace

import pytest
from engine_life import STREAM, Life, World, begun, kept_of
from hypothesis import given, settings
from hypothesis import strategies as st
from leaping_loop import LeapingLoop
from small_site import ASK, EN, SORRY, arrival, leg, site

from ivr import journal_feed
from ivr.call.effects import PlayPrompts
from ivr.call.events import DigitReceived, LegAnswered, LegEnded, PlaybackFinished
from ivr.call.model import LegId, PlaybackOutcome
from ivr.engine.driver import DeadlineReached
from ivr.engine.replay import replay
from ivr.flow.collecting import DigitRules
from ivr.flow.model import Collect, Flow, HangUp, Held, Hotline, Menu, Node, NodeName, Play, Retry
from ivr.flow.secrets import with_hushed
from ivr.flow.site import Site
from ivr.flow.values import Kind, SecretRef, Variable
from simulator.memory_journal import MemoryJournal

pytestmark = pytest.mark.property

STEPS = 90
CALLERS_MAX = 3
SECRETS = ("73910482", "40619358", "95820417", "28461703")
"""What callers key in; no clock, id or counter of the run looks like one of them."""

GO_ON = "*"
"""What the menu wants; no part of a secret."""

N = NodeName


def asking(into: str, index: int, then: str, *, barge_in: bool) -> Collect:
    return Collect(
        prompts=(ASK,),
        rules=DigitRules(6, 8),
        into=Held(into, index),
        next=N(then),
        noinput_after_ms=5_000,
        between_digits_ms=2_000,
        noinput=Retry(2, N("sorry")),
        nomatch=Retry(2, N("intro"), prompts=(SORRY,)),
        barge_in=barge_in,
        sensitive=True,
    )


def secret_site() -> Site:
    """A menu, an intro, a PIN, a word, a second secret that cuts no prompt, and round again."""
    nodes: dict[NodeName, Node] = {
        N("menu"): Menu(
            (ASK,), {GO_ON: N("intro")}, 60_000, Retry(9, N("sorry")), Retry(9, N("sorry"))
        ),
        N("intro"): Play((ASK,), N("pin")),
        N("pin"): asking("pin", 0, "thanks", barge_in=True),
        N("thanks"): Play((SORRY,), N("code"), barge_in=False),
        N("code"): asking("code", 1, "intro", barge_in=False),
        N("sorry"): HangUp((SORRY,)),
    }
    kept = tuple(Variable(name, Kind.SECRET, SecretRef("")) for name in ("pin", "code"))
    flow = with_hushed(Flow("main", N("menu"), nodes, kept))
    line = Hotline("10086", ("10086",), (EN,), "UTC", flow)
    return replace(site(), hotlines={"10086": line})


@dataclass
class Traced(World):
    """A world that keeps all that its trace is told."""

    traced: list[str] = field(default_factory=list[str])

    def turn(self, *, at: int, wall: int, event: object, effects: tuple[object, ...]) -> None:
        super().turn(at=at, wall=wall, event=event, effects=effects)
        self.traced.append(repr((at, wall, event, effects)))


@dataclass
class Story:
    """What one seed does."""

    world: Traced
    chance: random.Random
    life: Life
    arrived: int = 0
    states: list[bytes] = field(default_factory=list[bytes])
    whole: int = 0
    """Entries that were keyed in to their end."""

    def step(self) -> None:
        caller = leg(self.chance.randint(max(1, self.arrived - CALLERS_MAX), max(1, self.arrived)))
        submit = self.life.runtime.submit
        match self.chance.randrange(12):
            case 0:
                self.arrived += 1
                submit(arrival(self.arrived))
                self.keys(leg(self.arrived), self.chance.randrange(3))
                submit(LegAnswered(leg(self.arrived)))
                submit(DigitReceived(leg(self.arrived), GO_ON))
            case 1 | 2 | 3:
                self.key_in(caller)
            case 4 | 5:
                self.keys(caller, self.chance.randint(1, 4))
            case 6 | 7 | 8:
                self.play_out()
            case 9 | 10:
                self.wait()
            case _:
                submit(LegEnded(caller, 16))
        self.states.append(self.life.state())

    def keys(self, caller: LegId, count: int) -> None:
        """The beginning of a secret, or the rest of one."""
        secret = self.chance.choice(SECRETS)
        for key in secret[self.chance.randrange(4) :][:count]:
            self.life.runtime.submit(DigitReceived(caller, key))

    def key_in(self, caller: LegId) -> None:
        for key in self.chance.choice(SECRETS) + self.chance.choice(("#", "", "5")):
            self.life.runtime.submit(DigitReceived(caller, key))
        self.whole += 1

    def play_out(self) -> None:
        asked = [each for _, each in self.world.performed if isinstance(each, PlayPrompts)]
        for each in asked[-CALLERS_MAX:]:
            finished = PlaybackFinished(each.leg, each.playback, PlaybackOutcome.PLAYED)
            self.life.runtime.submit(finished)

    def wait(self) -> None:
        self.world.loop.leaping.now_s += self.chance.choice((0.5, 2.5, 6.0, 130.0))
        self.life.runtime.submit(DeadlineReached())

    def kill(self) -> None:
        self.life.journal.flush()
        self.life.kill()
        (version,) = self.world.sites
        self.life = begun(self.world, commits=False, version=version)
        for _ in range(CALLERS_MAX):
            self.take_in()

    def take_in(self) -> None:
        """A caller of the engine before keys on, not knowing it, and then hears the menu out."""
        self.arrived += 1
        caller, submit = leg(self.arrived), self.life.runtime.submit
        submit(replace(arrival(self.arrived), taken_in=True))
        self.keys(caller, 1)
        submit(LegAnswered(caller))
        self.keys(caller, 4)
        self.world.loop.leaping.now_s += self.chance.choice((0.0, 2.0, 5.0))
        self.key_in(caller)
        for _, each in list(self.world.performed):
            if isinstance(each, PlayPrompts) and each.leg == caller:
                submit(PlaybackFinished(caller, each.playback, PlaybackOutcome.PLAYED))
        submit(DigitReceived(caller, GO_ON))


def all_that_is_left(story: Story) -> str:
    """Everything that is written, kept, said or asked for, in one text."""
    disk, world = story.world.disk, story.world
    journal = MemoryJournal(disk)
    rows = list(journal.rows(STREAM, after=0))
    snapshots = journal.snapshots(STREAM)
    journal.kill()
    parts = (rows, snapshots, disk.intents, world.traced, world.performed, world.notes)
    return repr(parts) + repr(world.kept) + repr(story.states)


def lived(seed: int) -> Story:
    loop = LeapingLoop()
    here = secret_site()
    world = Traced(loop, sites={here.version: here})
    try:
        return loop.run_until_complete(_lived(world, seed))
    finally:
        loop.close()


async def _lived(world: Traced, seed: int) -> Story:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(journal_feed, "SNAPSHOT_ROWS", 10)
        (version,) = world.sites
        story = Story(world, random.Random(seed), begun(world, commits=False, version=version))
        kills_at = story.chance.randrange(STEPS)
        for number in range(STEPS):
            story.step()
            if number == kills_at:
                story.kill()
        story.life.journal.flush()
        story.life.end()
    return story


@given(seed=st.integers(0, 2**32))
@settings(max_examples=50, deadline=None)
def test_no_key_of_a_secret_is_written_kept_or_asked_for(seed: int) -> None:
    story = lived(seed)
    told = {each.digit for _, each in story.world.turns if isinstance(each, DigitReceived)}
    assert told <= {GO_ON}
    left = all_that_is_left(story)
    for secret in SECRETS:
        for part in (secret, secret[:6], secret[2:]):
            assert part not in left


@given(seed=st.integers(0, 2**32))
@settings(max_examples=20, deadline=None)
def test_replay_of_shielded_callers_leads_to_the_same(seed: int) -> None:
    story = lived(seed)
    journal = MemoryJournal(story.world.disk)
    kept = kept_of(journal)
    sites = story.world.sites
    report = replay(STREAM, kept, core="core-1", sites=sites, hear=lambda _: None)
    journal.kill()
    assert report.differing == []
    assert report.state_same is not False


def test_these_lives_keep_secrets_and_lose_them() -> None:
    """Else the properties would hold of nothing."""
    left = [all_that_is_left(lived(seed)) for seed in range(8)]
    for came in ("GOING", "FULL", "ENTERED", "NOMATCH"):
        assert any(f"SecretCame.{came}" in each for each in left), came
    assert any("KeyHidden" in each for each in left)
    assert any('"c1.s1"' in each or "'c1.s1'" in each for each in left)
