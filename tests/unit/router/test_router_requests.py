"""Changes of presence as they are asked for: whom they are about, where, the answer, the record."""

import pytest
from router_pool import BILL, Pool

from router.effects import AnswerPresence
from router.events import PresenceRequested
from router.model import (
    AgentId,
    DeviceId,
    Origin,
    Presence,
    PresenceAnswer,
    PresenceChange,
    PresenceRecord,
    RequestId,
    RescindReason,
)
from router.offers import ABSENT_MS, MISS_REST_MS
from router.presence import SEAT_TAKEN

pytestmark = pytest.mark.unit

SIGN_IN, SIGN_OUT = PresenceChange.SIGN_IN, PresenceChange.SIGN_OUT
PAUSE, RESUME = PresenceChange.PAUSE, PresenceChange.RESUME
DONE, ALREADY = PresenceAnswer.DONE, PresenceAnswer.ALREADY
AVAILABLE, ON_BREAK = Presence.AVAILABLE, Presence.ON_BREAK
SIGNED_OUT = Presence.SIGNED_OUT


def seated() -> Pool:
    """``fay`` has a fixed seat at d1; ``gus`` sits where he likes. Both are signed out."""
    pool = Pool()
    pool.skill("fay", seat="d1", data=1)
    pool.skill("gus", data=1)
    for device in ("d1", "d2", "d3"):
        pool.reach(device)
    return pool


def test_agents_are_signed_out_till_they_sign_in() -> None:
    pool = seated()
    assert (pool.presence("fay"), pool.presence("gus")) == (SIGNED_OUT, SIGNED_OUT)


@pytest.mark.parametrize("device", [None, "d1"])
def test_fixed_seat_needs_no_device_and_may_name_its_own(device: str | None) -> None:
    pool = seated()
    assert pool.ask(SIGN_IN, "fay", device, at=1_000) is DONE
    assert pool.seat("fay").device == "d1"


@pytest.mark.parametrize(
    ("name", "device", "answer"),
    [
        ("fay", "d2", PresenceAnswer.NOT_HER_SEAT),
        ("gus", "d1", PresenceAnswer.SEAT_OF_ANOTHER),
        ("gus", None, PresenceAnswer.NO_DEVICE),
        ("eve", "d2", PresenceAnswer.UNKNOWN_AGENT),
        (None, "d2", PresenceAnswer.NOBODY_HERE),
        (None, None, PresenceAnswer.NOBODY_HERE),
    ],
)
def test_sign_in_that_cannot_be_met_is_answered_and_changes_nothing(
    name: str | None, device: str | None, answer: PresenceAnswer
) -> None:
    pool = seated()
    before = pool.snapshot()
    assert pool.ask(SIGN_IN, name, device, at=1_000) is answer
    assert pool.snapshot() == before
    assert pool.records == []
    assert pool.router.ignored[f"presence/{answer.value}"] == 1


def test_sign_in_at_a_device_alone_is_whose_fixed_seat_it_is() -> None:
    pool = seated()
    assert pool.ask(SIGN_IN, None, "d1") is DONE
    assert pool.answers == [AnswerPresence(RequestId("r1"), DONE, AgentId("fay"), AVAILABLE)]


def test_device_alone_names_whoever_sits_there_now() -> None:
    pool = seated()
    pool.ask(SIGN_IN, "gus", "d2")
    assert pool.ask(SIGN_IN, None, "d2") is PresenceAnswer.NOBODY_HERE
    assert pool.ask(PAUSE, None, "d2", reason="lunch") is DONE
    assert pool.ask(RESUME, None, "d2") is DONE
    assert pool.ask(SIGN_OUT, None, "d2") is DONE
    assert pool.presence("gus") is SIGNED_OUT
    for change in (PAUSE, RESUME, SIGN_OUT):
        assert pool.ask(change, None, "d2") is PresenceAnswer.NOBODY_HERE


def test_refusal_names_the_agent_and_what_she_is() -> None:
    pool = seated()
    pool.ask(SIGN_IN, "fay", "d3")
    answer = PresenceAnswer.NOT_HER_SEAT
    assert pool.answers == [AnswerPresence(RequestId("r1"), answer, AgentId("fay"), SIGNED_OUT)]


