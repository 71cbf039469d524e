"""Every number of what is told of a contact, with literal times: none left out, none swapped.

What each rule tells is in ``test_router_explain``; here whole decisions are compared.
"""

from dataclasses import replace
from typing import TypeVar

import pytest
from chat_pool import TEXT, chat_queue
from router_pool import BILL, DATA, RING_MS, WAIT_MS, WRAP_MS, Pool, needs, queue

from router.events import AgentChanged, ContactChanged, CrisisDeclared, QueueChanged, RoutingChanged
from router.explain import (
    Announced,
    ChangeRefused,
    Decision,
    Ended,
    LetIn,
    Moved,
    NoWay,
    OfferEnd,
    OfferLost,
    Overflowed,
    PassedBy,
    Refused,
    Revalued,
    Unchanged,
    Waited,
    kind_of,
)
from router.explaining import Explainer
from router.grounds import Competitor, Excluded, Exclusion, Standing
from router.model import (
    PREFERRED_STEP,
    Agent,
    AgentId,
    ContactId,
    ContactOrder,
    OfferFailure,
    OfferId,
    OverflowCause,
    QueueId,
    Routing,
    Skill,
    WaitingLimit,
)
from router.offers import ABSENT_MS, ENGAGED_MS_MAX, MISS_REST_MS

pytestmark = pytest.mark.unit

T = TypeVar("T", bound=Decision)
ANN, BOB = AgentId("ann"), AgentId("bob")
C1, C2, C3 = (ContactId(f"c{number}") for number in (1, 2, 3))
NO_AGENTS = OverflowCause.NO_AGENTS
ASKS = needs({"data": 1})


class Told(Pool):
    """A pool whose router is looked at from now on."""

    def __init__(self, *agents: str, **skilled: dict[str, int]) -> None:
        super().__init__(*agents, **skilled)
        self.explainer = Explainer()
        self.router.watched_by(self.explainer)

    def told(self, kind: type[T]) -> T:
        """The one decision of this kind since it was asked last."""
        (found,) = [each for each in self.explainer.taken() if isinstance(each, kind)]
        return found

    def forget(self) -> None:
        self.explainer.taken()


def talking(*others: str) -> Told:
    """ann talks to c1 since 1 100."""
    pool = Told("ann", *others)
    pool.enter("c1", at=1_000)
    pool.accept(pool.offer(), at=1_100)
    pool.forget()
    return pool


# Refused


def test_refusal_by_a_full_queue() -> None:
    pool = talking()
    limit = WaitingLimit(absolute=1)
    pool.give(QueueChanged(replace(queue(DATA, ASKS, waiting=limit), contact_class=3)))
    pool.enter("c2", at=2_000)
    pool.forget()
    pool.enter("c3", priority_ms=2_000, at=3_000)
    assert pool.told(Refused) == Refused(
        *(C3, 3_000, DATA, OverflowCause.FULL),
        waiting=1,
        waiting_max=1,
        staff=1,
        pool_waiting=1,
        contact_class=3,
        position=1,
    )


@pytest.mark.parametrize(
    ("priority_ms", "waited_ms", "position"),
    [(0, 0, 2), (1_000, 0, 2), (1_001, 0, 1), (0, 1_001, 1)],
)
def test_refused_contact_has_the_position_that_it_would_have_had(
    priority_ms: int, waited_ms: int, position: int
) -> None:
    pool = talking()
    pool.give(QueueChanged(queue(DATA, ASKS, waiting=WaitingLimit(absolute=1))))
    pool.enter("c2", at=2_000)
    pool.forget()
    pool.enter("c3", priority_ms=priority_ms, waited_ms=waited_ms, at=3_000)
    assert pool.told(Refused).position == position


