"""Deadlines in their spans against a list that is searched."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.alarms import GONE_MAX, NEVER, SPAN_BITS, Alarms
from router.deadlines import Deadlines

pytestmark = pytest.mark.property

KEYS = st.sampled_from("abcdefgh")
TIMES = st.one_of(st.integers(0, 50), st.integers(0, 5_000))
"""Of one span, and of many."""
STEPS = st.one_of(
    st.tuples(st.just("set"), KEYS, TIMES),
    st.tuples(st.just("clear"), KEYS, TIMES),
    st.tuples(st.just("pop"), KEYS, TIMES),
)


class NaiveDeadlines:
    """Pairs in the order of setting."""

    def __init__(self) -> None:
        self.pairs: list[tuple[str, int]] = []

    def set(self, key: str, due: int) -> None:
        self.clear(key)
        self.pairs.append((key, due))

    def clear(self, key: str) -> None:
        self.pairs = [pair for pair in self.pairs if pair[0] != key]

    def pop_due(self, at: int) -> list[str]:
        due = sorted((pair for pair in self.pairs if pair[1] <= at), key=lambda pair: pair[1])
        self.pairs = [pair for pair in self.pairs if pair[1] > at]
        return [key for key, _ in due]

    def next_due(self) -> int | None:
        return min((due for _, due in self.pairs), default=None)


@settings(max_examples=200, derandomize=True, deadline=None)
@given(steps=st.lists(STEPS, max_size=60), ballast=st.integers(0, 200))
def test_heap_says_what_a_list_would(steps: list[tuple[str, str, int]], ballast: int) -> None:
    heap: Deadlines[str] = Deadlines()
    naive = NaiveDeadlines()
    heap.set("h", 98)
    naive.set("h", 98)
    for _ in range(ballast):  # The same key over and over: nothing of it may stay.
        heap.set("a", 99)
        naive.set("a", 99)
    for what, key, time in steps:
        match what:
            case "set":
                heap.set(key, time)
                naive.set(key, time)
            case "clear":
                heap.clear(key)
                naive.clear(key)
            case _:
                assert list(heap.pop_due(time)) == naive.pop_due(time)
        assert heap.next_due() == naive.next_due()
        assert len(heap) == len(naive.pairs)
        assert heap.in_order() == sorted(naive.pairs, key=lambda pair: pair[1])
        assert heap.due_of(key) == dict(naive.pairs).get(key)
        for number, span in vars(heap)["_spans"].items():
            live = sum(due >> SPAN_BITS == number for _, due in naive.pairs)
            assert len(span.unordered) + len(span.ordered) == span.over + live
            assert not (span.is_ordered and span.unordered)
            assert span.is_ordered or span.unordered


@settings(max_examples=100, derandomize=True, deadline=None)
@given(dues=st.lists(st.integers(0, 50), min_size=1, max_size=10))
def test_key_set_while_others_are_given_comes_in_the_same_run_if_due(dues: list[int]) -> None:
    heap: Deadlines[str] = Deadlines()
    for number, due in enumerate(dues):
        heap.set(str(number), due)
    seen: list[str] = []
    for key in heap.pop_due(50):
        seen.append(key)
        if key == "0":
            heap.set("again", 50)
            heap.set("later", 51)
            heap.clear(str(len(dues) - 1))
    assert "again" in seen
    assert "later" not in seen
    assert heap.next_due() == 51
    assert len(seen) == len(set(seen))


@settings(max_examples=200, derandomize=True, deadline=None)
@given(
    steps=st.lists(
        st.one_of(st.tuples(st.just("add"), TIMES), st.tuples(st.just("off"), st.integers(0, 40))),
        max_size=60,
    )
)
def test_alarms_of_one_thing_are_each_called_off_by_themselves(
    steps: list[tuple[str, int]],
) -> None:
    alarms: Alarms[str] = Alarms()
    held: list[tuple[int, int, str]] = []
    for what, number in steps:
        if what == "add":
            held.append(alarms.add(number, "it"))
        elif held:
            alarms.call_off(held.pop(number % len(held)))
        assert alarms.due == min((due for due, _, _ in held), default=NEVER)
    for due, _, _ in sorted(held):
        assert alarms.due == due
        assert alarms.pop() == "it"
    assert alarms.due == NEVER
    with pytest.raises(LookupError):
        alarms.pop()


def test_alarm_set_anew_again_and_again_within_one_span_leaves_little_behind() -> None:
    alarms: Alarms[int] = Alarms()
    held = [alarms.add(5, number) for number in range(100)]
    for number in range(10_000):
        alarms.call_off(held.pop(0))
        held.append(alarms.add(5, number))
    kept = sum(len(span.ordered) for span in vars(alarms)["_spans"].values())
    assert kept <= 2 * max(100, GONE_MAX) + 2
    assert [alarms.pop() for _ in held] == [what for _, _, what in held]


def test_alarms_set_before_what_was_given_already_come_in_order_and_can_be_called_off() -> None:
    alarms: Alarms[str] = Alarms()
    for due in (10, 11, 12, 13, 14, 15, 20):
        alarms.add(due, str(due))
    assert [alarms.pop() for _ in range(6)] == ["10", "11", "12", "13", "14", "15"]
    late = {due: alarms.add(due, str(due)) for due in (8, 7, 6, 5)}
    alarms.call_off(late[7])
    given = [alarms.pop() for _ in range(4)]
    assert (given, alarms.due) == (["5", "6", "8", "20"], NEVER)
