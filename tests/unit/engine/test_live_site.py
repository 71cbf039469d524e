"""A change of the site under a running engine: taken whole, refused whole, and gone on from."""

import asyncio
from collections.abc import Callable, Collection, Coroutine, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import pytest
from engine_life import Life, World, begun
from leaping_loop import LeapingLoop
from small_site import ANN, DESK, arrival, asked, hotline, leg, queue, site

from ivr.adapters.control.wire import ReloadLine, ReloadResult
from ivr.adapters.store.sites import StoredSite
from ivr.app_site import CheckedSite, EngineProblem, Servable, SiteInvalid
from ivr.call.events import DigitReceived, LegAnswered
from ivr.call.phases import Phase
from ivr.engine.driver import SiteActivated
from ivr.flow.model import NodeName
from ivr.flow.problems import Code, ConfigProblem, Place, Severity
from ivr.flow.site import DeviceEntry, Site
from ivr.live_site import DEVICES_S_MAX, TRACED_MAX, LiveSite, SiteEdges
from ivr.prompts.model import Catalogue, Duration, Prompt, Sound, sounds_of
from router.events import DeviceReachabilityChanged
from router.model import ContactId, Presence, PresenceChange

pytestmark = pytest.mark.unit

T = TypeVar("T")
OLD = site()
NEW = replace(OLD, devices={**OLD.devices, "desk-9": DeviceEntry("desk-9")})
"""One device more."""

NO_QUEUE = replace(
    OLD,
    hotlines={"10086": replace(hotline(), numbers=("10087",))},
    queues={"10086/other": queue("10086/other")},
    agents={"1002": OLD.agents["1002"]},
)
"""Another number, another queue, and 1001 gone."""


async def at_once(work: Callable[..., T], *given: object) -> T:
    """Instead of in a thread: the clock of these tests would not wait for one."""
    return work(*given)


@dataclass
class Author:
    """Whoever changes the files: what they say now."""

    site: Site | EngineProblem = OLD
    catalogue: Catalogue = field(default_factory=lambda: Catalogue({}, {}))
    played: list[Catalogue] = field(default_factory=list[Catalogue])
    matched: list[tuple[set[str], set[str]]] = field(
        default_factory=list[tuple[set[str], set[str]]]
    )
    match_s: float = 0.0

    def read(self) -> Servable:
        if isinstance(self.site, EngineProblem):
            raise self.site
        return Servable(CheckedSite(self.site, StoredSite({}, {})), self.catalogue)

    async def match(self, wanted: Collection[str], gone: Collection[str]) -> tuple[str, ...]:
        await asyncio.sleep(self.match_s)
        self.matched.append((set(wanted), set(gone)))
        return ("about devices",)


@dataclass
class Bench:
    """An engine whose site can change."""

    world: World
    author: Author = field(default_factory=Author)

    def begin(self, version: str | None = None) -> Life:
        life = begun(self.world, commits=False, version=version)
        edges = SiteEdges(
            self.author.read,
            lambda checked: self.activate(life, checked),
            self.author.played.append,
            self.author.match,
        )
        site = self.world.sites[life.driver.site or ""]
        self.live = LiveSite(site, life.runtime, edges, catalogue=self.author.catalogue)
        return life

    def activate(self, life: Life, checked: CheckedSite) -> None:
        self.world.sites[checked.site.version] = checked.site
        life.runtime.submit(SiteActivated(checked.site.version))

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.world.loop.run_until_complete(work)


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    monkeypatch.setattr(asyncio, "to_thread", at_once)
    loop = LeapingLoop()
    yield Bench(World(loop))
    loop.close()


def reload_to(bench: Bench, changed: Site | EngineProblem) -> ReloadLine:
    bench.author.site = changed
    return bench.run(bench.live.reload())


def catalogue_of(words: str, *, built_from: str) -> Catalogue:
    prompts = {"hi": Prompt("hi", {"en-US": words}, "Apache-2.0")}
    built = Sound("hi", "en-US", (("en-US", built_from),), fragment=False, licence="Apache-2.0")
    durations = {built.name: Duration(1_000, built.text_sha256)}
    return Catalogue(prompts, sounds_of(prompts.values()), durations)


def test_reload_of_an_equal_site_tells_which_words_callers_hear(bench: Bench) -> None:
    read = [
        catalogue_of("Hello.", built_from="Hello."),
        catalogue_of("Welcome.", built_from="Hello."),
        catalogue_of("Welcome.", built_from="Welcome."),
    ]

    async def story() -> list[ReloadLine]:
        bench.author.catalogue = read[0]
        life = bench.begin()
        lines: list[ReloadLine] = []
        for bench.author.catalogue in read:
            lines.append(await bench.live.reload())
        life.kill()
        return lines

    same, stale, new = bench.run(story())
    assert {each.result for each in (same, stale, new)} == {ReloadResult.UNCHANGED}
    assert same.notices == ("about devices",)
    assert stale.notices[0].startswith("Callers hear the old words in: en-US/hi;")
    assert "prompts build --write-durations" in stale.notices[0]
    assert new.notices == ("Callers hear new words in: en-US/hi.", "about devices")


