"""The story that `contacts show` tells of a record: header, time line, ids; words, no JSON."""

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

import msgspec
import pytest
from call_node import AGENT_LEG, CALLER, DESK, NEXT_AGENT_LEG, O2, OneNode, node_in

from ivr.call.events import EngineStopping
from ivr.call.phases import Phase
from ivr.call.record import ContactRecord
from ivr.cli.contact_story import ToldRecord, closing, heading, span, time_line, told_of
from router.model import OverflowCause

pytestmark = pytest.mark.unit


def told(record: ContactRecord) -> ToldRecord:
    """As it comes back from the store."""
    kept = msgspec.json.decode(msgspec.json.encode(record))
    return told_of(cast("dict[str, object]", kept))


def told_after(node: OneNode, at: int = 90_000) -> ToldRecord:
    for leg in (CALLER, AGENT_LEG, NEXT_AGENT_LEG):
        node.ended(leg, at)
    (record,) = node.records
    return told(record)


def words_of(record: ToldRecord) -> list[str]:
    return [line.split(" s  ", 1)[1] for line in time_line(record)]


def header(record: ToldRecord) -> dict[str, object]:
    return dict(heading(record, caller="138****8001", arrived="2026-10-01 08:00:00"))


def second_agent() -> ToldRecord:
    node = node_in(Phase.ALERTING)
    node.rescinded(at=15_000)
    node.ended(AGENT_LEG, 15_050, 19)
    node.offered(O2, at=21_000)
    node.answered(NEXT_AGENT_LEG, 23_000)
    node.bridged(node.contact.bridge or pytest.fail("no bridge"), 23_100)
    node.ended(NEXT_AGENT_LEG, 86_100)
    node.ended(CALLER, 86_300, None)
    return told(node.records[0])


def test_story_of_a_caller_who_is_put_through_outside() -> None:
    node = node_in(Phase.CALLING_OUTSIDE)
    node.answered(AGENT_LEG, 6_000)
    node.bridged(at=6_100)
    record = told_after(node, 26_000)
    assert header(record)["outcome"] == "was put through to police; the caller hung up"
    words = words_of(record)
    assert "rang 2.0 s outside: answered" in words
    assert "talked 20.0 s with police" in words


def test_story_of_a_key_that_led_out_of_the_queue() -> None:
    node = node_in(Phase.WAITING)
    node.press("9", 5_000)
    left = "left the queue data after 1.0 s: the caller pressed a key that led out of it"
    assert left in words_of(told_after(node))


def test_what_the_expert_saw_stands_in_the_header() -> None:
    assert "expert saw" not in header(second_agent())
    seen = replace(second_agent(), context="level=gold")
    assert header(seen)["expert saw"] == "level=gold"


def test_story_of_a_caller_whom_the_second_agent_answers() -> None:
    assert time_line(second_agent()) == [
        "     0.0 s  arrived",
        "     0.1 s  answered",
        "     0.1 s  flow: welcome",
        "     1.0 s  flow: menu",
        "     3.0 s  flow: data",
        "     3.0 s  joined the queue data",
        "     4.0 s  rang 10.0 s at ann (desk): no answer",
        "    14.0 s  the line of desk ended (no answer)",
        "    20.0 s  rang 2.0 s at ann (desk): answered",
        "    22.0 s  left the queue data after 19.0 s: an agent answered",
        "    22.1 s  talked 1 min 3 s with ann (desk)",
        "    85.1 s  the line of desk ended (normal)",
        "    85.3 s  the caller's line ended",
        "    85.3 s  over",
    ]


def test_header_says_who_when_how_it_ended_and_how_long_it_took() -> None:
    assert header(second_agent()) == {
        "caller": "138****8001, dialled 10086 (hotline 10086)",
        "arrived": "2026-10-01 08:00:00",
        "outcome": "talked to ann; the agent hung up",
        "language": "en-US",
        "waited": "19.0 s",
        "talked": "1 min 3 s",
        "lasted": "1 min 25 s",
    }


def test_ids_and_the_short_version_of_the_site_come_last() -> None:
    record = second_agent()
    assert len(record.site) == 64
    assert closing(record) == [
        ("contact", "main:c1"),
        ("offers", "o1, o2"),
        ("legs", "main:c1.0, main:c1.1, main:c1.2"),
        ("site", f"{record.site[:12]}, flow main"),
    ]


@pytest.mark.parametrize(
    ("cause", "told_as"),
    [
        (17, "rang 0.5 s at ann (desk): declined"),
        (20, "rang 0.5 s at ann (desk): not reachable"),
        (38, "rang 0.5 s at ann (desk): failed"),
    ],
)
def test_ring_that_came_to_nothing_says_why(cause: int, told_as: str) -> None:
    node = node_in(Phase.ALERTING)
    node.ended(AGENT_LEG, 5_500, cause)
    assert told_as in words_of(told_after(node))