def test_record_tells_who_became_what_where_why_and_by_which_way() -> None:
    pool = seated()
    pool.ask(SIGN_IN, "gus", "d2", at=1_000)
    asked = PresenceRequested(
        RequestId("desk-7"), PAUSE, AgentId("gus"), None, "lunch", Origin.COMMAND
    )
    pool.give(asked, at=2_000)
    paused = PresenceRecord(
        "gus.p2", AgentId("gus"), ON_BREAK, "lunch", DeviceId("d2"), Origin.COMMAND, 2_000
    )
    assert pool.records == [paused]
    pool.sign_out("gus", at=3_000)
    (out,) = pool.records
    assert (out.key, out.presence, out.reason, out.device) == ("gus.p3", SIGNED_OUT, None, "d2")


def test_reason_of_anything_but_a_pause_is_not_read() -> None:
    pool = seated()
    pool.ask(SIGN_IN, "gus", "d2", reason="bored")
    assert pool.recorded() == [("gus", AVAILABLE, None, Origin.PHONE)]


def test_pause_for_another_reason_is_recorded_and_for_the_same_is_not() -> None:
    pool = Pool("ann")
    assert pool.pause("ann", "lunch", at=1_000) is DONE
    assert pool.pause("ann", "lunch", at=2_000) is ALREADY
    assert pool.records == []
    assert pool.seat("ann").since == 1_000
    assert pool.pause("ann", "meeting", at=3_000) is DONE
    assert pool.recorded() == [("ann", ON_BREAK, "meeting", Origin.PHONE)]
    assert pool.seat("ann").since == 3_000


def test_sign_in_during_a_pause_ends_it() -> None:
    pool = Pool("ann")
    pool.pause("ann")
    pool.sign_in("ann")
    assert pool.recorded() == [("ann", AVAILABLE, None, Origin.PHONE)]


def test_pause_while_it_rings_rescinds_and_is_no_miss() -> None:
    pool = Pool("ann", "bob")
    pool.enter("c1", at=1_000)
    offer = pool.offer()
    pool.pause("ann", at=2_000)
    assert pool.rescinded() == [(offer, RescindReason.AGENT_GONE)]
    assert pool.offers() == [("c1", "bob")]
    assert pool.seat("ann").misses == 0


def test_pause_while_connected_holds_back_what_would_come_after() -> None:
    pool = Pool("ann", "bob")
    pool.enter("c1", at=1_000)
    offer = pool.offer()
    pool.accept(offer, at=1_500)
    assert pool.pause("ann", at=2_000) is DONE
    assert pool.last == []
    pool.enter("c2", at=2_500)
    pool.enter("c3", at=2_600)
    pool.end(offer, at=3_000)
    assert pool.tick(13_000) == []
    pool.resume("ann", at=14_000)
    assert pool.offers() == [("c3", "ann")]


def test_resuming_forgives_earlier_misses() -> None:
    pool = Pool("ann")
    pool.enter("c1", at=1_000)
    pool.fail(pool.offer(), at=1_100)
    pool.pause("ann", at=1_200)
    pool.resume("ann", at=1_300)
    assert pool.seat("ann").misses == 0


def test_router_records_the_pause_it_begins_and_the_end_of_it() -> None:
    pool = Pool("ann")
    pool.enter("c1", at=1_000)
    for at in (16_000, 16_000 + MISS_REST_MS, 33_000):
        pool.tick(at)
    assert pool.recorded() == [("ann", ON_BREAK, "missed_offers", Origin.ROUTER)]
    pool.tick(33_000 + ABSENT_MS)
    assert pool.recorded() == [("ann", AVAILABLE, None, Origin.ROUTER)]
    assert [record.key for record in pool.records] == ["ann.p3"]