def test_changed_site_serves_new_contacts_and_live_ones_keep_theirs(bench: Bench) -> None:
    async def story() -> tuple[ReloadLine, Life]:
        life = bench.begin()
        life.runtime.submit(arrival(1))
        life.runtime.submit(LegAnswered(leg(1)))
        bench.author.site = NO_QUEUE
        line = await bench.live.reload()
        life.runtime.submit(replace(arrival(2), dialled="10087"))
        life.runtime.submit(arrival(3))
        return line, life

    line, life = bench.run(story())
    assert (line.result, line.version, line.live_contacts) == (
        ReloadResult.ACTIVATED,
        NO_QUEUE.version,
        1,
    )
    assert bench.live.site() is NO_QUEUE
    assert life.runtime.site == NO_QUEUE.version
    told = [(each.part, each.name, each.how) for each in line.changes]
    assert told == [
        ("hotline", "10086", "changed"),
        ("queue", "10086/data", "removed"),
        ("queue", "10086/other", "added"),
        ("agent", "1001", "removed"),
    ]
    by_contact = {each.id: each.site for each in life.driver.calls.snapshot().contacts}
    assert by_contact == {"c1": OLD.version, "c2": NO_QUEUE.version}
    life.kill()


def test_queue_that_is_gone_gives_its_callers_back_and_takes_no_other(bench: Bench) -> None:
    """What waits leaves by no_agents, and so does who comes to that node later on an old flow."""

    async def story() -> tuple[ReloadLine, Life]:
        life = bench.begin()
        life.runtime.submit(DeviceReachabilityChanged(DESK, True))
        life.runtime.submit(asked("r1", PresenceChange.SIGN_IN))
        for number in (1, 2, 3):
            life.runtime.submit(arrival(number))
            life.runtime.submit(LegAnswered(leg(number)))
        for number in (1, 2):
            life.runtime.submit(DigitReceived(leg(number), "1"))
        assert phase(life, 1) is Phase.ALERTING
        assert phase(life, 2) is Phase.WAITING
        bench.author.site = NO_QUEUE
        line = await bench.live.reload()
        life.runtime.submit(DigitReceived(leg(3), "1"))
        return line, life

    line, life = bench.run(story())
    assert line.notices[:2] == (
        "Queue 10086/data is gone: 2 who waited there go on by no_agents of their flow.",
        "Agent 1001 is gone from the site and was signed out.",
    )
    for each in life.driver.calls.snapshot().contacts:
        visits = [visit.node for visit in each.story.visits]
        assert visits[:2] == [NodeName("menu"), NodeName("data")]
        assert each.phase is Phase.LEAVING or visits[-1] == NodeName("sorry")
        assert each.queue is None or each.stay is None
    assert life.driver.router.queues()[0].queue == "main:10086/other"
    life.kill()


def phase(life: Life, number: int) -> Phase | None:
    return life.driver.calls.phase_of(ContactId(f"c{number}"))


def test_site_with_mistakes_is_refused_with_every_reason(bench: Bench) -> None:
    life = bench.run(begin(bench))
    place = Place("10086/hotline.yaml", 7, 3)
    problems = (
        ConfigProblem(Code.UNKNOWN_NODE, place, "No such node.", "Name one."),
        ConfigProblem(Code.UNUSED_FLOW, place, "Unused.", "Use it.", Severity.WARNING),
        ConfigProblem(Code.UNKNOWN_PROMPT, place, "No such prompt.", "Write it."),
    )
    before = life.state()
    line = reload_to(bench, SiteInvalid(Path("dialplans"), problems))
    assert line.result is ReloadResult.REFUSED
    assert line.version == OLD.version
    assert line.reasons == (
        "10086/hotline.yaml:7:3: error unknown-node: No such node. Name one.",
        "10086/hotline.yaml:7:3: error unknown-prompt: No such prompt. Write it.",
    )
    assert life.state() == before
    assert bench.live.site() == OLD
    assert bench.author.played == []
    (noted,) = bench.world.noted("site_reload")
    assert noted["result"] == "refused"
    assert noted["reasons"] == "; ".join(line.reasons)
    assert reload_to(bench, NEW).result is ReloadResult.ACTIVATED
    life.kill()


async def begin(bench: Bench) -> Life:
    return bench.begin()


