"""A rehearsed caller keys in a secret: the flow goes on as live, the transcript shows no digit."""

import pytest
from small_hotline import PROMPT_MS, QUEUES, catalogue, site_of

from ivr.call.model import Outcome
from ivr.call.vault import QUIET_MS
from ivr.flow.model import NodeName
from ivr.rehearsal.stage import Stage
from ivr.rehearsal.transcript import HIDDEN_KEY, Pressed
from ivr.rehearsal.wording import line_text

pytestmark = pytest.mark.unit

SECRET_LINE = """\
hotline: "10000"
numbers: ["10000"]
languages: [zh-CN]
timezone: Asia/Shanghai
flow: main
flows:
  main:
    vars: {pin: {type: secret}}
    start: language
    nodes:
      language:
        menu:
          prompt: ask
          choices: {"1": hello, "2": wait}
          noinput: {times: 0, then: hello}
          nomatch: {times: 0, then: hello}
      hello: {play: hello, next: pin}
      pin:
        collect:
          prompt: ask
          into: pin
          digits: {min: 4, max: 6}
          sensitive: true
          noinput: {times: 0, then: bye}
          nomatch: {times: 1, then: bye, prompt: sorry}
        next: after
      after:
        menu:
          prompt: ask
          choices: {"1": bye, "2": wait}
          noinput: {times: 0, then: bye}
          nomatch: {times: 0, then: bye}
      wait:
        queue: {name: data}
        on: {no_agents: bye, timed_out: bye, full: bye}
      bye: {hangup: {prompt: bye, reason: over}}
"""


def called() -> Stage:
    site = site_of(SECRET_LINE, queues=QUEUES)
    assert site.hotlines["10000"].flow.hushed == {NodeName("hello")}
    begun = Stage(site, "10000", catalogue())
    begun.dial("10000")
    return begun


def key_in(stage: Stage, keys: str) -> None:
    for key in keys:
        stage.press(key)
        stage.run_until(stage.now + 200)


def shown(stage: Stage) -> str:
    return "".join(line.key for line in stage.transcript.lines if isinstance(line, Pressed))


def test_keys_of_a_secret_and_before_it_are_bullets() -> None:
    stage = called()
    key_in(stage, "1")
    key_in(stage, "7")
    stage.run_until(stage.now + PROMPT_MS)
    key_in(stage, "739104#1")
    stage.run_until(stage.now + QUIET_MS)
    key_in(stage, "1")
    assert shown(stage) == f"1{HIDDEN_KEY * 9}1"
    told = "\n".join(line_text(line, catalogue()) for line in stage.transcript.lines)
    assert "739104" not in told
    stage.run_until(stage.now + 10 * PROMPT_MS)
    assert stage.record is not None
    assert stage.record.outcome is Outcome.FLOW_ENDED
    assert stage.record.nodes == ("language", "hello", "pin", "after", "bye")


def test_wrong_entry_is_asked_for_again() -> None:
    stage = called()
    key_in(stage, "1")
    stage.run_until(stage.now + PROMPT_MS)
    key_in(stage, "12#")
    assert stage.transcript.heard()[-1].prompts == ("sorry", "ask")
    key_in(stage, "4812#")
    assert stage.footprints.nodes[-1] == "after"


def test_key_that_is_no_secret_is_shown() -> None:
    stage = called()
    key_in(stage, "2")
    assert shown(stage) == "2"
