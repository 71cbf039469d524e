"""A rehearsal of any hotline ends whatever the caller does, and as the simulator's calls.

The stage of caller tests and the simulator's fake Asterisk know nothing of each other. Over both
the same driver plays the same call, so their records must tell the same story.
"""

from dataclasses import replace
from functools import cache, partial
from itertools import groupby
from pathlib import Path
from typing import cast

import pytest
from every_kind import EVERY_KIND, FILES
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.adapters.site_files import read_site_files
from ivr.adapters.time_zones import known_timezones
from ivr.call.effects import RequestLookup, WriteRecord
from ivr.call.model import PartyRef
from ivr.call.record import ContactRecord
from ivr.call.vault import Vault
from ivr.engine.driver import DeadlineReached, Driver, EngineEvent, SiteActivated
from ivr.flow.load import load_site
from ivr.flow.model import (
    Branch,
    Hours,
    Language,
    Node,
    NodeName,
    PromptKey,
    SetLanguage,
    SetVariables,
)
from ivr.flow.services import LookupOutcome
from ivr.flow.site import Site
from ivr.flow.values import Kind, Value
from ivr.prompts.catalogue import load_catalogue
from ivr.prompts.model import LANGUAGES, Catalogue
from ivr.rehearsal.asked_services import ANSWERS_AFTER_MS as SERVICE_MS
from ivr.rehearsal.asked_services import FAILED, WORDS, AskedServices, Stub, Stubs
from ivr.rehearsal.exchange import BUSY, OUT_OF_ORDER, REJECTED
from ivr.rehearsal.experts import (
    ANSWERS_AFTER_MS,
    REJECTS_AFTER_MS,
    Act,
    Habit,
    LineHabit,
    RecordingHabit,
)
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
    PhoneScript,
    Rejects,
    RingsOut,
)
from simulator.virtual_time import VirtualTime

pytestmark = pytest.mark.property

DIALPLANS = Path(__file__).parents[2] / "dialplans"
LONGEST_MS = 12 * 3_600_000
EXPERTS_MAX = 4
ODD_MS = 7
"""Prompts last whole 20 ms, and so does all that follows them. Each act of the caller lies so much
further from such a time than the one before, so nothing that follows one ties with another."""

keys = st.sampled_from("0123456789*#")
experts_at = st.integers(0, EXPERTS_MAX - 1)
habits = st.dictionaries(experts_at, st.sampled_from(Habit), max_size=EXPERTS_MAX)
line_habits = st.sampled_from(LineHabit)
acts = st.tuples(st.just("act"), experts_at, st.sampled_from(Act))
presses = st.tuples(st.just("press"), keys, st.integers(0, 12_000))
pauses = st.tuples(st.just("pause"), st.none(), st.integers(1, 200_000))
speeches = st.tuples(st.just("speak"), st.none(), st.integers(1, 20_000))

PASSED_SILENTLY = (SetLanguage, SetVariables, Branch, Hours)
"""Kinds of nodes at which a caller never stands, so that her record has none of them."""


@cache
def catalogue() -> Catalogue:
    return load_catalogue()


@cache
def site_of(hotline: str) -> Site:
    """The site of the samples, or the one of every kind of node."""
    texts = FILES if hotline == EVERY_KIND else read_site_files(DIALPLANS).texts
    loaded = load_site(texts, prompts=catalogue().playable(), timezones=known_timezones())
    assert loaded.site is not None
    return loaded.site


def samples() -> list[str]:
    """The hotlines that are shipped."""
    return sorted(each.parent.name for each in DIALPLANS.glob("*/hotline.yaml"))


# Half of all calls are to the hotline that has everything.
hotlines = st.one_of(st.just(EVERY_KIND), st.sampled_from(samples()))


def number_of(hotline: str) -> str:
    """What its callers dial."""
    return site_of(hotline).hotlines[hotline].numbers[0]


