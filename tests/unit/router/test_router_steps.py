"""Timed steps, limits of waiting and misses: what a queue's numbers do to those who wait."""

import pytest
from router_pool import BILL, DATA, WAIT_MS, Pool, needs, queue

from router.events import QueueChanged
from router.model import ContactId, OverflowCause, Presence, Queue, Requirement, Step, WaitingLimit
from router.offers import MISS_REST_MS
from router.place import Place
from router.places import Places

pytestmark = pytest.mark.unit

NO_AGENTS, FULL = OverflowCause.NO_AGENTS, OverflowCause.FULL
STEP_MS = 20_000
EXPERT, ANYBODY = needs({"data": 3}), needs({"data": 1})


def relaxing(*, wait_ms_max: int = WAIT_MS, waiting: WaitingLimit | None = None) -> Queue:
    steps = Step(EXPERT, STEP_MS), Step(ANYBODY)
    return queue(DATA, *steps, wait_ms_max=wait_ms_max, waiting=waiting)


def expert_busy(**others: dict[str, int]) -> Pool:
    """``eve`` the expert is connected to c0; the others are idle."""
    pool = Pool(eve={"data": 3}, **others)
    pool.give(QueueChanged(relaxing()))
    pool.enter("c0", at=1_000)
    pool.accept(pool.offer(), at=1_100)
    return pool


# Steps


def test_first_step_waits_for_its_expert_beside_an_idle_agent() -> None:
    pool = expert_busy(ann={"data": 1})
    assert pool.enter("c1", at=2_000) == []
    assert pool.place("c1").step == 0
    assert pool.router.next_deadline() == 2_000 + STEP_MS


def test_step_over_gives_the_contact_to_an_idle_agent_to_the_millisecond() -> None:
    pool = expert_busy(ann={"data": 1})
    pool.enter("c1", at=2_000)
    assert pool.tick(2_000 + STEP_MS - 1) == []
    pool.tick(2_000 + STEP_MS)
    assert pool.offers() == [("c1", "ann")]


def test_step_that_is_seen_follows_the_contact_till_it_is_gone() -> None:
    pool = expert_busy(ann={"data": 1})
    assert pool.router.step_of(ContactId("c1")) is None
    pool.enter("c1", at=2_000)
    assert pool.router.step_of(ContactId("c1")) == 0
    pool.tick(2_000 + STEP_MS)
    assert pool.offers() == [("c1", "ann")]
    assert pool.router.step_of(ContactId("c1")) == 1
    pool.leave("c1", at=30_000)
    assert pool.router.step_of(ContactId("c1")) is None


def test_agent_becoming_idle_sees_only_the_steps_she_can_serve() -> None:
    pool = expert_busy()
    pool.enter("c1", at=2_000)
    pool.enter("c2", at=10_000)
    pool.skill("ann", data=1)
    pool.reach("ann-desk")
    assert pool.sign_in("ann", at=2_000 + STEP_MS - 1) == []
    pool.tick(2_000 + STEP_MS)
    assert pool.offers() == [("c1", "ann")]
    pool.skill("bob", data=1)
    pool.reach("bob-desk")
    assert pool.sign_in("bob", at=23_000) == []


def test_expert_still_takes_whose_turn_it_is_over_all_steps() -> None:
    pool = expert_busy()
    offer = pool.place("c0").offer
    pool.enter("c1", at=2_000)
    pool.enter("c2", at=15_000)
    pool.tick(2_000 + STEP_MS)
    assert (pool.place("c1").step, pool.place("c2").step) == (1, 0)
    assert pool.router.waiting_in(DATA) == ["c1", "c2"]
    pool.end(offer, at=25_000)
    pool.tick(35_000)
    assert pool.offers() == [("c1", "eve")]


def test_two_whose_steps_end_in_one_tick_are_served_by_their_keys() -> None:
    pool = expert_busy(ann={"data": 1})
    pool.enter("early", at=2_000)
    pool.enter("urgent", priority_ms=5_000, at=3_000)
    pool.tick(3_000 + STEP_MS)  # Late for the first of the two.
    assert pool.offers() == [("urgent", "ann")]


def test_offer_does_not_begin_the_step_anew() -> None:
    pool = expert_busy(eva={"data": 3})
    pool.enter("c1", at=2_000)
    assert pool.offers() == [("c1", "eva")]
    pool.fail(pool.offer(), at=12_000)
    assert pool.place("c1").step == 0
    pool.tick(12_000 + MISS_REST_MS)
    pool.fail(pool.offer(), at=2_000 + STEP_MS + 500)
    assert pool.place("c1").step == 1


