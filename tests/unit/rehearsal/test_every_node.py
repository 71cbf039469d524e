"""Every kind of node can be rehearsed: hours by the time of the call, digits, conditions."""

from functools import cache

import pytest

from ivr.adapters.time_zones import known_timezones
from ivr.flow.load import load_site
from ivr.flow.site import Site
from ivr.prompts.catalogue import load_catalogue
from ivr.prompts.model import Catalogue
from ivr.rehearsal.play import Rehearsed
from ivr.rehearsal.run import read_tests, run_tests

pytestmark = pytest.mark.unit

HOTLINE = """\
hotline: "10000"
numbers: ["10000"]
languages: [zh-CN, en-US]
timezone: Asia/Shanghai
calendars:
  office:
    open: [{days: mon-fri, from: "09:00", to: "17:30"}]
    holidays: china
flow: main
flows:
  main:
    start: open
    vars:
      order: {type: text}
      tries: {type: int}
    nodes:
      open: {hours: {calendar: office}, on: {open: ask, closed: late, holiday: feast}}
      ask:
        collect:
          prompt: welcome
          into: order
          digits: 4
          noinput: {times: 0, then: late}
          nomatch: {times: 0, then: late}
        next: count
      count: {set: {tries: tries + 1}, next: sort}
      sort:
        branch:
          when: [{if: 'order.startsWith("8")', then: known}]
          else: late
      known: {say: {digits: order}, next: late}
      late: {hangup: {prompt: goodbye}}
      feast: {hangup: {prompt: work-order-made}}
"""


@cache
def catalogue() -> Catalogue:
    return load_catalogue()


@cache
def site() -> Site:
    files = {
        "site.yaml": "tenant: main\nskills: [a]\ndevices: {d1: {}}\nagents: {}\n",
        "10000/hotline.yaml": HOTLINE,
    }
    loaded = load_site(files, prompts=catalogue().playable(), timezones=known_timezones())
    assert loaded.site is not None, "\n".join(map(str, loaded.problems))
    return loaded.site


def rehearsed(*tests: str) -> tuple[list[Rehearsed], set[str]]:
    lines = [f"  test {n}:\n    {each}" for n, each in enumerate(tests)]
    files = {"10000/tests/calls.yaml": "tests:\n" + "\n".join(lines) + "\n"}
    found = read_tests(files, site(), catalogue(), known_timezones())
    assert found.problems == ()
    run = run_tests(found.tests, site(), catalogue(), ["10000"])
    return list(run.rehearsed), {f"{edge.node} {edge.label}" for _, edge in run.covered.edges_left}


def test_hours_follow_the_time_of_the_call() -> None:
    calls, _ = rehearsed(
        'at: "2026-03-04 09:00"\n    steps: [{hear: welcome}]',
        'at: "2026-03-04 17:30"\n    steps: [{hear: goodbye}]',
        'at: "2026-10-01 10:00"\n    steps: [{hear: work-order-made}]',
        "steps: [{hear: welcome}]",
    )
    assert [each.failures for each in calls] == [()] * 4


def test_digits_decide_by_a_condition_and_are_said() -> None:
    calls, _ = rehearsed(
        'steps: [{hear: welcome}, {press: "8123"}, {hear words: 八幺二三}, {hear: goodbye}]',
        'steps: [{hear: welcome}, {press: "9123"}, {hear: goodbye}]',
    )
    assert [each.failures for each in calls] == [()] * 2
    assert calls[0].footprints.nodes == ["open", "ask", "count", "sort", "known", "late"]


def test_every_way_is_told_from_its_neighbours() -> None:
    _, left = rehearsed(
        'at: "2026-03-04 18:00"\n    steps: []',
        'at: "2026-10-01 10:00"\n    steps: []',
        'steps: [{press: "8123"}]',
        'steps: [{press: "9123"}]',
        'steps: [{press: "12#"}]',
    )
    assert left == {"ask noinput"}
    assert rehearsed("steps: []")[1] >= {"ask nomatch"}