def test_refusal_by_a_pool_of_odd_size_tells_whole_contacts() -> None:
    pool = talking()
    pool.give(RoutingChanged(Routing(waiting_max=3, admitted={5: 50})))
    pool.enter("c2", at=2_000)
    pool.forget()
    pool.enter("c3", at=3_000)
    refused = pool.told(Refused)
    assert (refused.cause, refused.pool_waiting_max) == (OverflowCause.OVERLOAD, 1)
    assert isinstance(refused.pool_waiting_max, int)
    assert (refused.excluded, refused.left_out, refused.to) == ((), 0, None)


def test_refusal_where_nobody_is_there_names_them_and_counts_the_others() -> None:
    pool = Told("ann", bob={"bill": 1})
    pool.pause("ann", "lunch", at=500)
    pool.forget()
    pool.enter("c1", at=1_000)
    assert pool.told(Refused) == Refused(
        *(C1, 1_000, DATA, NO_AGENTS),
        contact_class=5,
        position=1,
        excluded=(Excluded(ANN, Exclusion.ON_BREAK, reason="lunch"),),
        left_out=1,
    )


def test_refusal_by_an_unknown_queue() -> None:
    pool, nowhere = Told("ann"), QueueId("main:none")
    pool.enter("c1", nowhere, at=1_000)
    assert pool.told(Refused) == Refused(C1, 1_000, nowhere, NO_AGENTS, left_site=True)


def test_refusal_in_a_crisis_has_the_numbers_of_the_queue_that_it_leads_to() -> None:
    pool = talking()
    pool.sign_in("ann", at=1_200)
    pool.skill("ann", data=1, bill=1)
    limit = WaitingLimit(absolute=1)
    pool.give(QueueChanged(replace(queue(BILL, needs({"bill": 1}), waiting=limit))))
    pool.enter("b1", BILL, at=1_500)
    pool.give(CrisisDeclared(DATA, BILL), at=2_000)
    pool.forget()
    pool.enter("c2", at=3_000)
    assert pool.told(Refused) == Refused(
        *(C2, 3_000, DATA, OverflowCause.FULL),
        waiting=1,
        waiting_max=1,
        staff=1,
        pool_waiting=1,
        contact_class=5,
        position=2,
        to=BILL,
    )


# Waiting


def test_contact_that_waits_for_one_agent_alone() -> None:
    pool = talking("bob")
    pool.enter("c2", prefer=("ann", 15_000), at=2_000)
    pool.enter("c3", prefer=("ann", 15_000), at=2_500)
    waits = [each for each in pool.explainer.taken() if isinstance(each, Waited)]
    assert [(each.contact, each.position, each.announced_at) for each in waits] == [
        (C2, 1, None),
        (C3, 2, None),
    ]
    assert waits[0].standing == Standing(DATA, PREFERRED_STEP, None, ANN, staffed=1, ends_at=17_000)


def test_preferred_agent_whom_nobody_knows_is_told_as_gone() -> None:
    pool = Told("ann")
    pool.enter("c1", prefer=("zoe", 9_000), at=1_000)
    assert pool.told(LetIn).preferred == Excluded(AgentId("zoe"), Exclusion.RETIRED)


def test_position_that_is_told() -> None:
    pool = talking()
    pool.give(QueueChanged(queue(DATA, ASKS, announce_every_ms=10_000)))
    pool.enter("c2", at=2_000)
    due = pool.router.next_deadline() or 0
    pool.forget()
    pool.tick(due)
    assert pool.told(Announced) == Announced(C2, due, DATA, 1, None, due + 10_000)


