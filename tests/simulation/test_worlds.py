"""Whole worlds, by seed: call core, router and a wire between them that has faults of its own.

Each step of a world is checked by the world itself; here it only has to be lived through.
"""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import pytest
from world_seeds import FRESH, FRESH_FROM, SEEDS, WIDE

import router.offers
from ivr.call.effects import FailOffer, MessageToRouter
from router.after_contact import AfterContact
from router.effects import RouterEffect
from router.events import ContactQueued, OfferAccepted, RouterEvent
from router.model import OfferFailure, OfferId, WaitingLimit
from router.offers import Offers
from router.pool import Pool
from router.seat import Seat
from simulator.virtual_time import VirtualTime
from simulator.world import Lived, World, live, main
from simulator.world_draws import WireFaults, shape_of, stream
from simulator.world_people import Callers
from simulator.world_story import Story, WorldFailure
from simulator.world_wire import Wire

pytestmark = pytest.mark.property

BUSY, ORDERLY = 24, 6
"""A world whose wire loses messages, and one that only delays and doubles them."""


@pytest.mark.parametrize("seed", SEEDS)
def test_world_that_found_something_once_keeps_the_invariants(seed: int) -> None:
    assert live(seed, plain=True).steps > 0


def test_chosen_worlds_meet_limits_reloads_and_agents_whom_callers_prefer() -> None:
    lived = [live(seed) for seed in WIDE]
    seen = sum((each.seen for each in lived), Counter[str]())
    for what in ("in turn", "within a limit", "within the pool", "late", "reloads"):
        assert seen[what] > 0
    for cause in ("full", "overload"):
        assert seen[f"refused: {cause}"] > 0


def test_worlds_that_nobody_chose_keep_the_invariants() -> None:
    lived = [small(seed) for seed in range(FRESH_FROM, FRESH_FROM + FRESH)]
    assert sum(each.offers for each in lived) > 0
    assert sum(each.contacts for each in lived) > 0


def small(seed: int) -> Lived:
    return World(replace(shape_of(seed), lasts_ms=90_000)).live()


def test_wires_of_the_chosen_worlds_have_every_fault() -> None:
    faults = [shape_of(seed).faults for seed in range(1, 40)]
    assert {each.orderly for each in faults} == {True, False}
    for name in ("slow", "doubled", "lost", "stale", "swapped"):
        assert {bool(getattr(each, name)) for each in faults} == {True, False}


def test_same_seed_is_the_same_world_to_the_byte() -> None:
    told = {trace_under(hash_seed) for hash_seed in ("1", "2")}
    assert told == {live(ORDERLY).trace}


def test_another_seed_is_another_world() -> None:
    assert live(1).trace != live(ORDERLY).trace


def test_what_worlds_came_to_have_later_is_in_some_of_them() -> None:
    extras = [shape_of(seed).extras for seed in range(1, 20)]
    for name in ("prefers", "shares", "reload_ms"):
        assert len({getattr(each, name) for each in extras}) > 1


def test_jumps_of_the_clock_on_the_wall_move_no_timer() -> None:
    shape = shape_of(ORDERLY)
    traces = {World(replace(shape, wall_jumps=jumps)).live().trace for jumps in (False, True)}
    assert len(traces) == 1


def test_cores_that_are_written_down_and_read_back_go_on_alike() -> None:
    shape = shape_of(ORDERLY)
    traces = {World(replace(shape, restores=share)).live().trace for share in (0.0, 0.2)}
    assert len(traces) == 1


def test_another_fault_on_the_wire_shifts_no_caller() -> None:
    shape = shape_of(BUSY)
    came = [callers_of(World(replace(shape, faults=each))) for each in (shape.faults, WireFaults())]
    assert came[0] == came[1] != []


def callers_of(world: World) -> list[object]:
    world.live()
    alone = World(world.shape)
    callers = Callers(world.shape, alone.time, alone.fake)
    alone.time.run_until(world.shape.lasts_ms)
    assert len(callers.came) <= world.arrived
    return list(callers.came)


def test_failure_tells_where_and_how_to_see_it_again(capsys: pytest.CaptureFixture[str]) -> None:
    story = Story(7)
    for number in range(60):
        story.tell("main:c1", number, f"line {number}")
    with pytest.raises(WorldFailure) as failure:
        story.fail("2: an agent, two offers", "main:c1")
    lines = str(failure.value).splitlines()
    assert len(lines) == 42
    assert lines[-2:] == [
        "seed 7, step 60, main:c1: 2: an agent, two offers",
        "Again: python -m simulator.world --seed 7",
    ]
    assert main(["--seed", "6"]) == 0
    assert "all invariants held" in capsys.readouterr().out


