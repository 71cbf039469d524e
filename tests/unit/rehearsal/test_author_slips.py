"""What the author of a caller test gets wrong is told as it is read, or when it is played."""

import pytest
from small_hotline import SITE, catalogue, played, read, read_one, site_of
from small_hotline import site as small_site

from ivr.flow.site import Site
from ivr.rehearsal.footprints import Edge
from ivr.rehearsal.play import Rehearsed, rehearse
from ivr.rehearsal.transcript import Line, Pressed, Transcript
from ivr.rehearsal.wording import told

pytestmark = pytest.mark.unit

MORE = """\
outside_numbers:
  police: {number: "+8610110"}
services:
  customer:
    url: "http://127.0.0.1:8090/customer"
    answers: {level: text, balance: int, code: text}
"""
HOTLINE = """\
hotline: "10000"
numbers: ["10000"]
languages: [zh-CN]
timezone: Asia/Shanghai
calendars: {day: {open: [{days: daily, from: "00:00", to: "24:00"}]}}
flow: main
flows:
  main:
    start: hours
    vars:
      level: {type: text, values: [gold, silver]}
      balance: {type: int}
      code: {type: text, max: 3}
    nodes:
      hours: {hours: {calendar: day}, on: {open: customer, closed: bye, emergency: voice}}
      customer:
        lookup: {service: customer, into: {level: level, balance: balance}}
        next: code
        on: {failed: police}
      code:
        lookup: {service: customer, into: {code: code}}
        next: hello
        on: {failed: sorry}
      hello: {play: hello, next: late}
      late: {hours: {calendar: day}, on: {open: bye, closed: bye, emergency: sorry}}
      police: {transfer: {outside: police}, on: {failed: sorry, no_answer: bye, busy: bye}}
      voice:
        record: {prompt: ask, topic: wish}
        next: bye
        on: {failed: sorry}
      sorry: {play: sorry, next: bye}
      bye: {hangup: {prompt: bye}}
"""


def site() -> Site:
    return site_of(HOTLINE, site=SITE + MORE)


def played_here(test: str) -> Rehearsed:
    return played(test, of=site())


@pytest.mark.parametrize(
    ("fields", "code", "column", "sentence", "remedy"),
    [
        (
            "{balance: 1}",
            "missing-key",
            25,
            'The service "customer" answers without "level".',
            "Add `level:`; for an answer that can not be used, write `failed`.",
        ),
        (
            "{level: glod, balance: 1}",
            "value-unknown",
            33,
            'The service "customer" answers "glod" as "level", which the variable "level" can '
            "not hold.",
            'Did you mean "gold"?',
        ),
    ],
)
def test_answer_that_no_lookup_can_use_is_a_problem(
    fields: str, code: str, column: int, sentence: str, remedy: str
) -> None:
    (problem,) = read_one(f"lookups: {{customer: {fields}}}\nsteps: []", of=site()).problems
    assert (problem.code.value, problem.place.line, problem.place.column) == (code, 3, column)
    assert (problem.message, problem.remedy) == (sentence, remedy)


@pytest.mark.parametrize(
    ("stubs", "why"),
    [
        ('{code: "123"}', 'answers, but without "level")'),
        (
            '[{level: gold, balance: 1, code: "1234"}]',
            'answers, but "1234" as "code", which the variable "code" can not hold)',
        ),
    ],
)
def test_transcript_says_why_an_answer_was_of_no_use(stubs: str, why: str) -> None:
    done = played_here(f"lookups: {{customer: {stubs}}}\nsteps: []")
    assert any(why in line for line in told(done.transcript, catalogue()))
    assert {edge.label for edge in done.footprints.edges if edge.node in ("customer", "code")} & {
        "failed"
    }


def test_hotline_closed_by_hand_before_the_call_leads_to_emergency() -> None:
    done = played_here('closed: storm\nsteps: [hear: ask, say words for: 2s, press: "#"]')
    assert done.failures == ()
    assert Edge("hours", "emergency") in done.footprints.edges


