"""A rehearsal of the shipped hotline ends whatever the caller does, and as the simulator's calls.

The stage of caller tests and the simulator's fake Asterisk know nothing of each other. Over both
the same driver plays the same call, so their records must tell the same story.
"""

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.adapters.site_files import read_site_files
from ivr.adapters.time_zones import known_timezones
from ivr.call.effects import WriteRecord
from ivr.call.model import PartyRef
from ivr.call.record import ContactRecord
from ivr.engine.driver import DeadlineReached, Driver, EngineEvent, SiteActivated
from ivr.flow.load import load_site
from ivr.flow.model import Language, PromptKey
from ivr.flow.site import Site
from ivr.prompts.catalogue import load_catalogue
from ivr.prompts.model import LANGUAGES, Catalogue
from ivr.rehearsal.experts import ANSWERS_AFTER_MS, REJECTS_AFTER_MS, Act, Habit
from ivr.rehearsal.stage import ORDINARY_WALL, Company, Stage
from ivr.rehearsal.transcript import HungUp
from router.events import DeviceReachabilityChanged, PresenceRequested
from router.model import (
    AgentId,
    ContactId,
    DeviceId,
    OfferId,
    Origin,
    PresenceChange,
    RequestId,
    qualified,
)
from simulator.fake_asterisk import (
    Answers,
    CallerScript,
    FakeAsterisk,
    Latencies,
    Latency,
    NodeSettings,
    Rejects,
    RingsOut,
)
from simulator.virtual_time import VirtualTime

pytestmark = pytest.mark.property

DIALPLANS = Path(__file__).parents[2] / "dialplans"
LONGEST_MS = 12 * 3_600_000
EXPERTS = ("1001", "1003", "1004", "1011")
ODD_MS = 7
"""Keys are pressed so far from every round time: prompts last whole 20 ms, so nothing ties."""

keys = st.sampled_from("0123456789*#")
habits = st.dictionaries(st.sampled_from(EXPERTS), st.sampled_from(Habit), max_size=4)
acts = st.tuples(st.just("act"), st.sampled_from(EXPERTS), st.sampled_from(Act))
presses = st.tuples(st.just("press"), keys, st.integers(0, 12_000))
pauses = st.tuples(st.just("pause"), st.none(), st.integers(1, 200_000))


@cache
def catalogue() -> Catalogue:
    return load_catalogue()


@cache
def site() -> Site:
    texts = read_site_files(DIALPLANS).texts
    loaded = load_site(texts, prompts=catalogue().playable(), timezones=known_timezones())
    assert loaded.site is not None
    return loaded.site


@settings(max_examples=60, deadline=None)
@given(
    experts=habits,
    ahead=st.dictionaries(st.sampled_from(["10086/data", "10086/general"]), st.integers(0, 5)),
    steps=st.lists(st.one_of(presses, pauses, acts), max_size=25),
    hangs_up=st.booleans(),
)
def test_every_call_ends_and_nothing_raises(
    experts: dict[str, Habit],
    ahead: dict[str, int],
    steps: list[tuple[str, object, object]],
    hangs_up: bool,
) -> None:
    begun = Stage(site(), "10086", catalogue(), Company(experts, ahead))
    begun.dial("10086")
    for kind, what, more in steps:
        if kind == "act":
            begun.act(cast("str", what), cast("Act", more))
            continue
        begun.run_until(begun.now + cast("int", more))
        if kind == "press":
            begun.press(cast("str", what))
    if hangs_up:
        begun.hang_up()
    begun.run_until(begun.now + LONGEST_MS)
    assert begun.record is not None
    assert begun.driver.calls.phase_of(begun.record.contact) is None
    times = [line.at for line in begun.transcript.lines]
    assert times == sorted(times)
    assert sum(isinstance(line, HungUp) for line in begun.transcript.lines) == 1
    silent = {"chinese", "english"}
    spoken = [node for node in begun.footprints.nodes if node not in silent]
    assert list(begun.record.nodes) == spoken


