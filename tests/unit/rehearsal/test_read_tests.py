"""Every mistake in a caller test is a problem with its place and remedy, all at once."""

import pytest
from small_hotline import FILE, read

from ivr.rehearsal.caller_test import Expect, ExpertDoes, HangUpNow, Hear, LetPass, Press
from ivr.rehearsal.experts import Act, Habit
from ivr.rehearsal.stage import ORDINARY_WALL

pytestmark = pytest.mark.unit

MISTAKES = [
    ("no yaml: [", "yaml-syntax", 2, 1),
    ("test: {}", "unknown-key", 1, 1),
    ("tests: []", "wrong-type", 1, 8),
    ("tests:\n  a: {step: []}", "unknown-key", 2, 7),
    ("tests:\n  a: {}", "missing-key", 2, 6),
    ("tests:\n  a: {steps: hang up}", "wrong-type", 2, 14),
    ("tests:\n  a:\n    steps: [hang upp]", "unknown-word", 3, 13),
    ("tests:\n  a:\n    steps: [{hera: ask}]", "unknown-key", 3, 14),
    ("tests:\n  a:\n    steps: [{hear: aks}]", "unknown-prompt", 3, 20),
    ("tests:\n  a:\n    steps: [{hear: []}]", "empty", 3, 20),
    ("tests:\n  a:\n    steps: [{hear: {prompt: ask, language: de}}]", "language-unknown", 3, 44),
    ('tests:\n  a:\n    steps: [{hear: ask, press: "1"}]', "wrong-type", 3, 13),
    ("tests:\n  a:\n    steps: [{press: 1x}]", "choice-key-not-a-digit", 3, 21),
    ("tests:\n  a:\n    steps: [{press: 08}]", "yaml-11-trap", 3, 21),
    ("tests:\n  a:\n    steps: [{wait: 10}]", "bad-duration", 3, 20),
    ("tests:\n  a:\n    steps: [{wait: 24h}]", "out-of-range", 3, 20),
    ("tests:\n  a:\n    steps: [{say nothing for: 0s}]", "out-of-range", 3, 31),
    ("tests:\n  a:\n    steps: [{expect: {queue: dat}}]", "unknown-queue", 3, 30),
    ("tests:\n  a:\n    steps: [{expect: {skill: data >}}]", "bad-requirement", 3, 30),
    ("tests:\n  a:\n    steps: [{expect: {skill: dat}}]", "unknown-skill", 3, 30),
    ('tests:\n  a:\n    steps: [{expect: {agent: "7"}}]', "unknown-agent", 3, 30),
    ("tests:\n  a:\n    steps: [{expect: {node: helo}}]", "unknown-node", 3, 29),
    ("tests:\n  a:\n    steps: [{expect: {place: 1}}]", "unknown-key", 3, 23),
    ("tests:\n  a:\n    steps: [{expect: {position: one}}]", "bad-number", 3, 33),
    ('tests:\n  a:\n    steps: [{expert: {"1": sleeps}}]', "unknown-word", 3, 28),
    ('tests:\n  a:\n    steps: [{expert: "1"}]', "wrong-type", 3, 22),
    ("tests:\n  a:\n    steps: [{expert: {}}]", "wrong-type", 3, 22),
    ('tests:\n  a: {steps: [], experts: {"7": answers}}', "unknown-agent", 2, 28),
    ('tests:\n  a: {steps: [], experts: {"1": hangs up}}', "unknown-word", 2, 33),
    (
        'tests:\n  a: {steps: [], experts: {"3": answers, "4": answers}}',
        "no-free-device",
        2,
        18,
    ),
    ("tests:\n  a: {steps: [], ahead: {dat: 1}}", "unknown-queue", 2, 26),
    ("tests:\n  a: {steps: [], ahead: {data: many}}", "bad-number", 2, 32),
    ('tests:\n  a: {steps: [], dial: "1"}', "unknown-word", 2, 24),
    ("tests:\n  a: {steps: [], outcome: happy}", "unknown-word", 2, 27),
    ("tests:\n  a: {steps: [], work_order: {skill: dat}}", "unknown-skill", 2, 38),
    ("tests:\n  a: {steps: [], record: {moon: full}}", "unknown-key", 2, 27),
    ('tests:\n  a: {steps: [], at: "tomorrow"}', "bad-text", 2, 22),
    ("tests:\n  a: {steps: [], caller: hidden}", "unknown-word", 2, 26),
    ("tests:\n  a: {steps: [], at: 2026-10-01 09:00}", "yaml-11-trap", 2, 22),
    ("tests:\n  a: {steps: []}\n  a: {steps: []}", "yaml-duplicate-key", 3, 3),
    ("tests:\n  a: {steps: [], crisis: {dat: none}}", "unknown-queue", 2, 27),
    ("tests:\n  a: {steps: [], crisis: {data: dat}}", "unknown-queue", 2, 33),
    ("tests:\n  a: {steps: [], crisis: data}", "wrong-type", 2, 26),
    ("tests:\n  a: {steps: [], overload: maybe}", "wrong-type", 2, 28),
    ('tests:\n  a: {steps: [], served_by: {"7": 1d}}', "unknown-agent", 2, 30),
    ('tests:\n  a: {steps: [], served_by: {"1": today}}', "bad-duration", 2, 35),
    ('tests:\n  a: {steps: [], served_by: "1"}', "wrong-type", 2, 29),
    ("tests:\n  a:\n    steps: [{expect: {expected_wait: 2}}]", "bad-duration", 3, 38),
]


