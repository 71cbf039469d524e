"""A hotline closed by hand: who was told so finds it closed after any death of the engine."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from engine_life import Life, World, begun, kinds, lived, waited
from leaping_loop import LeapingLoop
from small_site import EN, arrival, leg, site

from ivr.call.effects import AnswerClosing, ClosingAnswer
from ivr.call.events import DigitReceived, HotlineClosed, HotlineOpened, LegAnswered
from ivr.engine.driver import SiteActivated
from ivr.flow.by_hand import ClosedByHand
from ivr.flow.model import Flow, HangUp, Hotline, Hours, Menu, NodeName, PromptKey, Retry
from ivr.flow.opening import Calendar, Opening, Span
from ivr.flow.site import Site
from ivr.flow.zone import Zone
from router.model import ContactId, RequestId

pytestmark = pytest.mark.unit

N = NodeName
ALWAYS = Calendar("always", Zone("UTC", (0,)), ((Span(0, 1_440),),) * 7, {})
CLOSE = HotlineClosed(RequestId("r1"), "10086", "storm", "op")


def asks_then_looks(*, skills: tuple[str, ...] = ("data",)) -> Site:
    """A menu, and behind key 1 an hours node; no ``emergency``, so ``closed`` stands in."""
    n = N
    never = Retry(0, n("bye"))
    nodes = {
        n("menu"): Menu((PromptKey("ask"),), {"1": n("hours")}, 4_000, never, never),
        n("hours"): Hours(ALWAYS, {Opening.OPEN: n("menu"), Opening.CLOSED: n("shut")}),
        n("shut"): Menu((PromptKey("shut"),), {"1": n("bye")}, 4_000, never, never),
        n("bye"): HangUp(()),
    }
    line = Hotline("10086", ("10086",), (EN,), "UTC", Flow("main", n("menu"), nodes))
    return replace(site(), hotlines={"10086": line}, skills=skills)


@pytest.fixture
def world() -> Iterator[World]:
    loop = LeapingLoop()
    here = asks_then_looks()
    yield World(loop, sites={here.version: here})
    loop.close()


def begin(world: World, *, commits: bool = True) -> Life:
    lives: list[Life] = []
    version = asks_then_looks().version
    lived(world, lambda: lives.append(begun(world, version=version, commits=commits)))
    return lives[0]


def closed_in(life: Life) -> list[str]:
    return [each.hotline for each in life.runtime.closed_by_hand()]


def node_of(life: Life, number: int = 1) -> str:
    contacts = life.driver.calls.snapshot().contacts
    (flow,) = (each.flow for each in contacts if each.id == ContactId(f"c{number}"))
    assert flow is not None
    return flow.node


def test_contact_under_way_meets_it_at_its_next_hours_node(world: World) -> None:
    life = begin(world)
    for event in (arrival(), LegAnswered(leg(1)), CLOSE):
        lived(world, lambda event=event: life.runtime.submit(event))
    assert node_of(life) == "menu"
    lived(world, lambda: life.runtime.submit(DigitReceived(leg(1), "1")))
    assert node_of(life) == "shut"


def test_answer_comes_with_the_commit_and_outlives_a_kill(world: World) -> None:
    life = begin(world)
    lived(world, lambda: life.runtime.submit(CLOSE))
    assert world.answers == []
    waited(world, 0.1)
    assert world.answers == [AnswerClosing(RequestId("r1"), ClosingAnswer.DONE)]
    assert kinds(world)[-1] == "HotlineClosed"
    life.kill()
    again = begin(world)
    (closed,) = again.runtime.closed_by_hand()
    assert (closed.hotline, closed.reason, closed.by) == ("10086", "storm", "op")
    assert closed.since >= 1_700_000_000_000
    other = asks_then_looks(skills=("data", "more"))
    world.sites[other.version] = other
    lived(world, lambda: again.runtime.submit(SiteActivated(other.version)))
    assert closed_in(again) == ["10086"]
    lived(world, lambda: again.runtime.submit(HotlineOpened(RequestId("r2"), "10086", "op")))
    waited(world, 0.1)
    again.end()
    assert closed_in(begin(world)) == []


def test_what_was_not_committed_was_not_answered(world: World) -> None:
    life = begin(world, commits=False)
    lived(world, lambda: life.runtime.submit(CLOSE))
    assert closed_in(life) == ["10086"]
    life.kill()
    assert world.answers == []
    assert closed_in(begin(world)) == []


def test_state_of_before_this_could_be_closed_is_read(world: World) -> None:
    life = begin(world)
    snapshot = life.driver.calls.snapshot()
    assert snapshot.closed == ()
    held = ClosedByHand("10086", "storm", "op", 7)
    restored = type(life.driver.calls).restored(replace(snapshot, closed=(held,)), world.sites)
    assert restored.snapshot() == replace(snapshot, closed=(held,))
    life.end()
