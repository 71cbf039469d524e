"""The sentences on the ways in and out of queues, where a crisis or the site decides."""

import pytest

from ivr.cli.explain_choices import Names
from ivr.cli.explain_words import Teller
from router.explain import (
    ChangeRefused,
    Decision,
    NoWay,
    OfferEnd,
    OfferLost,
    Overflowed,
    Refused,
    Unchanged,
)
from router.grounds import Excluded, Exclusion
from router.model import AgentId, ContactId, OfferId, OverflowCause, QueueId

pytestmark = pytest.mark.unit

C, DATA, BILL = ContactId("c1"), QueueId("main:data"), QueueId("main:bill")
HERS = QueueId("main:transfer/desk/agents/ann")
RETIRED = Excluded(AgentId("main:ann"), Exclusion.RETIRED)


def said(decision: Decision) -> str:
    return Teller(Names({})).sentence(decision, lambda at: f"<{at // 1000}>")


@pytest.mark.parametrize(
    ("refused", "begins"),
    [
        (Refused(C, 0, DATA, OverflowCause.FULL, to=BILL), "it is full: "),
        (Refused(C, 0, DATA, OverflowCause.OVERLOAD, to=BILL), "in all queues together "),
        (Refused(C, 0, DATA, OverflowCause.EXPECTED_WAIT, to=BILL), "as number "),
    ],
)
def test_limit_is_told_of_the_queue_that_the_crisis_leads_to(refused: Refused, begins: str) -> None:
    told = said(refused)
    assert told.startswith(f"Not let into bill, where the crisis of data leads: {begins}")


WAYS = [
    (NoWay.LEFT_SITE, "is in the site no longer"),
    (NoWay.CRISIS, "is switched off by a crisis too"),
    (NoWay.CHANNEL, "is of another channel"),
    (NoWay.NOBODY, "has nobody there"),
]


@pytest.mark.parametrize(("no_way", "why"), WAYS)
def test_crisis_that_leads_nowhere_is_told_with_the_reason(no_way: NoWay, why: str) -> None:
    told = f"it is switched off by a crisis, and bill, where its contacts go, {why}."
    crisis = OverflowCause.CRISIS
    assert said(Refused(C, 0, DATA, crisis, to=BILL, no_way=no_way)) == f"Not let into data: {told}"
    given_back = Overflowed(C, 0, DATA, crisis, 5_000, 60_000, to=BILL, no_way=no_way)
    assert said(given_back) == f"Given back by data after 5 s: {told}"


@pytest.mark.parametrize(
    ("decision", "sentence"),
    [
        (
            Refused(C, 0, DATA, OverflowCause.NO_AGENTS, left_site=True),
            "Not let into data: it is in the site no longer.",
        ),
        (
            Overflowed(C, 0, DATA, OverflowCause.NO_AGENTS, 5_000, 60_000, left_site=True),
            "Given back by data after 5 s: it is in the site no longer.",
        ),
        (
            Overflowed(C, 0, HERS, OverflowCause.NO_AGENTS, 5_000, 60_000, left_site=True),
            "ann is waited for no longer, after 5 s: nobody is passed on to her any more.",
        ),
        (
            Refused(C, 0, HERS, OverflowCause.NO_AGENTS, left_site=True),
            "Not passed on to ann: nobody is passed on to her any more.",
        ),
        (
            Refused(C, 0, HERS, OverflowCause.NO_AGENTS, left_site=True, preferred=RETIRED),
            "Not passed on to ann: she is in the site no longer.",
        ),
        (
            OfferLost(C, 0, OfferId("o"), AgentId("main:ann"), OfferEnd.QUEUE_RETIRED, 5_000),
            "The queue left the site while ann was rung, after 5 s.",
        ),
    ],
)
def test_queue_that_left_the_site_is_told_as_that(decision: Decision, sentence: str) -> None:
    assert said(decision) == sentence


@pytest.mark.parametrize(
    ("refused", "sentence"),
    [
        (
            ChangeRefused(C, 0, None, Unchanged.SAME),
            "Somebody asked for another priority, and nothing changed: it has that priority "
            "already.",
        ),
        (
            ChangeRefused(C, 0, DATA, Unchanged.SAME),
            "Somebody asked for data, and nothing changed: it waits there already.",
        ),
        (
            ChangeRefused(C, 0, None, Unchanged.NOT_WAITING),
            "Somebody asked for another priority, and nothing changed: it does not wait now.",
        ),
        *(
            (
                ChangeRefused(C, 0, BILL, Unchanged.NO_WAY, no_way),
                f"Somebody asked for bill, and it stays where it is: {why}.",
            )
            for no_way, why in (
                (NoWay.LEFT_SITE, "that queue is in the site no longer"),
                (NoWay.CRISIS, "that queue is switched off by a crisis"),
                (NoWay.CHANNEL, "that queue is of another channel"),
                (NoWay.NOBODY, "nobody is there in that queue"),
            )
        ),
    ],
)
def test_change_in_vain_is_told_with_the_reason(refused: ChangeRefused, sentence: str) -> None:
    assert said(refused) == sentence
