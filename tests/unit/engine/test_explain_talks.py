"""What became of an offer, the talk and the wrap-up, each as the sentence that people read."""

from dataclasses import replace

import pytest

from ivr.cli.explain_choices import Names
from ivr.cli.explain_context import About
from ivr.cli.explain_words import Teller
from router.explain import Answered, Decision, Ended, OfferEnd, OfferLost, WrapUpChanged
from router.model import AgentId, ContactId, OfferId, Origin

pytestmark = pytest.mark.unit

C, ASKED, OFFER = ContactId("c1"), ContactId("c1.t1"), OfferId("c1.o1")
ANN, BOB = AgentId("main:ann"), AgentId("main:bob")
LOST = OfferLost(C, 0, OFFER, ANN, OfferEnd.DECLINED, 1_500, misses=1, misses_max=2)
NOTHING = About()


def said(decision: Decision, about: About = NOTHING) -> str:
    teller = Teller(Names({"ann": "Data expert"}))
    return teller.sentence(decision, lambda at: f"<{at // 1000}>", about)


@pytest.mark.parametrize(
    ("decision", "sentence"),
    [
        (
            LOST,
            "ann (Data expert) declined after 1.5 s of ringing; the contact goes back to its old "
            "place. That is miss 1 of 2.",
        ),
        (
            replace(LOST, lasted_ms=0),
            "ann (Data expert) declined at once; the contact goes back to its old place. That is "
            "miss 1 of 2.",
        ),
        (
            replace(LOST, misses=2, absent_until_at=120_000),
            "ann (Data expert) declined after 1.5 s of ringing; the contact goes back to its old "
            "place. That is miss 2 of 2: she is taken for absent till <120>.",
        ),
        (
            replace(LOST, end=OfferEnd.CONTACT_LEFT, misses=None),
            "The contact left while ann (Data expert) was rung, after 1.5 s.",
        ),
        (
            Ended(C, 0, OFFER, ANN, 180_000, 5_000),
            "The talk with ann (Data expert) was over after 3 min; she has till <5> to wrap up.",
        ),
        (
            Ended(C, 0, OFFER, BOB, 180_000, None, overdue=True),
            "The talk with bob was over after 3 min as no talk may last longer.",
        ),
        (
            Ended(ASKED, 0, OFFER, ANN, 5_300, None),
            "The part of ann (Data expert) in it was over after 5.3 s.",
        ),
        (
            WrapUpChanged(C, 0, OFFER, ANN, Origin.PHONE, 3_000, None),
            "The wrap-up of ann (Data expert) was ended by her phone, after 3 s.",
        ),
        (
            WrapUpChanged(C, 0, OFFER, BOB, Origin.COMMAND, 3_000, 33_000),
            "The wrap-up of bob was made longer by a command: it lasts till <33>.",
        ),
        (
            Answered(C, 0, OFFER, BOB, 0, 1_000),
            "bob answered at once, 1 s after the contact came into the queue.",
        ),
    ],
)
def test_what_became_of_an_offer(decision: Decision, sentence: str) -> None:
    assert said(decision) == sentence


def test_whole_wait_is_told_of_who_was_moved_into_the_queue() -> None:
    moved = said(Answered(C, 0, OFFER, BOB, 1_000, 1_000), About(moved_after_ms=5_000))
    assert moved == (
        "bob answered after 1 s of ringing, 1 s after the contact came into the queue, 5 s after "
        "it began to wait."
    )
