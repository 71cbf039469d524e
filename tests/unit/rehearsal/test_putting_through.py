"""Transfers, keys while waiting and what the expert is shown, as caller tests play them."""

from functools import cache

import pytest
from small_hotline import catalogue, played, site_of

from ivr.flow.site import Site
from ivr.rehearsal.play import Rehearsed
from ivr.rehearsal.wording import told

pytestmark = pytest.mark.unit

SITE = """\
tenant: main
skills: [data]
outside_numbers:
  police: {number: "+8610110", ring: 20s}
devices: {seat-1: {}, seat-2: {}}
agents:
  "1": {name: One, skills: {data: 3}, device: seat-1}
  "2": {name: Two, skills: {data: 1}, device: seat-2}
"""
QUEUES = """\
queues:
  data:
    steps: [{require: data}]
    ring: 8s
    wrap_up: 0s
    limits: {wait: 1m}
  other:
    steps: [{require: data >= 3}]
"""
HOTLINE = """\
hotline: "10000"
numbers: "10000"
languages: [zh-CN, en-US]
timezone: Asia/Shanghai
flow: main
flows:
  main:
    start: ask
    vars: {level: {type: text, default: silver}, complained: {type: bool}}
    nodes:
      ask:
        menu:
          prompt: ask
          choices: {"1": wait, "2": agent, "3": expert, "4": police}
          noinput: {times: 0, then: bye}
          nomatch: {times: 0, then: bye}
      wait:
        queue:
          name: data
          context: [level, complained]
          keys: {"1": tips, "2": pick, "3": gold, "4": elsewhere, "9": bye, "*": promise}
        on: {no_agents: sorry, timed_out: sorry}
      tips: {play: [hello, hello], next: wait}
      gold: {set: {level: gold}, next: wait}
      pick:
        menu:
          prompt: hello
          choices: {"1": wait, "2": bye}
          noinput: {times: 5, then: wait}
          nomatch: {times: 5, then: wait}
      elsewhere: {queue: {name: other}, on: {no_agents: sorry, timed_out: sorry}}
      promise: {work_order: {topic: data, within: 4h}, next: bye}
      agent: {transfer: {agent: "2", wait: 30s}, on: {no_agents: sorry, timed_out: bye}}
      expert: {transfer: {expert: "data >= 3", wait: 60s}, on: {no_agents: sorry, timed_out: bye}}
      police:
        transfer: {outside: police}
        on: {failed: sorry, busy: bye}
      sorry: {hangup: {prompt: sorry, reason: sorry}}
      bye: {hangup: {prompt: bye, reason: bye}}
"""


@cache
def site() -> Site:
    return site_of(HOTLINE, site=SITE, queues=QUEUES)


def played_here(test: str) -> Rehearsed:
    return played(test, of=site())


def story(rehearsed: Rehearsed) -> str:
    return "\n".join(told(rehearsed.transcript, catalogue()))


CALLS = {
    "an agent is asked for by name": """\
experts: {"1": answers, "2": answers}
steps:
  - press: "2"
  - expect: {transfer: "2", ringing: "2"}
  - expect: {agent: "2"}
  - hang up
outcome: served
record: {agent: "2", offers: 1}
""",
    "the agent meant is not there, though another is": """\
experts: {"1": answers}
steps:
  - press: "2"
  - hear: sorry
outcome: unserved
""",
    "an expert is asked for by what she can do": """\
experts: {"1": answers, "2": answers}
steps:
  - press: "3"
  - expect: {transfer: "data >= 3", skill: "data >= 3", ringing: "1"}
  - expect: {agent: "1"}
  - expert: {"1": hangs up}
outcome: served
""",
    "the wait for an expert is over": """\
experts: {"1": rings out}
ahead: {}
steps:
  - press: "3"
  - wait: 60s
  - hear: sorry
outcome: unserved
""",
    "the police answers": """\
steps:
  - press: "4"
  - expect: {transfer: police}
  - wait: 10s
  - outside: hangs up
outcome: transferred
record: {transfer: police, reason: other_side_hung_up}
""",
    "the police is busy": """\
outside: {police: busy}
steps:
  - press: "4"
  - hear: bye
outcome: flow_ended
record: {transfer: none}
""",
    "the police does not answer": """\
outside: {police: no answer}
steps:
  - press: "4"
  - wait: 19s
  - expect: {transfer: police}
  - wait: 2s
  - hear: sorry
outcome: flow_ended
""",
    "the caller hangs up while it rings outside": """\
outside: {police: no answer}
steps:
  - press: "4"
  - wait: 5s
  - hang up
outcome: left_in_flow
""",
    "the expert sees what is known": """\
experts: {"1": answers}
steps:
  - press: "1"
  - expect: {context: "level=silver complained=no"}
  - expect: {agent: "1"}
  - hang up
outcome: served
""",
    "a key is pressed while waiting, and the place is kept": """\
experts: {"1": rings out, "2": rings out}
ahead: {data: 2}
steps:
  - press: "1"
  - expect: {queue: data}
  - press: "1"
  - hear: hello
  - expect: {queue: data, node: tips}
  - hear: hello
  - expect: {node: wait}
  - wait: 1m
  - hear: sorry
outcome: unserved
""",
    "an expert is found while tips are heard": """\
experts: {"1": answers}
ahead: {data: 1}
steps:
  - press: "1"
  - press: "3"
  - press: "1"
  - wait: 1s
  - expert: {"2": signs in}
  - expect: {ringing: "2", context: "level=gold complained=no", queue: data}
  - wait: 5s
  - expert: {"2": rejects}
  - expect: {queue: data, ringing: nobody}
  - press: "1"
  - hear: hello
  - expert: {"2": answers}
  - expect: {agent: "2"}
  - wait: 2s
  - expert: {"2": hangs up}
outcome: served
record: {agent: "2", queue: data}
""",
    "the wait is over while a menu listens": """\
experts: {"1": answers}
ahead: {data: 1}
steps:
  - press: "1"
  - press: "2"
  - wait: 1m
  - hear: [hello, hello]
outcome: unserved
""",
    "a caller who hangs up while she hears tips was waiting": """\
experts: {"1": answers}
ahead: {data: 1}
steps:
  - press: "1"
  - press: "1"
  - hear: hello
  - hang up
outcome: abandoned
""",
    "a key leads to the end": """\
experts: {"1": answers}
ahead: {data: 1}
steps:
  - press: "1"
  - press: "9"
  - expect: {transfer: none, node: bye}
  - hear: bye
outcome: unserved
record: {reason: bye}
""",
    "a key leads to another queue": """\
experts: {"1": answers}
ahead: {data: 1}
steps:
  - press: "1"
  - press: "4"
  - expect: {queue: other, skill: "data >= 3"}
  - hang up
outcome: abandoned
record: {queue: other}
""",
    "a key leads to a promise": """\
experts: {"1": answers}
ahead: {data: 1}
steps:
  - press: "1"
  - press: "*"
  - hear: bye
outcome: work_order
work_order: {topic: data}
""",
}


@pytest.mark.parametrize("name", CALLS)
def test_call_goes_as_its_author_says(name: str) -> None:
    rehearsed = played_here(CALLS[name])
    assert rehearsed.failures == (), story(rehearsed)
