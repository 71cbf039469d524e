"""A caller test of a message that is left: what is said into it, and what must have come of it."""

from functools import cache

import pytest
from small_hotline import catalogue, played, read, site_of

from ivr.flow.site import Site
from ivr.rehearsal.by_hand import CallByHand
from ivr.rehearsal.footprints import Edge
from ivr.rehearsal.play import Rehearsed
from ivr.rehearsal.stage import Company, Stage
from ivr.rehearsal.wording import told

pytestmark = pytest.mark.unit

HOTLINE = """\
hotline: "10000"
numbers: ["10000"]
languages: [zh-CN, en-US]
timezone: Asia/Shanghai
flow: main
flows:
  main:
    start: message
    nodes:
      message:
        record: {prompt: ask, topic: complaint, max: 20s, silence: 3s}
        next: thanks
        on: {empty: sorry}
      thanks: {hangup: {prompt: bye, reason: message_left}}
      sorry: {hangup: {prompt: sorry, reason: silent}}
"""


@cache
def site() -> Site:
    return site_of(HOTLINE)


def played_here(test: str) -> Rehearsed:
    return played(test, of=site())


@pytest.mark.parametrize(
    ("steps", "outcome", "way"),
    [
        ('[hear: ask, say words for: 5s, press: "#", hear: bye]', "voice_message", "next"),
        ("[hear: ask, say words for: 5s, hear: bye]", "voice_message", "next"),
        ("[say words for: 30s, hear: [ask, bye]]", "voice_message", "next"),
        ("[hear: ask, say nothing for: 3s, hear: sorry]", "flow_ended", "empty"),
        ('[hear: ask, press: "#", hear: sorry]', "flow_ended", "empty"),
        ("[hear: ask, say words for: 900ms, hear: sorry]", "flow_ended", "empty"),
    ],
)
def test_message_ends_as_on_the_phone(steps: str, outcome: str, way: str) -> None:
    done = played_here(f"steps: {steps}\noutcome: {outcome}")
    assert done.failures == ()
    assert Edge("message", way) in done.footprints.edges


def test_caller_who_hangs_up_has_left_a_message() -> None:
    done = played_here(
        "steps: [say words for: 4s, hang up]\noutcome: voice_message\nrecorded: complaint"
    )
    assert done.failures == ()
    assert [line.split("  ", 1)[1] for line in told(done.transcript, catalogue())][2:] == [
        "hears the beep",
        "speaks for 4s",
        "the caller hangs up",
        "has left a message about complaint: 4s",
    ]


def test_missing_message_is_told() -> None:
    done = played_here("steps: [hear: ask]\nrecorded: complaint")
    (failure,) = done.failures
    assert (failure.expected, failure.happened) == ("recorded: complaint", "recorded: none")


def test_no_message_can_be_expected() -> None:
    assert played_here("steps: [hear: ask]\nrecorded: none").failures == ()


def test_words_where_nothing_is_recorded_are_told() -> None:
    done = played_here('steps: [hear: ask, press: "#", hear: sorry, say words for: 2s]')
    (failure,) = done.failures
    assert failure.expected == "the caller speaks into a recording"


def test_unknown_topic_is_a_problem() -> None:
    found = read("tests: {one: {steps: [hear: ask], recorded: complant}}", of=site())
    (problem,) = found.problems
    assert problem.code.value == "unknown-word"
    assert problem.remedy == 'Did you mean "complaint"?'


def test_call_by_hand_speaks_and_ends_by_silence() -> None:
    call = CallByHand(Stage(site(), "10000", catalogue(), Company()), "10000")
    call.run_on()
    assert call.situation() == "a message is recorded"
    assert call.do("v") is None
    call.skip()
    call.run_on()
    assert call.do("v") == "the call is over"
    record = call.stage.record
    assert record is not None
    assert record.voice_messages == ("caller.v1",)