@pytest.mark.parametrize(("text", "code", "line", "column"), MISTAKES)
def test_mistake_is_told_with_its_place(text: str, code: str, line: int, column: int) -> None:
    problems = read(f"{text}\n").problems
    told = [(each.code.value, each.place.line, each.place.column) for each in problems]
    assert told == [(code, line, column)]
    assert problems[0].place.file == FILE
    assert problems[0].remedy


def test_all_mistakes_come_at_once() -> None:
    found = read("tests:\n  a: {steps: [{hear: aks}, {press: x}], outcome: happy}\n")
    assert [each.code.value for each in found.problems] == [
        "unknown-prompt",
        "choice-key-not-a-digit",
        "unknown-word",
    ]


def test_remedy_names_what_was_meant() -> None:
    (problem,) = read("tests:\n  a: {steps: [], outcome: abandonned}\n").problems
    assert problem.message == '"abandonned" is not an outcome.'
    assert problem.remedy == 'Did you mean "abandoned"?'


def test_everything_that_can_be_written_is_read() -> None:
    found = read(
        """\
tests:
  all of it:
    experts: {"1": answers, "3": rings out}
    ahead: {data: 2}
    at: "2026-10-01 09:30"
    dial: "+8610000"
    steps:
      - hear: {prompt: [ask, hello], language: en-US}
      - press: "12#"
      - say nothing for: 5s
      - wait: 1m
      - expect: {queue: data, agent: nobody, position: 2}
      - expert: {"1": hangs up}
      - hang up
    outcome: served
"""
    )
    assert found.problems == ()
    (test,) = found.tests
    assert (test.name, test.dial, test.hotline) == ("all of it", "+8610000", "10000")
    assert test.company.experts == {"1": Habit.ANSWERS, "3": Habit.RINGS_OUT}
    assert test.company.ahead == {"10000/data": 2}
    hear, press, silence, wait, expect, expert, hang_up = test.steps
    assert isinstance(hear, Hear)
    assert (hear.prompts, hear.language) == (("ask", "hello"), "en-US")
    assert isinstance(press, Press)
    assert press.keys == "12#"
    assert isinstance(silence, LetPass)
    assert isinstance(wait, LetPass)
    assert (silence.for_ms, wait.for_ms) == (5_000, 60_000)
    assert isinstance(expect, Expect)
    assert [each.what for each in expect.things] == ["queue", "agent", "position"]
    assert isinstance(expert, ExpertDoes)
    assert expert.act is Act.HANGS_UP
    assert isinstance(hang_up, HangUpNow)


def test_time_of_a_call_is_by_the_clock_of_the_hotline() -> None:
    (test,) = read('tests:\n  a: {steps: [], at: "2026-03-03 10:00"}\n').tests
    assert test.company.wall == ORDINARY_WALL
    (later,) = read('tests:\n  a: {steps: [], at: "2026-03-04 10:01"}\n').tests
    assert later.company.wall == ORDINARY_WALL + 24 * 3_600_000 + 60_000


def test_call_without_a_time_is_made_on_an_ordinary_morning() -> None:
    (test,) = read("tests:\n  a: {steps: []}\n").tests
    assert test.company.wall == ORDINARY_WALL