def test_hotline_may_be_closed_while_the_caller_listens() -> None:
    stub = 'lookups: {customer: {level: gold, balance: 1, code: "1"}}'
    done = played_here(f"{stub}\nsteps: [closed: storm, hear: [hello, sorry, bye]]")
    assert done.failures == ()
    assert Edge("hours", "open") in done.footprints.edges
    assert Edge("late", "emergency") in done.footprints.edges


def test_line_that_is_down_and_a_recording_that_fails_lead_their_own_ways() -> None:
    done = played_here("outside: {police: failed}\nsteps: [hear: [sorry, bye]]")
    assert (done.failures, Edge("police", "failed") in done.footprints.edges) == ((), True)
    done = played_here("closed: storm\nrecording: failed\nsteps: [hear: [ask, sorry, bye]]")
    assert (done.failures, Edge("voice", "failed") in done.footprints.edges) == ((), True)
    lines = told(done.transcript, catalogue())
    assert any("hears no beep: nothing can be recorded" in line for line in lines)


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ("tests:\n  a: {steps: [], closed: storm}", "closed-without-hours", 2, 26),
        ("tests:\n  a:\n    steps: [closed: storm]", "closed-without-hours", 3, 21),
        ("tests:\n  a: {steps: [], recording: fails}", "unknown-word", 2, 29),
        ('tests:\n  a:\n    steps: [{expect: {queue: data, agent: "1"}}]', "never-so", 3, 36),
        ('tests:\n  a:\n    steps: [{expect: {ringing: "2", agent: "1"}}]', "never-so", 3, 37),
        ("tests:\n  a: {before: some, steps: []}", "unknown-word", 2, 15),
        (
            "before: [hear: aks]\ntests:\n  a: {steps: []}\n  b: {steps: []}",
            "unknown-prompt",
            1,
            16,
        ),
    ],
)
def test_mistake_is_told_once_with_its_place(text: str, code: str, line: int, column: int) -> None:
    (problem,) = read(f"{text}\n").problems
    found = (problem.code.value, problem.place.line, problem.place.column)
    assert found == (code, line, column)


def test_nobody_and_a_queue_go_together() -> None:
    assert read("tests:\n  a: {steps: [{expect: {queue: data, agent: nobody}}]}\n").problems == ()


def test_queue_that_was_left_is_told_with_its_time() -> None:
    done = played(
        """\
experts: {"1": answers}
steps:
  - press: "1"
  - expect: {agent: "1"}
  - wait: 1s
  - expect: {queue: data}
"""
    )
    (failure,) = done.failures
    assert failure.happened.endswith("; she was in the queue 10000/data till 0:06.0)")


def test_step_that_nobody_can_serve_is_seen_to_be_passed_over() -> None:
    done = played(
        """\
experts: {"2": rings out}
steps:
  - press: "1"
  - expect: {queue: data, skill: data, ringing: "2"}
  - hang up
"""
    )
    assert done.failures == ()


def test_steps_of_the_file_come_first_unless_a_test_says_none() -> None:
    text = """\
before:
  - press: "2"
  - hear: {prompt: hello, language: en-US}
tests:
  with them: {steps: [hear: ask]}
  without:
    before: none
    steps: [hear: ask, press: "1", hear: {prompt: hello, language: zh-CN}]
"""
    found = read(text)
    assert found.problems == ()
    assert [len(test.steps) for test in found.tests] == [3, 3]
    assert all(rehearse(test, small_site(), catalogue()).ok for test in found.tests)


def test_keys_pressed_together_stand_in_one_line() -> None:
    lines: list[Line] = [Pressed(0, "1"), Pressed(200, "2"), Pressed(400, "#"), Pressed(900, "3")]
    assert told(Transcript(0, lines), catalogue()) == [" 0:00.0  presses 12#", " 0:00.9  presses 3"]
