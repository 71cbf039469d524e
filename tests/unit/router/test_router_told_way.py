"""A contact's whole way as it is told, decision by decision, each with all that it holds."""

from dataclasses import replace

import pytest
from router_pool import DATA, WAIT_MS, Pool, needs, queue

from router import crowd, explaining
from router.events import ContactQueued, QueueChanged
from router.expecting import HANDLING_MS
from router.explain import (
    Answered,
    Chooser,
    Left,
    LetIn,
    Offered,
    OfferEnd,
    OfferLost,
    StandReason,
    Stood,
    Waited,
)
from router.explaining import Explainer
from router.grounds import Candidate, Competitor, Excluded, Exclusion, Lack, Standing
from router.model import (
    AgentId,
    AgentOrder,
    ContactId,
    ContactOrder,
    DeviceId,
    LevelOrder,
    OfferId,
    Skill,
    Step,
    WaitingLimit,
)
from router.offers import MISS_REST_MS

pytestmark = pytest.mark.unit

SKILL = Skill("data")
ANN, BOB, EVE = AgentId("ann"), AgentId("bob"), AgentId("eve")
C1 = ContactId("c1")
FIRST, SECOND = needs({"data": 3}), needs({"data": 1})


def watched(pool: Pool) -> Explainer:
    explainer = Explainer()
    pool.router.watched_by(explainer)
    return explainer


def two_steps() -> tuple[Pool, Explainer]:
    """eve meets both steps and is on her phone, ann the second one alone; bob has no such skill."""
    pool = Pool(eve={"data": 5}, ann={"data": 1}, bob={"bill": 1})
    rules = queue(DATA, Step(FIRST, 5_000), Step(SECOND), waiting=WaitingLimit(9, 2))
    rules = replace(rules, contact_class=3, levels=LevelOrder.LOWEST, announce_expected=True)
    pool.give(QueueChanged(rules))
    pool.occupy("eve-desk")
    return pool, watched(pool)


AT_FIRST = Standing(DATA, 0, FIRST, staffed=1, ends_at=6_000)
AT_SECOND = Standing(DATA, 1, SECOND, staffed=2)
ON_PHONE = Excluded(EVE, Exclusion.OWN_CALL)


def test_way_of_a_contact_whose_first_step_is_over() -> None:
    pool, explainer = two_steps()
    pool.enter("c1", priority_ms=70, waited_ms=800, at=1_000)
    too_low = Excluded(ANN, Exclusion.LEVEL, lacks=(Lack(SKILL, 1, 3),))
    assert explainer.taken() == [
        LetIn(
            *(C1, 1_000, DATA, DATA, 1, 0, 4, 2, 3, 70, 800, 1_000 + WAIT_MS, 90_000),
            handling_ms=HANDLING_MS,
        ),
        Waited(C1, 1_000, AT_FIRST, 1, (ON_PHONE, too_low), 1, 1_000 + WAIT_MS, None),
    ]
    pool.tick(6_000)
    orders = LevelOrder.LOWEST, AgentOrder.LONGEST_IDLE, ContactOrder.OLDEST
    first, desk = OfferId("c1.o1"), DeviceId("ann-desk")
    ann = Candidate(ANN, {SKILL: 1}, accepted_today=0, occupancy_permille=0, idle_since_at=0)
    assert explainer.taken() == [
        Stood(
            *(C1, 6_000, StandReason.STEP_OVER, AT_FIRST, AT_SECOND, 5_000, False),
            *((ON_PHONE, too_low), 1),
        ),
        Offered(
            *(C1, 6_000, first, ANN, desk, Chooser.CONTACT, AT_SECOND, *orders),
            *((ann,), (), (ON_PHONE,), 1, 21_000),
        ),
    ]
    pool.fail(first, at=8_000)
    rests = Excluded(ANN, Exclusion.RESTING)
    assert explainer.taken() == [
        OfferLost(
            *(C1, 8_000, first, ANN, OfferEnd.DECLINED, 2_000, False, 1, 2),
            rests_until_at=8_000 + MISS_REST_MS,
        ),
        Waited(C1, 8_000, AT_SECOND, 1, (ON_PHONE, rests), 1, 1_000 + WAIT_MS, None),
    ]
    pool.tick(8_000 + MISS_REST_MS)
    second, at = OfferId("c1.o2"), 8_000 + MISS_REST_MS
    (offered,) = explainer.taken()
    assert offered == Offered(
        *(C1, at, second, ANN, desk, Chooser.AGENT, AT_SECOND, *orders),
        (replace(ann, missed_before=True, idle_since_at=None),),
        (Competitor(C1, DATA, 1, 3, at - 1_000 + 870, 1),),
        *((ON_PHONE,), 1, at + 15_000),
    )
    pool.accept(second, at=11_000)
    assert explainer.taken() == [Answered(C1, 11_000, second, ANN, 1_000, 10_000)]


def test_way_of_a_contact_that_leaves() -> None:
    pool, explainer = two_steps()
    pool.enter("c1", at=1_000)
    explainer.taken()
    pool.leave("c1", at=1_700)
    assert explainer.taken() == [Left(C1, 1_700, DATA, 700)]


