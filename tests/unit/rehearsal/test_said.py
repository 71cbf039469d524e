"""Texts and answers in caller tests: what is told, what must be so, and what is misspelt."""

from dataclasses import replace
from functools import cache

import pytest
from small_hotline import QUEUES, catalogue, played, read_one, site_of

from ivr.flow.site import Site
from ivr.rehearsal.play import Rehearsed, rehearse
from ivr.rehearsal.transcript import TextSent
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
    start: text
    vars: {balance: {type: int, default: 42}}
    nodes:
      text: {message: {template: balance}, next: mark, on: {no_number: wait}}
      mark:
        ask: {prompt: ask, question: service, answers: ["1", "5"],
              noinput: {after: 3s, times: 0, then: bye}, nomatch: {times: 0, then: bye}}
        next: bye
      wait:
        queue: {name: data}
        on: {no_agents: bye, timed_out: bye, full: bye}
      bye: {hangup: {prompt: bye}}
"""
MESSAGES = """\
messages:
  balance: {zh-CN: "余额\\n{balance}元", en-US: "Balance {balance}"}
"""


@cache
def site() -> Site:
    return site_of(HOTLINE, queues=QUEUES, messages=MESSAGES)


def played_here(test: str) -> Rehearsed:
    return played(test, of=site())


def test_text_is_told_on_one_line_as_it_is_sent() -> None:
    done = played_here('steps: [{expect: {message: balance}}, {hear: ask}, {press: "5"}]')
    assert done.ok
    (sent,) = [line for line in done.transcript.lines if isinstance(line, TextSent)]
    assert sent.text == "余额\n42元"
    lines = told(done.transcript, catalogue())
    assert lines[1].endswith('is sent the text balance (zh-CN) "余额 42元"')


def test_texts_and_answers_are_as_expected() -> None:
    calls = 'steps: [{hear: ask}, {press: "5"}]\nmessages: [balance]\nanswers: {service: "5"}'
    assert played_here(calls).ok


@pytest.mark.parametrize(
    ("ending", "expected", "happened"),
    [
        ("messages: []", "messages: none", "messages: balance"),
        ("messages: [balance, balance]", "messages: balance, balance", "messages: balance"),
        ('answers: {service: "5"}', "answers service: 5", "answers service: 1"),
    ],
)
def test_other_end_is_told(ending: str, expected: str, happened: str) -> None:
    done = played_here(f'steps: [{{hear: ask}}, {{press: "1"}}]\n{ending}')
    assert [(each.expected, each.happened) for each in done.failures] == [(expected, happened)]


def test_answer_that_was_not_given_is_none() -> None:
    done = played_here('steps: [{hear: ask}]\nanswers: {service: "5"}')
    assert [each.happened for each in done.failures] == ["answers service: none"]


def test_caller_without_a_number_takes_the_other_way() -> None:
    done = played_here("caller: withheld\nsteps: [{hear: bye}]\nmessages: []")
    assert done.ok, done.failures
    assert ("text", "no_number") in [(each.node, each.label) for each in done.footprints.edges]


@pytest.mark.parametrize(
    ("pressed", "label"), [('{press: "1"}', "next"), ('{press: "3"}', "nomatch"), ("", "noinput")]
)
def test_ways_to_one_node_are_told_apart(pressed: str, label: str) -> None:
    steps = ", ".join(filter(None, ("{hear: ask}", pressed)))
    done = played_here(f"steps: [{steps}]")
    assert ("mark", label) in [(each.node, each.label) for each in done.footprints.edges]


@pytest.mark.parametrize(
    ("line", "remedy"),
    [
        ("messages: [balanse]", 'Did you mean "balance"?'),
        ("steps: [{expect: {message: balanse}}]", 'Did you mean "balance"?'),
        ('answers: {servise: "5"}', 'Did you mean "service"?'),
    ],
)
def test_misspelt_name_is_told_with_the_one_meant(line: str, remedy: str) -> None:
    steps = "" if line.startswith("steps") else "steps: []\n"
    (problem,) = read_one(f"{steps}{line}", of=site()).problems
    assert problem.remedy == remedy


def test_hotline_that_changed_its_text_tells_the_new_one() -> None:
    found = read_one("steps: [{expect: {message: balance}}]", of=site())
    texts = site().hotlines["10000"].texts
    changed = replace(texts["balance"], wordings={"zh-CN": ("新",), "en-US": ("new",)})
    hotline = replace(site().hotlines["10000"], texts={"balance": changed})
    done = rehearse(found.tests[0], replace(site(), hotlines={"10000": hotline}), catalogue())
    assert [each.text for each in done.transcript.lines if isinstance(each, TextSent)] == ["新"]