def test_own_pause_in_place_of_the_routers_is_not_ended_by_it() -> None:
    pool = Pool("ann")
    pool.enter("c1", at=1_000)
    for at in (16_000, 16_000 + MISS_REST_MS, 33_000):
        pool.tick(at)
    assert pool.pause("ann", "lunch", at=34_000) is DONE
    assert pool.router.next_deadline() is None
    pool.tick(33_000 + ABSENT_MS)
    assert pool.presence("ann") is ON_BREAK


def test_who_takes_a_free_device_over_signs_the_other_out_and_both_are_recorded() -> None:
    pool = Pool("ann", "bob")
    pool.sign_in("bob", "ann-desk", at=1_000)
    assert pool.recorded() == [
        ("ann", SIGNED_OUT, SEAT_TAKEN, Origin.PHONE),
        ("bob", AVAILABLE, None, Origin.PHONE),
    ]
    assert [record.device for record in pool.records] == ["ann-desk", "ann-desk"]


def test_who_takes_an_absent_ones_device_over_ends_the_routers_pause_with_it() -> None:
    pool = Pool("ann")
    pool.skill("bob", data=1)
    pool.enter("c1", at=1_000)
    for at in (16_000, 16_000 + MISS_REST_MS, 33_000):
        pool.tick(at)
    pool.sign_in("bob", "ann-desk", at=34_000)
    assert not pool.seat("ann").taken_for_absent
    assert pool.router.next_deadline() is None


def test_who_only_moves_is_recorded_once() -> None:
    pool = Pool("ann")
    pool.reach("spare")
    pool.sign_in("ann", "spare", at=1_000)
    assert [(each.presence, each.device) for each in pool.records] == [(AVAILABLE, "spare")]


def test_owner_of_a_fixed_seat_finds_it_free_whoever_sat_there_before_it_was_hers() -> None:
    pool = seated()
    pool.ask(SIGN_IN, "gus", "d2")
    pool.skill("fay", seat="d2", data=1)
    assert pool.presence("gus") is AVAILABLE
    assert pool.ask(SIGN_IN, "fay") is DONE
    assert pool.presence("gus") is SIGNED_OUT


def test_seat_that_moves_away_signs_its_agent_out() -> None:
    pool = seated()
    pool.ask(SIGN_IN, "fay")
    pool.skill("fay", seat="d3", data=1)
    assert pool.recorded() == [("fay", SIGNED_OUT, None, Origin.SITE)]
    assert pool.records[0].device == "d1"
    assert pool.ask(SIGN_IN, "fay") is DONE
    assert pool.seat("fay").device == "d3"


@pytest.mark.parametrize("seat", [None, "d1"])
def test_seat_that_stays_or_becomes_free_signs_nobody_out(seat: str | None) -> None:
    pool = seated()
    pool.ask(SIGN_IN, "fay")
    pool.skill("fay", seat=seat, data=2)
    assert pool.records == []
    assert pool.presence("fay") is AVAILABLE


def test_new_seat_alone_keeps_the_place_among_the_idle() -> None:
    pool = Pool("ann", "bob")
    pool.skill("ann", seat="ann-desk", data=1)
    pool.enter("c1", at=1_000)
    assert pool.offers() == [("c1", "ann")]


def test_relief_is_not_rung_while_her_forerunner_still_talks_there() -> None:
    pool = Pool("ann")
    pool.skill("bob", data=1)
    pool.enter("c1", at=1_000)
    offer = pool.offer()
    pool.accept(offer, at=1_100)
    pool.sign_in("bob", "ann-desk", at=2_000)
    assert pool.enter("c2", at=2_500) == []
    pool.end(offer, at=3_000)
    assert pool.offers() == [("c2", "bob")]


def test_agent_who_was_signed_out_during_her_conversation_wraps_it_up_elsewhere() -> None:
    pool = Pool(ann={"data": 1, "bill": 1})
    pool.reach("spare")
    pool.enter("c1", at=1_000)
    offer = pool.offer()
    pool.accept(offer, at=1_100)
    pool.sign_out("ann", at=1_200)
    pool.sign_in("ann", "spare", at=1_300)
    pool.enter("b1", BILL, at=1_400)
    pool.end(offer, at=2_000)
    pool.tick(12_000)
    assert pool.offers() == [("b1", "ann")]