def test_offer_made_at_the_step_before_is_told_with_the_next_one() -> None:
    pool, explainer = two_steps()
    pool.vacate("eve-desk")
    pool.enter("c1", at=1_000)
    pool.fail(pool.offer(), at=2_000)
    explainer.taken()
    pool.tick(4_000)
    pool.occupy("eve-desk", at=4_100)
    pool.fail(OfferId("c1.o2"), at=4_200)
    explainer.taken()
    pool.tick(6_000)
    stood = next(each for each in explainer.taken() if isinstance(each, Stood))
    assert (stood.before.step, stood.was_offered) == (0, True)


def test_contact_that_stands_at_a_step_before_the_one_due_tells_what_it_went_back_over() -> None:
    pool = Pool(eve={"data": 5})
    steps = FIRST, SECOND, needs({"vip": 1}), needs({"vip": 2})
    timed = (Step(each, 5_000) for each in steps[:-1])
    pool.give(QueueChanged(queue(DATA, *timed, steps[-1])))
    pool.occupy("eve-desk")
    explainer = watched(pool)
    pool.enter("c1", at=1_000)
    for at in (6_000, 11_000, 16_000):
        pool.tick(at)
    explainer.taken()
    pool.vacate("eve-desk", at=17_000)
    (offered,) = explainer.taken()
    assert isinstance(offered, Offered)
    assert offered.standing == Standing(DATA, 1, SECOND, skipped=steps[2:], staffed=1)


@pytest.mark.parametrize(("for_ms", "is_told"), [(0, False), (1, True)])
def test_preferred_agent_for_no_time_at_all_is_not_told(for_ms: int, is_told: bool) -> None:
    pool = Pool("ann")
    explainer = watched(pool)
    pool.give(ContactQueued(C1, DATA, 0, preferred=BOB, preferred_ms=for_ms), at=1_000)
    (let_in, _) = explainer.taken()
    assert isinstance(let_in, LetIn)
    assert (let_in.preferred is not None) is is_told


def test_contact_that_is_queued_again_is_told_of_once() -> None:
    pool, explainer = two_steps()
    pool.enter("c1", at=1_000)
    explainer.taken()
    pool.enter("c1", at=2_000)
    assert explainer.taken() == []


def test_decisions_beyond_the_bound_are_each_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(explaining, "DECISIONS_MAX", 1)
    pool, _ = two_steps()
    explainer = Explainer(C1)
    pool.router.watched_by(explainer)
    pool.enter("c1", at=1_000)
    pool.leave("c1", at=2_000)
    assert (len(explainer.taken()), explainer.left_out) == (1, 2)


def test_only_an_offer_at_the_step_that_is_over_is_told_with_the_next_one() -> None:
    pool = Pool(eve={"data": 5}, ann={"data": 1})
    steps = (Step(each, 5_000) for each in (FIRST, needs({"data": 2})))
    pool.give(QueueChanged(queue(DATA, *steps, SECOND)))
    for desk in ("eve-desk", "ann-desk"):
        pool.occupy(desk)
    explainer = watched(pool)
    pool.enter("c1", at=1_000)
    pool.vacate("eve-desk", at=1_500)
    pool.occupy("eve-desk", at=1_600)
    pool.fail(OfferId("c1.o1"), at=2_000)
    for at in (6_000, 11_000):
        pool.tick(at)
    stood = [each for each in explainer.taken() if isinstance(each, Stood)]
    assert [(each.now.step, each.was_offered) for each in stood] == [(1, True), (2, False)]


def test_contact_whose_phone_rings_at_once_does_not_wait() -> None:
    pool = Pool("ann", "bob")
    pool.give(QueueChanged(queue(DATA, SECOND, waiting=WaitingLimit())))
    explainer = watched(pool)
    pool.enter("c1", at=1_000)
    pool.enter("c2", at=1_000)
    let_in = [each for each in explainer.taken() if isinstance(each, LetIn)]
    assert [(each.waiting, each.waiting_max) for each in let_in] == [(0, None), (0, None)]


def test_skill_that_a_requirement_names_and_does_not_ask_is_told_as_she_has_it() -> None:
    pool = Pool("ann", eve={"data": 1, "bill": 4})
    pool.give(QueueChanged(queue(DATA, needs({"data": 1, "bill": 0}))))
    explainer = watched(pool)
    pool.enter("c1", at=1_000)
    offered = explainer.taken()[1]
    assert isinstance(offered, Offered)
    bill = Skill("bill")
    assert [(each.agent, dict(each.levels), each.grade) for each in offered.candidates] == [
        (ANN, {SKILL: 1, bill: 0}, 0),
        (EVE, {SKILL: 1, bill: 4}, 4),
    ]


def test_who_is_beyond_the_bound_of_those_told_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crowd, "EXCLUDED_TOLD_MAX", 1)
    pool, explainer = two_steps()
    pool.occupy("ann-desk")
    pool.enter("c1", at=1_000)
    waited = explainer.taken()[1]
    assert isinstance(waited, Waited)
    assert (waited.excluded, waited.left_out) == ((ON_PHONE,), 2)