def test_step_nobody_is_there_for_is_passed_over_at_once() -> None:
    pool = Pool(ann={"data": 1})
    pool.give(QueueChanged(relaxing()))
    pool.enter("c1", at=1_000)
    assert pool.offers() == [("c1", "ann")]


def test_last_expert_leaving_hands_who_waits_to_the_next_step_in_order() -> None:
    pool = expert_busy(ann={"data": 1}, bob={"data": 1})
    for number in (1, 2, 3):
        pool.enter(f"c{number}", at=2_000 + number)
    pool.sign_out("eve", at=3_000)
    assert pool.offers() == [("c1", "ann"), ("c2", "bob")]
    assert pool.overflowed() == []


def test_who_returns_as_a_step_closes_does_not_overtake_who_is_moved_by_it() -> None:
    pool = Pool(eve={"data": 3}, ann={"data": 1})
    pool.give(QueueChanged(queue(DATA, Step(EXPERT, 5_000), Step(ANYBODY))))
    pool.enter("c1", at=1_000)
    assert pool.offers() == [("c1", "eve")]
    pool.enter("urgent", priority_ms=10_000, at=3_000)
    pool.sign_out("eve", at=7_000)  # c1's first step is over; urgent's ends as nobody is there.
    assert pool.offers() == [("urgent", "ann")]


def test_one_of_two_experts_leaving_moves_nobody() -> None:
    pool = expert_busy(eva={"data": 3}, ann={"data": 1})
    pool.enter("c1", at=1_500)
    pool.enter("c2", at=2_000)
    assert pool.sign_out("eve", at=3_000) == []
    assert pool.place("c2").step == 0


def test_expert_coming_takes_the_first_and_the_step_counts_again() -> None:
    pool = Pool(ann={"data": 1})
    pool.give(QueueChanged(relaxing()))
    for number in range(3):
        pool.enter(f"c{number}", at=1_000 + number)
    pool.skill("eve", data=3)
    pool.reach("eve-desk")
    pool.sign_in("eve", at=5_000)
    assert pool.offers() == [("c1", "eve")]
    assert pool.place("c2").step == 0


def test_step_without_staff_behind_leaves_the_contact_where_somebody_is() -> None:
    pool = Pool(ann={"data": 1})
    steps = Step(needs({"data": 1}), STEP_MS), Step(needs({"bill": 1}))
    pool.give(QueueChanged(queue(DATA, *steps)))
    pool.enter("c0", at=1_000)
    pool.accept(pool.offer(), at=1_100)
    pool.enter("c1", at=2_000)
    assert pool.tick(2_000 + STEP_MS) == []
    assert pool.place("c1").step == 0
    pool.skill("bob", bill=1)
    pool.reach("bob-desk")
    pool.sign_in("bob", at=30_000)
    assert pool.offers() == [("c1", "bob")]


def test_nobody_for_any_step_is_no_agents() -> None:
    pool = expert_busy()
    pool.enter("c1", at=2_000)
    pool.sign_out("eve", at=3_000)
    assert pool.overflowed() == [("c1", NO_AGENTS)]
    pool.enter("c2", at=3_001)
    assert pool.overflowed() == [("c2", NO_AGENTS)]


def test_new_steps_are_counted_from_the_old_entry() -> None:
    pool = expert_busy(ann={"data": 1})
    pool.enter("c1", at=2_000)
    steps = Step(EXPERT, 5_000), Step(ANYBODY)
    pool.give(QueueChanged(queue(DATA, *steps)), at=6_000)
    assert pool.offers() == []
    assert pool.router.next_deadline() == 7_000
    pool.give(QueueChanged(queue(DATA, ANYBODY)), at=6_500)
    assert pool.offers() == [("c1", "ann")]


def test_step_timer_is_gone_with_its_contact() -> None:
    pool = expert_busy()
    before = pool.router.next_deadline()
    pool.enter("c1", at=2_000)
    pool.leave("c1", at=3_000)
    assert pool.router.next_deadline() == before  # Only c0's, who is connected.


# Limits


def limited(limit: WaitingLimit, *steps: Requirement | Step, **agents: dict[str, int]) -> Pool:
    pool = Pool(**agents)
    pool.give(QueueChanged(queue(DATA, *(steps or (ANYBODY,)), waiting=limit)))
    return pool


def test_one_too_many_overflows_full_at_once() -> None:
    pool = limited(WaitingLimit(absolute=1), ann={"data": 1})
    pool.enter("c1", at=1_000)  # Offered: a ring is no waiting.
    assert pool.enter("c2", at=1_001) == []
    pool.enter("c3", at=1_002)
    assert pool.overflowed() == [("c3", FULL)]
    assert pool.place("c3") is None


