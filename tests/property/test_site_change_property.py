"""Sites come and go under live contacts: each keeps its flow, and the invariants hold."""

import random
from dataclasses import replace

import pytest
from engine_site import BILL, DATA, DEVICES, PHONES, SKILLS, hotline, site_of
from engine_world import World
from test_engine_property import Hotline, act

from ivr.engine.driver import EngineEvent, SiteActivated
from ivr.flow.model import Flow, HangUp, Menu, NodeName
from ivr.flow.site import Site
from router.model import ContactId, local_name

pytestmark = pytest.mark.property

SEEDS = 5
STEPS = 70
CHANGED_EVERY = 7


def small_flow() -> Flow:
    """A flow that knows one queue only; some nodes of the usual one mean something else in it."""
    usual = hotline().flow
    nodes = {name: usual.nodes[name] for name in map(NodeName, ("welcome", "apology", "bill"))}
    menu = usual.nodes[NodeName("services")]
    assert isinstance(menu, Menu)
    choices = {"1": NodeName("bill"), "2": NodeName("hello"), "0": NodeName("apology")}
    language = replace(
        menu,
        choices=choices,
        noinput=replace(menu.noinput, then=NodeName("bill")),
        nomatch=replace(menu.nomatch, then=NodeName("apology")),
    )
    ending = {NodeName("hello"): HangUp(()), NodeName("quiet"): HangUp(())}
    return Flow(usual.name, usual.start, {**nodes, NodeName("language"): language, **ending})


def versions() -> tuple[Site, ...]:
    """Sites that differ in all that can be retired; each later one lacks something."""
    usual = site_of({DATA: 0, BILL: 0}, SKILLS[:4])
    data, bill = local_name(DATA), local_name(BILL)
    small = {"10086": replace(hotline(), flow=small_flow())}
    few = dict(list(usual.agents.items())[1:3])
    return (
        usual,
        replace(usual, hotlines=small, queues={bill: usual.queues[bill]}),
        replace(usual, queues={data: usual.queues[data]}, agents=few),
        replace(usual, queues={}, agents={}, hotlines=small),
        replace(site_of({DATA: 1, BILL: 1}, SKILLS[1:]), hotlines=small),
    )


class WatchedWorld(World):
    """Remembers under which site each contact arrived."""

    def submit(self, event: EngineEvent) -> None:
        if isinstance(event, SiteActivated):
            self.now_active = event.version
        before = set(self.arrived)
        super().submit(event)
        for contact in self.arrived - before:
            self.began_under[contact] = self.now_active

    now_active = ""

    def change_site(self, **changes: object) -> None:
        if not hasattr(self, "began_under"):
            self.began_under: dict[ContactId, str] = {}
        super().change_site(**changes)  # pyright: ignore[reportArgumentType]

    def activate(self, site: Site) -> None:
        self.sites[site.version] = site
        self.submit(SiteActivated(site.version))
        known = {view.queue for view in self.router.queues()}
        assert {local_name(queue) for queue in known} == set(site.queues)
        for queue in (DATA, BILL):
            assert queue in known or self.router.waiting_in(queue) == []


def checked_records(world: WatchedWorld) -> set[str]:
    """Every contact went by the flow it began with, to the end; the versions that contacts met."""
    for record in world.records.values():
        version = world.began_under[record.contact]
        assert record.site == version
        nodes = world.sites[version].hotlines["10086"].flow.nodes
        assert {visit.node for visit in record.visits} <= nodes.keys()
    return {record.site for record in world.records.values()}


@pytest.mark.parametrize("seed", range(SEEDS))
def test_contacts_keep_the_flow_they_began_with_through_any_change(seed: int) -> None:
    chance, day, every = random.Random(seed), Hotline(), versions()
    day.quiet_line = True
    day.world = world = WatchedWorld(seed)
    for device in DEVICES:
        world.fake.set_phone(device, chance.choice(PHONES))
    world.time.run_for(50)
    for number in (0, 2):
        world.sign_in(number, number)
    changes = 0
    for step in range(STEPS):
        act(day, chance)
        if step % CHANGED_EVERY == 0:
            world.activate(chance.choice(every))
            changes += 1
    day.teardown()
    assert changes >= STEPS // CHANGED_EVERY
    assert len(checked_records(world)) > 1


def test_retired_queue_gives_its_callers_back_and_refuses_those_of_old_flows() -> None:
    """From A to B and back to A, with one caller waiting and one still on the way."""
    world, every = WatchedWorld(3), versions()
    usual, small = every[0], every[1]
    world.activate(usual)
    world.fake.set_phone(DEVICES[0], PHONES[-1])
    world.time.run_for(50)
    world.sign_in(0, 0)
    early = world.fake.arrive(None, dialled="10086")
    world.time.run_for(4_000)
    world.fake.press(early, "0")
    world.time.run_for(100)
    late = world.fake.arrive(None, dialled="10086")
    world.time.run_for(4_000)
    world.activate(small)
    world.fake.press(late, "0")
    world.heal_and_drain()
    world.check_all_ended()
    first, second = world.records.values()
    for record in (first, second):
        assert record.site == usual.version
        assert [visit.node for visit in record.visits][-2:] == ["data", "apology"]
    world.activate(usual)
    assert DATA in {view.queue for view in world.router.queues()}
