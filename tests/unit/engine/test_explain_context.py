"""What is known of a decision by those before and after it."""

from dataclasses import replace

import pytest

from ivr.cli.explain_context import About, about, asker, who_is_asked
from ivr.flow.requirement import SkillRequirement
from ivr.flow.transfer_names import desk_agent_queue, desk_target_queue
from ivr.flow.transfers import transfer_queue
from router.explain import (
    Answered,
    Chooser,
    Decision,
    Ended,
    Left,
    LetIn,
    Moved,
    Offered,
    OfferEnd,
    OfferLost,
    Refused,
)
from router.grounds import Standing
from router.model import (
    AgentId,
    AgentOrder,
    ContactId,
    ContactOrder,
    DeviceId,
    LevelOrder,
    OfferId,
    OverflowCause,
    QueueId,
    qualified,
)

pytestmark = pytest.mark.unit

C, ASKED, OFFER = ContactId("c1"), ContactId("c1.t1"), OfferId("c1.o1")
DATA, BILL = QueueId("main:10086/data"), QueueId("main:10086/bill")
ANN, BEN = AgentId("main:ann"), AgentId("main:ben")
HERS = QueueId(qualified(desk_agent_queue("ann")))
LET_IN = LetIn(C, 1_000, DATA, DATA, 1, 1, None, 1, 5, 0, 0, 60_000)
MOVED = Moved(C, 5_000, DATA, BILL, False, 90_000)
OFFERED = Offered(
    C, 1_000, OFFER, ANN, DeviceId("main:d1"), Chooser.CONTACT, Standing(DATA, 0, None),
    LevelOrder.ANY, AgentOrder.LONGEST_IDLE, ContactOrder.OLDEST, (), (), (), 0, 10_000,
)  # fmt: skip
ANSWERED = Answered(C, 6_000, OFFER, ANN, 500, 1_000)
ENDED = Ended(C, 20_000, OFFER, ANN, 14_000, None)
ASKS = replace(LET_IN, contact=ASKED, at=10_000)


def test_offer_of_the_same_moment_is_known_and_a_later_one_is_none() -> None:
    assert about([LET_IN, OFFERED], 0) == About(is_offered_at_once=True)
    assert about([LET_IN, replace(OFFERED, at=1_100)], 0) == About()
    assert about([LET_IN, replace(OFFERED, contact=ASKED)], 0) == About()


def test_wait_before_a_move_counts_for_the_answer() -> None:
    assert about([LET_IN, MOVED, ANSWERED], 2) == About(moved_after_ms=5_000)
    assert about([LET_IN, ANSWERED], 1) == About()
    again = replace(LET_IN, at=5_500)
    assert about([LET_IN, MOVED, again, ANSWERED], 3) == About()


def test_caller_returns_only_to_whom_she_talked_to() -> None:
    hers = replace(LET_IN, at=30_000, queue=HERS)
    assert about([LET_IN, ANSWERED, ENDED, hers], 3) == About(returns=True)
    assert about([LET_IN, hers], 1) == About()


OF_ASKED = replace(ANSWERED, contact=ASKED, at=12_000, agent=BEN)
PART_OVER = replace(ENDED, contact=ASKED, at=15_000, agent=BEN)
LOST = OfferLost(ASKED, 13_000, OfferId("c1.t1.o1"), BEN, OfferEnd.DROPPED, 500)


@pytest.mark.parametrize(
    ("consultation", "known"),
    [
        ([ASKS, OF_ASKED], About(left_in=ASKED, left_to=BEN)),
        ([ASKS], About(left_in=ASKED)),
        ([ASKS, OF_ASKED, LOST], About(left_in=ASKED)),
        ([ASKS, OF_ASKED, PART_OVER], About()),
        ([ASKS, Left(ASKED, 12_000, BILL, 2_000)], About()),
        ([replace(ASKS, contact=ContactId("c10.t1"))], About()),
        ([], About()),
    ],
)
def test_caller_is_left_to_the_expert_whose_consultation_outlives_the_talk(
    consultation: list[Decision], known: About
) -> None:
    told = [LET_IN, ANSWERED, *consultation, ENDED]
    assert about(told, len(told) - 1) == known


def test_end_of_an_experts_own_part_leaves_nobody_behind() -> None:
    assert about([LET_IN, ANSWERED, ASKS, OF_ASKED, PART_OVER], 4) == About()


@pytest.mark.parametrize(
    ("before", "told", "agent"),
    [
        ([LET_IN, ANSWERED], ASKS, ANN),
        ([LET_IN, ANSWERED], Refused(ASKED, 10_000, BILL, OverflowCause.NO_AGENTS), ANN),
        ([LET_IN, ANSWERED, ENDED], ASKS, None),
        ([LET_IN, ANSWERED], replace(ANSWERED, contact=ASKED), None),
        ([LET_IN, ANSWERED], replace(LET_IN, at=10_000), None),
    ],
)
def test_who_talks_to_the_caller_asks(
    before: list[Decision], told: Decision, agent: AgentId | None
) -> None:
    assert asker([*before, told], len(before)) == agent


def test_whom_a_queue_stands_for_is_told_without_names_that_nobody_wrote() -> None:
    target = desk_target_queue("2")
    entry = transfer_queue(target, SkillRequirement(({"group": 3},)), 60_000)
    assert who_is_asked(HERS, {}) == "ann"
    assert who_is_asked(DATA, {}) == "somebody of 10086/data"
    expert = who_is_asked(QueueId(qualified(target)), {target: entry})
    assert expert == "an expert with group >= 3"
