"""The router's bench counts what it says, and its picture shows what it measured."""

from dataclasses import replace

import pytest

from simulator.bench.curves_svg import Panel, curves_svg
from simulator.bench.router_load import Load, Shape
from simulator.bench.router_peer import Peers
from simulator.bench.router_suite import Point, RouterRun, Tail, busy, idle, requirements_met

pytestmark = pytest.mark.unit

BUSY = Shape(agents=20, skills=4, waiting=40, batch=10)
RUN = RouterRun(
    decisions_per_s=[200_000.0],
    lives_per_s=[90_000.0],
    tail=Tail(decisions=10_000, median_us=5.0, p999_us=60.0, worst_us=900.0),
    bytes_per_waiting=900.0,
    bytes_per_agent=3_000.0,
    curve_waiting=[Point(100, 5.0), Point(1_000_000, 8.0)],
    curve_agents=[Point(100, 4.0), Point(100_000, 6.0)],
    curve_requirements=[Point(5, 6.0), Point(200, 30.0)],
    curve_profiles=[Point(100, 7.0), Point(10_000, 16.0)],
    peers=Peers(scan_per_s=2_000.0, sql_per_s=1_000.0),
)


def test_busy_pool_keeps_its_crowd_and_serves_from_it() -> None:
    load = busy(BUSY)
    spent = load.run(10)
    waiting = sum(view.waiting for view in load.router.queues())
    assert spent.lives == 100
    # The crowd, and those on their way through the steps: ten come in each of six batches.
    assert BUSY.waiting - BUSY.batch <= waiting <= BUSY.waiting + 7 * BUSY.batch
    assert spent.life_ns > spent.decision_ns > 0


def test_idle_pool_lets_nobody_wait() -> None:
    load = idle(replace(BUSY, waiting=0))
    assert load.run(5).lives == 50
    assert sum(view.waiting for view in load.router.queues()) == 0


def test_decisions_one_by_one_are_each_timed_once() -> None:
    load = Load(BUSY, seed=1, one_by_one=True)
    load.staff()
    load.occupy_all()
    load.gather(BUSY.waiting)
    spent = load.run(10)
    assert len(spent.each_ns) == spent.decisions > 200


def test_requirements_grow_with_the_skills_of_an_agent() -> None:
    met = [requirements_met(Shape(40, 20, 0, skills_per_agent=each)) for each in (1, 5, 20)]
    assert met == sorted(set(met))


def test_run_within_its_bounds_has_no_fault() -> None:
    assert RUN.faults() == ()


@pytest.mark.parametrize(
    ("run", "key"),
    [
        (replace(RUN, decisions_per_s=[99_000.0]), "decisions_per_s"),
        (replace(RUN, curve_waiting=[Point(100, 1.0), Point(1_000, 2.1)]), "growth_waiting"),
        (replace(RUN, bytes_per_agent=8_100.0), "bytes_per_agent"),
    ],
)
def test_figure_beyond_its_bound_is_named(run: RouterRun, key: str) -> None:
    (fault,) = run.faults()
    assert fault.startswith(f"{key}:")


def test_picture_shows_each_point_and_escapes_words() -> None:
    text = curves_svg("a < b", "sentence", [Panel("Agents", "agents", [(100, 4.0), (1_000, 5.5)])])
    assert text.count("<circle") == 2
    assert "1,000 agents: 5.50 us a decision" in text
    assert "a &lt; b" in text
