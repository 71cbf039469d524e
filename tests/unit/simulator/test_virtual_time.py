"""The virtual clock: order, cancelling, limits."""

import pytest

from simulator import virtual_time
from simulator.virtual_time import RunawayError, VirtualTime

pytestmark = pytest.mark.unit


def test_equal_times_come_in_the_order_they_were_asked_for() -> None:
    time = VirtualTime()
    done: list[str] = []
    for name in "cab":
        time.at(5, lambda name=name: done.append(name))
    time.at(4, lambda: done.append("first"))
    time.run_until(5)
    assert done == ["first", "c", "a", "b"]


def test_callback_sees_its_own_time_and_may_ask_for_more() -> None:
    time = VirtualTime()
    seen: list[int] = []

    def again() -> None:
        seen.append(time.now())
        if len(seen) < 3:
            time.after(10, again)

    time.after(1, again)
    time.run_until(15)
    assert seen == [1, 11]
    assert time.now() == 15
    assert time.next_due() == 21


def test_past_time_is_done_next_and_never_turns_the_clock_back() -> None:
    time = VirtualTime()
    time.run_until(100)
    seen: list[int] = []
    time.at(3, lambda: seen.append(time.now()))
    assert seen == []
    time.run_until(100)
    assert seen == [100]


def test_cancelled_appointment_does_not_happen_even_by_one_of_the_same_time() -> None:
    time = VirtualTime()
    done: list[str] = []
    second = time.at(1, lambda: done.append("second"))
    first = time.at(0, second.cancel)
    assert second.pending
    time.run_until(1)
    assert done == []
    assert not first.pending
    first.cancel()
    second.cancel()
    assert time.next_due() is None


def test_many_cancelled_appointments_do_not_pile_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(virtual_time, "PENDING_MAX", 3000)
    time = VirtualTime()
    kept: list[int] = []
    time.at(20_000, lambda: kept.append(time.now()))
    for due in range(10_000):
        time.at(due + 1, lambda: kept.append(-1)).cancel()
    time.run_until(20_000)
    assert kept == [20_000]


def test_too_many_appointments_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(virtual_time, "PENDING_MAX", 2)
    time = VirtualTime()
    time.after(1, lambda: None)
    time.after(1, lambda: None)
    with pytest.raises(RunawayError, match="holds 2 appointments"):
        time.after(1, lambda: None)


def test_callback_that_asks_for_itself_at_once_is_a_runaway(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(virtual_time, "STEPS_MAX", 50)
    time = VirtualTime()

    def again() -> None:
        time.after(0, again)

    again()
    with pytest.raises(RunawayError, match="50 callbacks"):
        time.run_until(1)


def test_idle_is_told_apart_from_out_of_time() -> None:
    time = VirtualTime()
    time.at(10, lambda: None)
    assert not time.run_until_idle(until=9)
    assert time.run_until_idle(until=10)
    assert time.now() == 10


def test_wall_clock_jumps_move_no_engine_time() -> None:
    time = VirtualTime(wall_origin_ms=1_000_000)
    done: list[int] = []
    time.at(50, lambda: done.append(time.now()))
    time.run_until(20)
    assert time.wall() == 1_000_020
    time.set_wall(5)
    assert (time.now(), time.wall()) == (20, 5)
    time.run_until(60)
    assert done == [50]
    assert time.wall() == 45