def test_agent_who_answered_but_never_talked_is_told_apart() -> None:
    node = node_in(Phase.JOINING)
    node.command_failed("BridgeLegs", at=6_050)
    words = words_of(told_after(node))
    assert "rang 1.0 s at ann (desk): answered, but the line was lost before the talk" in words
    assert not any(each.startswith("talked") for each in words)


def test_agent_who_answered_a_moment_too_late_is_told() -> None:
    node = node_in(Phase.ALERTING)
    node.rescinded(at=20_000)
    node.answered(AGENT_LEG, 20_010)
    words = words_of(told_after(node))
    assert "desk answered a moment too late" in words
    assert "desk answered a moment too late" not in words_of(second_agent())


def test_queues_entered_and_left_in_one_moment_are_told_in_their_order() -> None:
    node = node_in(Phase.WAITING)
    node.overflowed(OverflowCause.TIMED_OUT, at=4_000)
    node.ended(CALLER, 9_000)
    assert words_of(told(node.records[0]))[4:] == [
        "flow: data",
        "joined the queue data",
        "left the queue data after 0.0 s: the longest wait was over",
        "flow: bill",
        "joined the queue bill",
        "the caller's line ended (normal)",
        "left the queue bill after 5.0 s: the caller left",
        "over",
    ]


def test_moved_contact_leaves_the_old_queue_before_it_joins_the_new_one() -> None:
    node = node_in(Phase.WAITING)
    node.moved(at=5_000)
    words = words_of(told_after(node))
    left = words.index("left the queue data after 1.0 s: moved to another queue")
    assert words[left + 1] == "joined the queue bill"


def test_queue_given_up_is_left_before_the_flow_goes_on() -> None:
    node = node_in(Phase.WAITING)
    node.overflowed(OverflowCause.NO_AGENTS, at=30_000)
    words = words_of(told_after(node))
    left = words.index("left the queue data after 26.0 s: no agent to serve it")
    assert words[left + 1] == "flow: apology"


def test_line_that_was_not_seen_to_end_says_so() -> None:
    node = node_in(Phase.CONNECTED)
    node.give(EngineStopping(), 9_000)
    record = told(node.records[0])
    assert words_of(record)[-3:] == [
        "the caller's line was not seen to end",
        "the line of desk was not seen to end",
        "over",
    ]
    assert header(record)["outcome"] == "talked to ann; the engine was stopped"


def test_caller_from_a_device_of_ours_is_named_by_it() -> None:
    node = OneNode()
    node.arrive(device=DESK)
    node.ended(CALLER, 1_500)
    record = told(node.records[0])
    assert words_of(record)[0] == "arrived from desk"
    assert header(record) == {
        "caller": "138****8001, dialled 10086 (hotline 10086)",
        "arrived": "2026-10-01 08:00:00",
        "outcome": "left while hearing or being asked something; the caller hung up",
        "language": None,
        "waited": "-",
        "talked": "-",
        "lasted": "0.5 s",
    }


def test_reason_of_a_flow_is_given_as_its_author_wrote_it() -> None:
    assert header(replace(second_agent(), reason="sorry"))["outcome"] == (
        "talked to ann; the flow's reason: sorry"
    )


@pytest.mark.parametrize("phase", Phase)
def test_story_is_in_order_and_holds_no_raw_data(phase: Phase) -> None:
    record = told_after(node_in(phase))
    lines = time_line(record)
    seconds = [float(line.split(" s  ", 1)[0]) for line in lines]
    assert seconds == sorted(seconds)
    assert lines[0].endswith("arrived")
    assert lines[-1].endswith("over")
    fields: Sequence[tuple[str, object]] = (*header(record).items(), *closing(record))
    for text in (*lines, *(str(value) for _, value in fields)):
        assert not set(text) & set('{}[]"_'), text


def test_record_of_an_earlier_engine_is_told_as_far_as_it_goes() -> None:
    record = told_of({"contact": "c1", "outcome": "served", "arrived_at": 5, "ended_at": 1_005})
    assert words_of(record) == ["arrived", "over"]
    assert closing(record) == [("contact", "c1"), ("site", "-, flow -")]


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [
        (None, "-"),
        (0, "0.0 s"),
        (15_249, "15.2 s"),
        (59_999, "59.9 s"),
        (60_000, "1 min 0 s"),
        (3_599_999, "59 min 59 s"),
        (3_600_000, "1 h 0 min"),
        (7_380_000, "2 h 3 min"),
    ],
)
def test_length_of_time_in_words(milliseconds: int | None, text: str) -> None:
    assert span(milliseconds) == text