def test_equal_site_writes_no_row_and_still_looks_at_prompts_and_devices(bench: Bench) -> None:
    life = bench.run(begin(bench))
    rows = life.runtime.feed.seq
    line = reload_to(bench, site())
    assert (line.result, line.changes) == (ReloadResult.UNCHANGED, ())
    assert line.notices == ("about devices",)
    assert life.runtime.feed.seq == rows
    assert len(bench.author.played) == 1
    life.kill()


def test_new_and_gone_devices_are_given_to_asterisk(bench: Bench) -> None:
    life = bench.run(begin(bench))
    assert reload_to(bench, NEW).notices == ("about devices",)
    reload_to(bench, OLD)
    assert bench.author.matched == [
        ({"desk-1", "desk-2", "desk-9"}, set()),
        ({"desk-1", "desk-2"}, {"desk-9"}),
    ]
    life.kill()


def test_asterisk_that_takes_too_long_is_told_and_the_site_serves(bench: Bench) -> None:
    life = bench.run(begin(bench))
    bench.author.match_s = DEVICES_S_MAX + 1
    line = reload_to(bench, NEW)
    assert line.result is ReloadResult.ACTIVATED
    assert line.notices[0].startswith("Asterisk did not read its devices within 15 s")
    life.kill()


def test_reloads_at_once_are_taken_one_after_another(bench: Bench) -> None:
    life = bench.run(begin(bench))
    bench.author.match_s = 1.0
    bench.author.site = NEW

    async def three() -> list[ReloadLine]:
        first = bench.live.begin_reload()
        await asyncio.sleep(0)
        second, third = bench.live.begin_reload(), bench.live.begin_reload()
        assert second is third is not first
        return [await third, await first]

    second, first = bench.run(three())
    assert first.result is ReloadResult.ACTIVATED
    assert second.result is ReloadResult.UNCHANGED
    assert len(bench.world.noted("site_reload")) == 2
    life.kill()


def test_engine_that_ended_takes_no_change(bench: Bench) -> None:
    life = bench.run(begin(bench))
    life.end()
    line = reload_to(bench, NEW)
    assert line.result is ReloadResult.REFUSED
    assert "stopping" in line.reasons[0]
    assert bench.live.site() == OLD


def test_stopping_gives_up_what_is_under_way(bench: Bench) -> None:
    life = bench.run(begin(bench))
    bench.author.match_s = 1_000.0

    async def stop() -> bool:
        task = bench.live.begin_reload()
        await asyncio.sleep(0)
        await bench.live.stop()
        return task.cancelled()

    assert bench.run(stop())
    life.kill()


def test_trace_holds_no_more_than_so_many_reasons(bench: Bench) -> None:
    life = bench.run(begin(bench))
    place = Place("site.yaml")
    problems = tuple(
        ConfigProblem(Code.UNKNOWN_SKILL, place, f"Skill {number}.", "Add it.")
        for number in range(TRACED_MAX + 5)
    )
    line = reload_to(bench, SiteInvalid(Path("dialplans"), problems))
    (noted,) = bench.world.noted("site_reload")
    assert len(line.reasons) == TRACED_MAX + 5
    assert noted["reasons"].count("Add it.") == TRACED_MAX
    assert noted["reasons_all"] == str(TRACED_MAX + 5)
    life.kill()


@pytest.mark.parametrize("found", [NEW, NO_QUEUE, OLD], ids=["same", "changed again", "old again"])
def test_killed_after_a_reload_goes_on_with_it_and_takes_what_the_files_say_then(
    bench: Bench, found: Site
) -> None:
    async def first() -> bytes:
        life = bench.begin()
        life.runtime.submit(DeviceReachabilityChanged(DESK, True))
        life.runtime.submit(asked("r1", PresenceChange.SIGN_IN))
        life.runtime.submit(arrival(1))
        life.runtime.submit(LegAnswered(leg(1)))
        bench.author.site = NEW
        await bench.live.reload()
        life.runtime.submit(arrival(2))
        life.journal.flush()
        state = life.state()
        life.kill()
        return state

    async def second() -> Life:
        bench.world.sites[found.version] = found
        return bench.begin(found.version)

    state = bench.run(first())
    life = bench.run(second())
    assert life.recovered.replayed > 0
    assert [each for _, each in bench.world.turns if isinstance(each, SiteActivated)] == [
        SiteActivated(OLD.version),
        SiteActivated(NEW.version),
        *([] if found is NEW else [SiteActivated(found.version)]),
    ]
    assert life.runtime.site == found.version
    assert bench.live.site() == found
    there = {view.agent for view in life.runtime.agents() if view.presence is Presence.AVAILABLE}
    assert (ANN in there) is (found is not NO_QUEUE)
    assert b'"c2"' in state
    # Both callers of the killed engine have their record, each under the site it began with.
    life.journal.flush()
    records = [record for _, record in bench.world.kept.records]
    assert sorted(each.site for each in records) == sorted([OLD.version, NEW.version])
    life.kill()
