"""A lookup through the shell: asked right after its turn, answered as an event, in the journal."""

from collections.abc import Iterator

import pytest
from engine_life import CORE, STREAM, World
from leaping_loop import LeapingLoop

from ivr.call.effects import ReleaseLeg, RequestLookup
from ivr.call.events import CallArrived, LegAnswered, LookupAnswered
from ivr.call.model import LegId, LookupId, PartyRef
from ivr.engine.codec import decode, encode
from ivr.engine.driver import Driver, SiteActivated
from ivr.flow.model import Flow, HangUp, Held, Hotline, Language, Lookup, NodeName, Take
from ivr.flow.services import LookupOutcome, Wanted
from ivr.flow.site import Site
from ivr.flow.values import Kind, Variable
from ivr.journal_feed import StreamPlace
from ivr.ports import Lookups, Surroundings
from ivr.runtime import Runtime
from router.model import ContactId
from simulator.fake_services import FakeServices, Said
from simulator.memory_journal import MemoryJournal
from simulator.memory_keeper import memory_keeper

pytestmark = pytest.mark.unit

N = NodeName
C1 = ContactId("c1")
LEG = LegId("c1.0")
ASKED = RequestLookup(C1, LookupId("c1.l1"), "customer", (), (Wanted("level", Kind.TEXT),))


@pytest.fixture
def loop() -> Iterator[LeapingLoop]:
    made = LeapingLoop()
    yield made
    made.close()


def site() -> Site:
    on = {
        LookupOutcome.FOUND: N("known"),
        LookupOutcome.NOT_FOUND: N("away"),
        LookupOutcome.FAILED: N("away"),
    }
    takes = (Take("level", Kind.TEXT, Held("level", 0)),)
    nodes = {
        N("customer"): Lookup("customer", (), takes, on, (), 3_000),
        N("known"): HangUp((), reason="known"),
        N("away"): HangUp((), reason="away"),
    }
    flow = Flow("main", N("customer"), nodes, (Variable("level", Kind.TEXT, ""),))
    line = Hotline("1", ("1",), (Language("en-US"),), "UTC", flow)
    return Site("main", {"1": line}, {}, {}, {}, ())


def runtime_in(world: World, lookups: Lookups | None) -> tuple[Runtime, Driver]:
    here = site()
    driver = Driver({here.version: here})
    driver.handle(SiteActivated(here.version), 0, wall=0)
    journal = MemoryJournal(world.disk, later=world.loop.after_ms)
    keeper = memory_keeper(journal, world.kept)
    surroundings = Surroundings(world, world, keeper, world, journal, lookups)
    return Runtime(driver, surroundings, StreamPlace(STREAM, CORE, 0)), driver


def call(loop: LeapingLoop, runtime: Runtime) -> None:
    async def arrive_and_be_answered() -> None:
        runtime.submit(CallArrived(C1, LEG, "1", PartyRef("party-1")))
        runtime.submit(LegAnswered(LEG))

    loop.run_until_complete(arrive_and_be_answered())


def reasons(driver: Driver) -> list[str]:
    return [each.reason for each in driver.snapshot().calls.contacts]


def test_answer_given_at_once_is_a_turn_of_its_own(loop: LeapingLoop) -> None:
    world = World(loop)
    said = Said(LookupOutcome.FOUND, {"level": "gold"})
    services = FakeServices(
        lambda _request: (said,),
        lambda _ms, answer: answer(),
        lambda answered: runtime.submit(answered),
    )
    runtime, driver = runtime_in(world, services)
    call(loop, runtime)
    assert services.requests == [ASKED]
    answered = LookupAnswered(C1, ASKED.lookup, LookupOutcome.FOUND, ("gold",))
    assert [event for _, event in world.turns][-1] == answered
    assert reasons(driver) == ["known"]
    assert any(isinstance(effect, ReleaseLeg) for _, effect in world.performed)
    runtime.stop()


def test_engine_with_nobody_to_ask_lets_each_lookup_fail(loop: LeapingLoop) -> None:
    world = World(loop)
    runtime, driver = runtime_in(world, None)
    call(loop, runtime)
    assert reasons(driver) == ["away"]
    runtime.stop()


def test_answer_is_journalled_whole_and_nothing_more() -> None:
    answered = LookupAnswered(C1, ASKED.lookup, LookupOutcome.FOUND, ("gold", 12, True))
    kind, body = encode(answered)
    assert decode(kind, body) == answered
    assert b"gold" in body
