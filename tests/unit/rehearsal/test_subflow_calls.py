"""Caller tests through subflows: nodes by the name of their call, callers without a number."""

from functools import cache

import pytest
from small_hotline import QUEUES, catalogue, read, site_of

from ivr.flow.site import Site
from ivr.rehearsal.run import CallsPlayed, run_tests

pytestmark = pytest.mark.unit

HOTLINE = """\
hotline: "10000"
numbers: ["10000"]
languages: [zh-CN, en-US]
timezone: Asia/Shanghai
defaults: {noinput: {times: 0, then: bad}, nomatch: {times: 0, then: bad}}
flow: main
flows:
  main:
    start: sort
    nodes:
      sort: {branch: {when: [{if: caller_known, then: first}], else: second}}
      first: {subflow: {flow: ask}, on: {ok: wait, failed: bye}}
      second: {subflow: {flow: ask}, on: {ok: wait, failed: bye}}
      wait: {queue: {name: data}, on: {no_agents: bye, timed_out: bye, full: bye}}
      bye: {hangup: {prompt: bye}}
  ask:
    start: hello
    nodes:
      hello: {menu: {prompt: hello, choices: {"1": good}}}
      good: {return: {exit: ok}}
      bad: {return: {exit: failed}}
"""
KNOWN = """\
tests:
  known:
    steps: [{expect: {node: first/hello}}, {press: "1"}, {hear: bye}]
"""
WITHHELD = """\
  withheld:
    caller: withheld
    steps: [{expect: {node: second/hello}}, {say nothing for: 20s}]
"""


@cache
def site() -> Site:
    return site_of(HOTLINE, queues=QUEUES)


def played(text: str) -> CallsPlayed:
    found = read(text, of=site())
    assert found.problems == ()
    return run_tests(found.tests, site(), catalogue(), ["10000"])


def left_out(calls: CallsPlayed) -> set[str]:
    return {f"{edge.node} {edge.label}" for _, edge in calls.covered.edges_left}


def test_called_node_is_expected_by_the_name_of_its_call() -> None:
    calls = played(KNOWN)
    assert [each.failures for each in calls.rehearsed] == [()]
    nodes = calls.rehearsed[0].footprints.nodes
    assert nodes == ["sort", "first", "first/hello", "first/good", "wait", "bye"]


def test_withheld_number_leads_another_way() -> None:
    calls = played(KNOWN + WITHHELD)
    assert [each.failures for each in calls.rehearsed] == [(), ()]


def test_both_calls_together_cover_every_written_node() -> None:
    covered = played(KNOWN + WITHHELD).covered
    assert (covered.nodes, covered.node_coverage) == (8, 1.0)


def test_ways_that_no_call_went_are_told_as_they_are_written() -> None:
    left = left_out(played(KNOWN + WITHHELD))
    assert {"first failed", "second ok", "ask/hello nomatch"} <= left
    assert not {"first ok", "second failed", "ask/hello noinput", "ask/hello 1"} & left
    assert not [each for each in left if each.startswith(("ask/good", "ask/bad"))]
