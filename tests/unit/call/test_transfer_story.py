"""The story of a contact that was transferred: who asked whom, and with whom the caller talked."""

import msgspec
import pytest
from call_node import AGENT_LEG, CALLER, O2, RING_MS, TO_ANN
from transfer_node import (
    B2,
    B3,
    BOB_LEG,
    CANCEL,
    COMPLETE,
    DESK2,
    TalkNode,
    consulting,
    given_away,
)

from ivr.call.events import OfferMade
from ivr.call.transfer_state import Stage
from ivr.cli.contact_story import ToldRecord, heading, time_line, told_of
from router.model import AgentId, ContactId, OverflowCause

pytestmark = pytest.mark.unit

QUEUE = "transfer/desk/targets/2"


def told(node: TalkNode, at: int) -> ToldRecord:
    """The record as it is read, once all legs are gone."""
    for leg in (CALLER, AGENT_LEG, BOB_LEG):
        node.ended(leg, at)
    (record,) = node.records
    return told_of(msgspec.to_builtins(record))


def words(record: ToldRecord) -> list[str]:
    return [line.split(" s  ", 1)[1] for line in time_line(record)]


def header(record: ToldRecord) -> dict[str, object]:
    return dict(heading(record, caller="-", arrived="-"))


def test_completed_consultation_tells_both_talks_and_the_hold() -> None:
    node = consulting(Stage.TALKING)
    node.ordered(COMPLETE, at=20_000)
    node.joined(B3, at=20_000)
    node.ended(AGENT_LEG, 20_000)
    record = told(node, 30_000)
    said = words(record)
    for line in (
        f"ann asked in the queue {QUEUE} first",
        "talked 13.9 s with ann (desk) (the caller on hold for 12.0 s of it)",
        "rang 3.0 s at bob (desk2): answered",
        "the transfer by ann was completed",
        "talked 10.0 s with bob (desk2)",
    ):
        assert line in said
    assert said.index("talked 10.0 s with bob (desk2)") > said.index(
        f"ann asked in the queue {QUEUE} first"
    )
    assert header(record)["outcome"] == "talked to bob; the caller hung up"
    assert header(record)["talked"] == "11.9 s"


def test_consultation_that_was_cancelled_tells_whom_the_expert_talked_to() -> None:
    node = consulting(Stage.TALKING)
    node.ordered(CANCEL, at=20_000)
    node.joined(B3, at=20_100)
    said = words(told(node, 30_000))
    assert "ann went back to the caller" in said
    assert "rang 3.0 s at bob (desk2): answered, and talked to the agent who asked" in said


def test_caller_who_came_back_to_her_agent_has_two_talks_with_her() -> None:
    node = given_away()
    c1, ann = ContactId("main:c1"), AgentId("main:ann")
    node.gave_up(OverflowCause.NO_AGENTS, name=c1, at=10_000)
    node.give(OfferMade(O2, c1, ann, DESK2, RING_MS), 11_000)
    node.answered(BOB_LEG, 12_000)
    node.joined(B2, at=12_100)
    said = words(told(node, 20_000))
    assert "nobody took the transfer by ann" in said
    assert f"ann gave the caller away to the queue {QUEUE}" in said
    assert "talked 1.9 s with ann (desk)" in said
    assert "talked 8.0 s with ann (desk2)" in said


def test_caller_whom_nobody_took_was_promised_a_call() -> None:
    node = given_away()
    c1 = ContactId("main:c1")
    node.gave_up(OverflowCause.NO_AGENTS, name=c1, at=10_000)
    node.gave_up(OverflowCause.TIMED_OUT, name=c1, queue=TO_ANN, at=40_000)
    playback = f"{CALLER}.p3"
    assert playback in node.contact.playbacks
    node.played(next(iter(node.contact.playbacks)), 42_000)
    assert header(told(node, 43_000))["outcome"] == (
        "talked to ann, and was promised to be called back; nobody took the transferred call"
    )
