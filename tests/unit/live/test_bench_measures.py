from collections.abc import Sequence

import pytest

from simulator.live.bench.measures import (
    first_sound_ms,
    free_to_bridge_ms,
    percentile,
    read_callers_log,
    served,
    spread,
)
from simulator.live.bench.processor import MS_PER_TICK, cpu_ms_in

pytestmark = pytest.mark.unit

Line = dict[str, object]


def line(at: int, event: Line, *effects: Line) -> Line:
    return {"at": at, "wall": 0, "event": event, "effects": list(effects)}


def queued(contact: str, at: int) -> Line:
    return line(at, {"type": "DigitReceived"}, {"type": "QueueContact", "contact": contact})


def offered(contact: str, agent: str, at: int) -> Line:
    offer: Line = {
        "type": "OfferMade",
        "offer": f"{contact}.o1",
        "contact": contact,
        "agent": agent,
    }
    return line(at, {"type": "DeadlineReached"}, offer)


def bridged(contact: str, at: int) -> Line:
    return line(at, {"type": "LegsBridged", "leg": f"{contact}.0", "bridge": f"{contact}.b1"})


def over(contact: str, at: int) -> Line:
    return line(at, {"type": "LegEnded"}, {"type": "EndEngagement", "offer": f"{contact}.o1"})


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [
        ([], 95, None),
        ([7.0], 95, 7.0),
        ([3.0, 1.0, 2.0], 50, 2.0),
        (range(1, 101), 95, 95),
        (range(1, 21), 95, 19),
        (range(1, 22), 95, 20),
    ],
)
def test_percentile_is_a_value_that_occurred(
    values: Sequence[float], percent: float, expected: float | None
) -> None:
    assert percentile(values, percent) == expected


def test_spread_of_nothing_has_no_numbers() -> None:
    found = spread([])
    assert (found.count, found.min, found.p50, found.p95, found.max) == (0, None, None, None, None)


def test_spread_tells_extremes_and_middle_to_a_tenth() -> None:
    found = spread([3.04, 1.06, 20.0])
    assert (found.count, found.min, found.p50, found.max) == (3, 1.1, 3.0, 20.0)


def test_callers_log_tells_who_was_answered_when_and_who_ended() -> None:
    log = read_callers_log(
        ["answered 139 1700000000.000000 250000.000000", "ended 139", "something else", "ended"]
    )
    assert log.answered_ns == {"139": 1_700_000_000_250_000_000}
    assert log.ended == {"139"}


def test_first_sound_is_counted_for_who_heard_something() -> None:
    found = first_sound_ms({"a": 1_000_000, "b": 1_000_000}, {"a": 3_500_000, "c": 9})
    assert found == [2.5]


def test_caller_who_did_not_hear_herself_long_enough_was_not_served() -> None:
    packets = {"heard": 50, "briefly": 49, "not ended": 100}
    ended = ["heard", "briefly", "silent"]
    assert served(ended, packets, talk_ms=2_000) == {"heard"}


def test_agent_idle_before_the_contact_counts_from_the_queue() -> None:
    trace = [queued("c1", 1_000), offered("c1", "anna", 1_000), bridged("c1", 1_530)]
    assert free_to_bridge_ms(trace, wrap_up_ms=1_000) == [530]


def test_contact_that_waited_counts_from_the_end_of_the_wrap_up() -> None:
    trace = [
        *(queued("c1", 0), offered("c1", "anna", 0), bridged("c1", 500)),
        *(queued("c2", 600), over("c1", 2_000), offered("c2", "anna", 3_010)),
        bridged("c2", 3_540),
    ]
    assert free_to_bridge_ms(trace, wrap_up_ms=1_000) == [500, 540]


def test_second_word_of_the_same_bridge_counts_nothing() -> None:
    trace = [queued("c1", 0), offered("c1", "anna", 0), bridged("c1", 500), bridged("c1", 900)]
    assert free_to_bridge_ms(trace, wrap_up_ms=1_000) == [500]


def test_after_a_miss_the_agent_who_took_the_contact_counts() -> None:
    trace = [
        *(queued("c1", 0), offered("c1", "anna", 0), offered("c1", "bert", 15_000)),
        bridged("c1", 15_500),
    ]
    assert free_to_bridge_ms(trace, wrap_up_ms=1_000) == [15_500]


def test_lines_that_are_no_turn_are_left_out() -> None:
    assert free_to_bridge_ms([{"at": 1, "note": "asterisk_connected"}], wrap_up_ms=0) == []


def test_processor_time_is_read_behind_a_name_with_brackets() -> None:
    before = "S 1 2 3 4 5 6 7 8 9 10"
    assert cpu_ms_in(f"77 (odd) name) {before} 250 50 9 9 0") == 300 * MS_PER_TICK