class Simulated:
    """One call over the simulator's fake Asterisk, without its delays."""

    def __init__(self, experts: dict[str, Habit], script: CallerScript) -> None:
        self.record: ContactRecord | None = None
        self._time = VirtualTime()
        nothing = Latency(0)
        self._fake = FakeAsterisk(
            self._time,
            prompt_ms=_durations(),
            settings=NodeSettings(
                latencies=Latencies(
                    websocket=nothing, http=nothing, event=nothing, signalling=nothing
                )
            ),
        )
        self._driver = Driver({site().version: site()})
        self._fake.attach(
            events=self._submit,
            reachability=lambda device, up: self._submit(DeviceReachabilityChanged(device, up)),
        )
        self._submit(SiteActivated(site().version))
        for number, (agent, habit) in enumerate(experts.items()):
            self._sign_in(number, agent, habit)
        self._time.run_for(0)
        self._fake.arrive(script, dialled="10086")
        self._play()

    def _sign_in(self, number: int, agent: str, habit: Habit) -> None:
        seat = site().agents[agent].device or "desk-8010"
        device = DeviceId(qualified(seat))
        phones = {
            Habit.ANSWERS: Answers(ANSWERS_AFTER_MS),
            Habit.REJECTS: Rejects(REJECTS_AFTER_MS, cause=21),
            Habit.RINGS_OUT: RingsOut(),
        }
        self._fake.set_phone(device, phones[habit])
        self._time.run_for(0)
        asked = PresenceRequested(
            RequestId(f"r{number}"),
            PresenceChange.SIGN_IN,
            AgentId(qualified(agent)),
            device,
            None,
            Origin.COMMAND,
        )
        self._submit(asked)

    def _play(self) -> None:
        while self.record is None and self._time.now() < LONGEST_MS:
            due = self._driver.next_deadline()
            if not self._time.step(due) and due is not None:
                self._time.run_until(due)
                self._submit(DeadlineReached())

    def _submit(self, event: EngineEvent) -> None:
        at = self._time.now()
        result = self._driver.handle(event, at, wall=ORDINARY_WALL + at)
        for effect in result.telephony:
            self._fake.perform(effect)
        for once in result.once_only:
            if isinstance(once, WriteRecord):
                self.record = once.record


def _durations() -> dict[tuple[PromptKey, Language], int]:
    known = catalogue()
    return {
        (PromptKey(key), Language(language)): known.duration_ms(key, language)
        for key in known.prompts
        for language in LANGUAGES
        if known.has(key, language)
    }


def outline(record: ContactRecord) -> ContactRecord:
    """A record without the ids that each side draws for itself."""
    return replace(
        record,
        contact=ContactId(""),
        caller=PartyRef(""),
        site="",
        legs=(),
        offers=tuple(replace(each, offer=OfferId("")) for each in record.offers),
    )


@settings(max_examples=40, deadline=None)
@given(
    experts=habits,
    pressed=st.lists(
        st.tuples(st.integers(1, 600), keys), max_size=5, unique_by=lambda press: press[0]
    ),
    hangs_up=st.one_of(st.none(), st.integers(1, 900)),
)
def test_stage_and_simulator_tell_the_same_story(
    experts: dict[str, Habit], pressed: list[tuple[int, str]], hangs_up: int | None
) -> None:
    steps = sorted((at * 100 + ODD_MS, key) for at, key in pressed)
    ends_at = None if hangs_up is None else hangs_up * 100 + 2 * ODD_MS
    simulated = Simulated(experts, CallerScript(tuple(steps), ends_at))
    begun = Stage(site(), "10086", catalogue(), Company(experts))
    begun.dial("10086")
    for at, key in steps:
        if ends_at is None or at < ends_at:
            begun.run_until(at)
            begun.press(key)
    if ends_at is not None:
        begun.run_until(ends_at)
        begun.hang_up()
    begun.run_until(LONGEST_MS)
    assert begun.record is not None
    assert simulated.record is not None
    assert outline(begun.record) == outline(simulated.record)