@pytest.mark.parametrize(
    ("order", "own", "taken"),
    [
        (ContactOrder.OLDEST, (None, None), (None, None)),
        (ContactOrder.FAIR, (500_000, None), (0, None)),
        (ContactOrder.RATIO, (None, -1), (None, 1)),
    ],
)
def test_contact_that_is_passed_by_is_weighed_against_the_one_that_was_taken(
    order: ContactOrder, own: tuple[int | None, int | None], taken: tuple[int | None, int | None]
) -> None:
    pool = Told(ann={"data": 1, "bill": 1})
    pool.give(QueueChanged(replace(queue(DATA, ASKS), share=2)))
    pool.give(RoutingChanged(Routing(contacts=order)))
    pool.enter("c1", at=1_000)
    offer = pool.offer()
    pool.accept(offer, at=1_000)
    pool.enter("c2", at=2_000)
    pool.enter("c3", BILL, priority_ms=5_000, at=3_000)
    pool.end(offer, at=4_000)
    pool.forget()
    pool.tick(4_000 + WRAP_MS)
    at = 4_000 + WRAP_MS
    mine = Competitor(C2, DATA, 0, 5, at - 2_000, 2, 2, passed=own[0], imbalance=own[1])
    hers = Competitor(C3, BILL, 0, 5, at + 2_000, 3, 1, passed=taken[0], imbalance=taken[1])
    assert pool.told(PassedBy) == PassedBy(C2, at, ANN, order, mine, hers, ahead=0)


# Changed


def test_priority_that_is_taken_away() -> None:
    pool = talking()
    pool.enter("c2", priority_ms=60_000, at=2_000)
    pool.enter("c3", at=2_500)
    pool.forget()
    pool.give(ContactChanged(C3, None, 0), at=3_000)
    pool.give(ContactChanged(C2, None, 0), at=3_000)
    pool.give(ContactChanged(C2, None, 10), at=4_000)
    told = [each for each in pool.explainer.taken() if isinstance(each, Revalued | ChangeRefused)]
    assert told[1:] == [Revalued(C2, 3_000, 0, 1_000, 1), Revalued(C2, 4_000, 10, 2_010, 1)]


def test_priority_that_changes_where_the_move_asked_with_it_does_not() -> None:
    pool = talking()
    pool.enter("c2", at=2_000)
    pool.forget()
    pool.give(ContactChanged(C2, BILL, 500), at=3_000)
    told = [each for each in pool.explainer.taken() if isinstance(each, Revalued | ChangeRefused)]
    refused = ChangeRefused(C2, 3_000, BILL, Unchanged.NO_WAY, NoWay.NOBODY)
    assert told == [Revalued(C2, 3_000, 500, 1_500, 1), refused]


@pytest.mark.parametrize("by_crisis", [False, True])
def test_move(by_crisis: bool) -> None:
    pool = talking()
    pool.skill("ann", data=1, bill=1)
    pool.give(QueueChanged(queue(BILL, needs({"bill": 1}), wait_ms_max=30_000)))
    pool.enter("c2", at=2_000)
    pool.forget()
    pool.give(CrisisDeclared(DATA, BILL) if by_crisis else ContactChanged(C2, BILL, None), at=3_000)
    decisions = pool.explainer.taken()
    assert [kind_of(each) for each in decisions] == ["moved", "waited"]
    asked = None if by_crisis else BILL
    assert decisions[0] == Moved(C2, 3_000, DATA, BILL, by_crisis, 33_000, asked)


# Lost and over


@pytest.mark.parametrize("failure", OfferFailure)
def test_offer_that_is_lost_before_an_answer(failure: OfferFailure) -> None:
    pool = Told("ann")
    pool.enter("c1", at=1_000)
    offer = pool.offer()
    pool.forget()
    pool.fail(offer, failure, at=3_000)
    is_miss = failure in (OfferFailure.DECLINED, OfferFailure.DROPPED)
    misses = 1 if is_miss else None
    assert pool.told(OfferLost) == OfferLost(
        *(C1, 3_000, offer, ANN, OfferEnd(failure.value)),
        lasted_ms=2_000,
        misses=misses,
        misses_max=2,
        rests_until_at=3_000 + MISS_REST_MS,
    )


def test_offer_that_rings_out_while_her_phone_is_in_a_call_is_no_miss() -> None:
    pool = Told("ann")
    pool.enter("c1", at=1_000)
    offer = pool.offer()
    pool.occupy("ann-desk", at=1_500)
    pool.forget()
    pool.tick(1_000 + RING_MS)
    lost = pool.told(OfferLost)
    assert (lost.offer, lost.end, lost.misses) == (offer, OfferEnd.TIMED_OUT, None)