@cache
def experts_of(hotline: str) -> tuple[str, ...]:
    """Agents who can serve some of its callers, the best of each step first."""
    site = site_of(hotline)
    own = (entry for name, entry in site.queues.items() if name.startswith(f"{hotline}/"))
    able = [
        name
        for queue in own
        for step in queue.steps
        for name, agent in sorted(site.agents.items())
        if step.requirement.met_by(agent.skills)
    ]
    return tuple(dict.fromkeys(able[:: max(1, len(able) // EXPERTS_MAX)]))


def named(hotline: str, at: int) -> str:
    """One of the hotline's experts."""
    known = experts_of(hotline)
    return known[at % len(known)]


@st.composite
def companies(draw: st.DrawFn, hotline: str, *, with_others: bool = True) -> Company:
    """Experts, other systems, the world outside, perhaps others who called before."""
    site = site_of(hotline)
    queues = sorted(name for name in site.queues if name.startswith(f"{hotline}/"))
    ahead = st.dictionaries(st.sampled_from(queues), st.integers(0, 5), max_size=2)
    return Company(
        {named(hotline, at): habit for at, habit in draw(habits).items()},
        draw(ahead) if with_others else {},
        outside={name: draw(line_habits) for name in site.outside_numbers},
        lookups=draw(stubs(site)),
        caller_known=draw(st.booleans()) if with_others else True,
        closed=draw(st.sampled_from(["", "storm"])) if with_others else "",
        recording=draw(st.sampled_from(RecordingHabit)) if with_others else RecordingHabit.KEPT,
    )


def stubs(site: Site) -> st.SearchStrategy[Stubs]:
    """Answers of some of the site's services, call after call."""
    values: dict[Kind, st.SearchStrategy[Value]] = {
        Kind.BOOL: st.booleans(),
        Kind.INT: st.integers(-200_000, 200_000),
        Kind.TEXT: st.sampled_from(["gold", "2026-11-02", "1", ""]),
    }
    said = {
        name: st.one_of(
            st.sampled_from([FAILED, *WORDS.values()]),
            st.builds(
                Stub,
                st.just(LookupOutcome.FOUND),
                st.fixed_dictionaries({key: values[of] for key, of in each.answers.items()}),
            ),
        )
        for name, each in site.services.items()
    }
    several = {
        name: st.lists(each, min_size=1, max_size=3).map(tuple) for name, each in said.items()
    }
    return st.fixed_dictionaries({}, optional=several)


def is_stood_at(hotline: str, name: str) -> bool:
    """Whether a caller can be found at this node."""
    node: Node = site_of(hotline).hotlines[hotline].flow.nodes[NodeName(name)]
    return not isinstance(node, PASSED_SILENTLY)


@settings(max_examples=100, deadline=None)
@given(
    data=st.data(),
    hotline=hotlines,
    steps=st.lists(st.one_of(presses, pauses, acts, speeches), max_size=25),
    hangs_up=st.booleans(),
)
def test_every_call_ends_and_nothing_raises(
    data: st.DataObject, hotline: str, steps: list[tuple[str, object, object]], hangs_up: bool
) -> None:
    company = data.draw(companies(hotline))
    begun = Stage(site_of(hotline), hotline, catalogue(), company)
    begun.dial(number_of(hotline))
    for kind, what, more in steps:
        if kind == "act":
            begun.act(named(hotline, cast("int", what)), cast("Act", more))
            continue
        if kind == "speak":
            begun.speak(cast("int", more))
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
    steps_on = (node for node in begun.footprints.nodes if is_stood_at(hotline, node))
    stood_at = [node for node, _ in groupby(steps_on)]  # back at once by silent nodes: one visit
    assert list(begun.record.nodes) == stood_at


PHONES: dict[Habit, PhoneScript] = {
    Habit.ANSWERS: Answers(ANSWERS_AFTER_MS),
    Habit.REJECTS: Rejects(REJECTS_AFTER_MS, cause=REJECTED),
    Habit.RINGS_OUT: RingsOut(),
}
LINES: dict[LineHabit, PhoneScript] = {
    LineHabit.ANSWERS: Answers(ANSWERS_AFTER_MS),
    LineHabit.BUSY: Rejects(REJECTS_AFTER_MS, cause=BUSY),
    LineHabit.NO_ANSWER: RingsOut(),
    LineHabit.FAILED: Rejects(0, cause=OUT_OF_ORDER),
}


class Simulated:
    """One call over the simulator's fake Asterisk, without its delays."""

    def __init__(self, hotline: str, company: Company, script: CallerScript) -> None:
        site = self._site = site_of(hotline)
        self._flow = site.hotlines[hotline].flow
        self.record: ContactRecord | None = None
        self._time = VirtualTime()
        nothing = Latency(0)
        self._fake = FakeAsterisk(
            self._time,
            prompt_ms=_durations(),
            settings=NodeSettings(
                latencies=Latencies(
                    websocket=nothing, http=nothing, event=nothing, signalling=nothing
                ),
                beep_ms=0,  # a rehearsal's recording begins with its beep
            ),
        )
        self._driver = Driver({site.version: site})
        self._vault = Vault()
        self._services = AskedServices(company.lookups)
        fixed = {each.device for each in site.agents.values()}
        self._free = [device for device in site.devices if device not in fixed]
        self._fake.attach(
            events=self._submit,
            reachability=lambda device, up: self._submit(DeviceReachabilityChanged(device, up)),
        )
        self._submit(SiteActivated(site.version))
        for name, line in company.outside.items():
            self._fake.set_outside(name, LINES[line])
        for number, (agent, habit) in enumerate(company.experts.items()):
            self._sign_in(number, agent, habit)
        self._time.run_for(0)
        self._fake.arrive(script, dialled=number_of(hotline))
        self._play()

    def _sign_in(self, number: int, agent: str, habit: Habit) -> None:
        device = DeviceId(qualified(self._site.agents[agent].device or self._free.pop(0)))
        self._fake.set_phone(device, PHONES[habit])
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
        entered = self._vault.taken(event, at)
        result = self._driver.handle(entered, at, wall=ORDINARY_WALL + at)
        self._vault.heed((*result.edge, *result.once_only), at)
        for effect in result.telephony:
            self._fake.perform(effect)
        for edge in result.edge:
            if isinstance(edge, RequestLookup):
                answer = self._services.answer(edge, self._flow, None)
                self._time.after(SERVICE_MS, partial(self._submit, answer))
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


@settings(max_examples=60, deadline=None)
@given(
    data=st.data(),
    hotline=hotlines,
    pressed=st.lists(
        st.tuples(st.integers(1, 600), keys), max_size=5, unique_by=lambda press: press[0]
    ),
    hangs_up=st.one_of(st.none(), st.integers(1, 900)),
)
def test_stage_and_simulator_tell_the_same_story(
    data: st.DataObject, hotline: str, pressed: list[tuple[int, str]], hangs_up: int | None
) -> None:
    company = data.draw(companies(hotline, with_others=False))
    steps = [
        (at * 100 + number * ODD_MS, key) for number, (at, key) in enumerate(sorted(pressed), 1)
    ]
    ends_at = None if hangs_up is None else hangs_up * 100 + (len(steps) + 1) * ODD_MS
    simulated = Simulated(hotline, company, CallerScript(tuple(steps), ends_at))
    begun = Stage(site_of(hotline), hotline, catalogue(), company)
    begun.dial(number_of(hotline))
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