def test_world_finds_a_router_that_makes_two_offers_of_one() -> None:
    world = World(shape_of(6))
    handle = world.router.handle

    def twice(event: object, at: int) -> list[object]:
        effects = list(handle(event, at))  # pyright: ignore[reportArgumentType]
        return [*effects, *effects]

    setattr(world.router, "handle", twice)  # noqa: B010 - a planted bug
    with pytest.raises(WorldFailure, match="Again"):
        world.live()


def no_limit(*_: object, **__: object) -> bool:
    return True


def no_wrap_up(self: AfterContact, seat: Seat, rules: object, at: int) -> None:
    del rules
    self.end_wrap_up(seat, at)


def deaf_to_what_is_late(self: Offers, event: OfferAccepted, at: int) -> None:
    if event.offer in vars(self)["_by_id"]:
        ANSWER(self, event, at)


ANSWER = Offers.answer


@pytest.mark.parametrize(
    ("seed", "where", "name", "wrong", "found"),
    [
        (109, WaitingLimit, "allows", no_limit, "16: . of . wait there"),
        (101, Pool, "lets_in", no_limit, "16: . of . wait in all"),
        (105, AfterContact, "wrap_up", no_wrap_up, "9: offered to who wraps up"),
        (105, router.offers, "MISS_REST_MS", 1, "9: offered to who rests"),
        (100, Offers, "answer", deaf_to_what_is_late, "10: late, and not counted"),
    ],
)
def test_clerks_find_what_is_wrong_without_the_oracle(
    seed: int, where: object, name: str, wrong: object, found: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simulator.world.same", no_limit)
    monkeypatch.setattr(where, name, wrong)
    with pytest.raises(WorldFailure, match=found):
        live(seed)


def test_clerks_find_who_is_overtaken_without_the_oracle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulator.world.same", no_limit)
    world = World(replace(shape_of(109), restores=0.0))
    handle = world.router.handle

    def forgetful(event: RouterEvent, at: int) -> Sequence[RouterEffect]:
        if isinstance(event, ContactQueued):
            event = replace(event, waited_ms=0, priority_ms=0)
        return handle(event, at)

    monkeypatch.setattr(world.router, "handle", forgetful)
    with pytest.raises(WorldFailure, match=r"8: \S+ was before it"):
        world.live()


@pytest.mark.parametrize(
    ("faults", "heard"),
    [
        (WireFaults(), [1, 2]),
        (WireFaults(delay_ms=900), [1, 2]),
        (WireFaults(slow=1.0, slow_ms=900), [1, 2]),
        (WireFaults(doubled=1.0), [1, 1, 2, 2]),
        (WireFaults(lost=1.0), []),
        (WireFaults(stale=1.0), [1, 2, 1, 2]),
    ],
)
def test_wire_does_what_its_faults_say(faults: WireFaults, heard: list[int]) -> None:
    time, got = VirtualTime(), list[int]()
    wire: Wire[int] = Wire(time, stream(3, "x"), faults, lambda _, number: got.append(number))
    wire.send("c1", 1)
    wire.send("c1", 2)
    time.run_for(60_000)
    assert (got, wire.under_way) == (heard, 0) or sorted(got) == sorted(heard)
    assert faults.stale or got == heard


def test_swapped_messages_overtake_each_other_some_day() -> None:
    heard: set[tuple[OfferId, ...]] = set()
    for seed in range(20):
        time, got = VirtualTime(), list[OfferId]()

        def deliver(_: str, message: MessageToRouter, got: list[OfferId] = got) -> None:
            assert isinstance(message, FailOffer)
            got.append(message.offer)

        faults = WireFaults(delay_ms=500, swapped=0.5)
        wire: Wire[MessageToRouter] = Wire(time, stream(seed, "x"), faults, deliver)
        for name in ("a", "b"):
            wire.send("c1", FailOffer(OfferId(name), OfferFailure.FAILED))
        time.run_for(1_000)
        heard.add(tuple(got))
    assert heard == {("a", "b"), ("b", "a")}


def trace_under(hash_seed: str) -> str:
    program = f"from simulator.world import live; print(live({ORDERLY}).trace)"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": os.pathsep.join(sys.path)},
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.stdout.strip()


def test_what_was_lived_through_is_told() -> None:
    lived = live(BUSY)
    assert isinstance(lived, Lived)
    assert lived.seen["lost"] + lived.seen["stale"] + lived.seen["swapped"] > 0