def test_offer_whose_caller_left_brings_her_no_rest() -> None:
    pool = Told("ann")
    pool.enter("c1", at=1_000)
    offer = pool.offer()
    pool.forget()
    pool.leave("c1", at=2_000)
    assert pool.told(OfferLost) == OfferLost(
        *(C1, 2_000, offer, ANN, OfferEnd.CONTACT_LEFT), lasted_ms=1_000, misses_max=2
    )


def test_miss_that_makes_her_absent_ends_her_rests() -> None:
    pool = Told("ann", "bob")
    pool.pause("bob", at=500)
    pool.enter("c1", at=1_000)
    for at in (1_000 + RING_MS, 1_000 + RING_MS + MISS_REST_MS):
        pool.tick(at)
    pool.forget()
    at = 1_000 + 2 * RING_MS + MISS_REST_MS
    pool.tick(at)
    decisions = pool.explainer.taken()
    assert decisions[0] == OfferLost(
        *(C1, at, OfferId("c1.o2"), ANN, OfferEnd.TIMED_OUT),
        lasted_ms=RING_MS,
        misses=2,
        misses_max=2,
        absent_until_at=at + ABSENT_MS,
    )
    assert decisions[1:] == [
        Overflowed(
            *(C1, at, DATA, NO_AGENTS, at - 1_000, WAIT_MS),
            (
                Excluded(ANN, Exclusion.ON_BREAK, reason="missed_offers"),
                Excluded(BOB, Exclusion.ON_BREAK, reason="lunch"),
            ),
        )
    ]


def test_connection_that_is_lost() -> None:
    pool = Told("ann")
    pool.enter("c1", at=1_000)
    offer = pool.offer()
    pool.accept(offer, at=2_000)
    pool.forget()
    pool.fail(offer, OfferFailure.DROPPED, at=2_500)
    assert pool.told(OfferLost) == OfferLost(
        *(C1, 2_500, offer, ANN, OfferEnd.DROPPED),
        lasted_ms=500,
        was_connected=True,
        misses=1,
        misses_max=2,
        rests_until_at=2_500 + MISS_REST_MS,
    )


def test_contact_that_waits_too_long_is_given_up_with_all_who_could_not_take_it() -> None:
    pool = talking()
    pool.skill("bob", bill=1)
    pool.enter("c2", at=2_000)
    pool.forget()
    pool.tick(2_000 + WAIT_MS)
    assert pool.told(Overflowed) == Overflowed(
        *(C2, 2_000 + WAIT_MS, DATA, OverflowCause.TIMED_OUT, WAIT_MS, WAIT_MS),
        (Excluded(ANN, Exclusion.TALKING, contact=C1),),
        left_out=1,
    )


def test_end_of_a_call_and_of_a_chat_tell_till_when_the_wrap_up_lasts() -> None:
    pool = Told()
    pool.give(QueueChanged(chat_queue(4_000)))
    pool.give(AgentChanged(Agent(ANN, {Skill("data"): 1}, None, 2)))
    pool.reach("ann-desk")
    pool.sign_in("ann")
    ends: list[Ended] = []
    for name, to, wrap_ms in (("c1", DATA, WRAP_MS), ("c2", TEXT, 4_000)):
        start = pool.at + 1_000
        pool.enter(name, to, at=start)
        offer = pool.offer()
        pool.accept(offer, at=start)
        pool.end(offer, at=start + 9_000)
        over = start + 9_000
        ended = pool.told(Ended)
        assert ended == Ended(ContactId(name), over, offer, ANN, 9_000, over + wrap_ms)
        ends.append(ended)
        pool.tick(over + wrap_ms)
        pool.forget()
    assert len(ends) == 2


def test_talk_that_lasted_as_long_as_any_may_is_told_as_overdue() -> None:
    pool = talking()
    pool.tick(1_100 + ENGAGED_MS_MAX)
    ended = pool.told(Ended)
    assert (ended.overdue, ended.talked_ms) == (True, ENGAGED_MS_MAX)