def test_who_is_connected_or_gone_or_elsewhere_does_not_count() -> None:
    pool = limited(WaitingLimit(absolute=1), ann={"data": 1, "bill": 1})
    pool.enter("c1", at=1_000)
    pool.accept(pool.offer(), at=1_100)
    pool.enter("b1", BILL, at=1_200)
    assert pool.enter("c2", at=1_300) == []
    pool.leave("c2", at=1_400)
    assert pool.enter("c3", at=1_500) == []
    pool.enter("c4", at=1_600)
    assert pool.overflowed() == [("c4", FULL)]


def test_limit_per_agent_follows_the_shift() -> None:
    pool = limited(WaitingLimit(per_agent=1), ann={"data": 1}, bob={"data": 2}, cat={"bill": 1})
    for name in ("c1", "c2", "w1", "w2"):
        pool.enter(name, at=1_000)
    pool.enter("no", at=1_002)
    assert pool.overflowed() == [("no", FULL)]
    pool.skill("dan", data=1)
    pool.reach("dan-desk")
    pool.sign_in("dan", at=2_000)
    assert pool.offers() == [("w1", "dan")]
    assert pool.enter("w3", at=2_001) == []
    assert pool.enter("w4", at=2_001) == []
    pool.enter("no", at=2_002)
    assert pool.overflowed() == [("no", FULL)]


def test_agent_of_several_steps_counts_once() -> None:
    steps = Step(EXPERT, STEP_MS), Step(ANYBODY)
    pool = limited(WaitingLimit(per_agent=1), *steps, eve={"data": 3}, ann={"data": 1})
    pool.enter("c1", at=1_000)
    assert pool.enter("c2", at=1_001) == []
    assert pool.enter("c3", at=1_002) == []
    pool.enter("c4", at=1_003)
    assert pool.overflowed() == [("c4", FULL)]


def test_nobody_there_wins_over_full() -> None:
    pool = limited(WaitingLimit(absolute=1, per_agent=1))
    pool.enter("c1", at=1_000)
    assert pool.overflowed() == [("c1", NO_AGENTS)]


def test_returned_contact_is_never_refused() -> None:
    pool = limited(WaitingLimit(absolute=1), ann={"data": 1})
    pool.enter("c1", at=1_000)
    offer = pool.offer()
    pool.accept(offer, at=1_100)
    pool.enter("c2", at=1_200)
    pool.fail(offer, at=1_300)  # Her line died as she answered.
    assert pool.overflowed() == []
    assert pool.router.waiting_in(DATA) == ["c1", "c2"]
    pool.enter("c3", at=1_400)
    assert pool.overflowed() == [("c3", FULL)]


# Misses


@pytest.mark.parametrize("misses_max", [1, 3])
def test_queue_says_how_many_misses_pause_an_agent(misses_max: int) -> None:
    pool = Pool("ann")
    pool.give(QueueChanged(queue(DATA, ANYBODY, misses_max=misses_max)))
    pool.enter("c1", at=1_000)
    for miss in range(1, misses_max + 1):
        assert pool.presence("ann") is Presence.AVAILABLE
        pool.fail(pool.offer(), at=miss * 10_000)
        pool.tick(miss * 10_000 + MISS_REST_MS)
    assert pool.presence("ann") is Presence.ON_BREAK
    assert pool.router.waiting_in(DATA) == []


def test_flap_of_the_only_expert_moves_nobody_whose_time_with_her_is_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pool = expert_busy(ann={"data": 1})
    pool.enter("a0", at=1_200)
    pool.tick(at=1_200 + STEP_MS)
    pool.accept(pool.offer(), at=1_300 + STEP_MS)
    names = [f"w{number}" for number in range(50)]
    for name in names:
        pool.enter(name, at=30_000)
    pool.tick(at=30_000 + STEP_MS)
    assert {pool.place(name).step for name in names} == {1}
    pool.enter("late", at=31_000 + STEP_MS)
    moved: list[str] = []
    stand = Places.restand

    def counted(places: Places, place: Place, at: int) -> bool:
        moved.append(place.contact)
        return stand(places, place, at)

    monkeypatch.setattr(Places, "restand", counted)
    pool.reach("eve-desk", False, at=32_000 + STEP_MS)
    assert (moved, pool.place("late").step) == (["late"], 1)
    pool.reach("eve-desk", True, at=33_000 + STEP_MS)
    assert (moved, pool.place("late").step) == (["late", "late"], 0)


def test_who_comes_back_as_the_last_agent_goes_finds_who_takes_her_seat_at_a_later_step() -> None:
    pool = Pool(ann={"data": 3}, bob={"data": 1})
    pool.give(QueueChanged(relaxing()))
    pool.pause("bob", at=900)
    pool.enter("c1", at=1_000)
    pool.sign_in("bob", "ann-desk", at=2_000)
    assert pool.offers() == [("c1", "bob")]
