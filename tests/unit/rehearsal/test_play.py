"""What a caller test demands, what passes it, and how a failure reads."""

import pytest
from small_hotline import FILE, catalogue, played

from ivr.rehearsal.wording import told

pytestmark = pytest.mark.unit


def failure_of(test: str) -> tuple[str, str, str]:
    (failure,) = played(test).failures
    return str(failure.place), failure.expected, failure.happened


def test_whole_call_passes() -> None:
    done = played(
        """\
experts: {"1": answers}
steps:
  - hear: {prompt: ask, language: zh-CN}
  - press: "2"
  - hear: {prompt: [hello, ask], language: en-US}
  - expect: {queue: data, skill: data >= 3, priority: 5s, node: wait, ringing: "1"}
  - expect: {agent: "1", language: en-US}
  - wait: 20s
  - hang up
outcome: served
record: {reason: caller_hung_up, language: en-US, queue: data, agent: "1", wait: 2s, offers: 1}
"""
    )
    assert done.failures == ()
    assert done.lasted_ms == 2_000 + 4_000 + 2_000 + 20_000


def test_wrong_prompt_is_told_with_place_and_what_was_said() -> None:
    place, expected, happened = failure_of("steps:\n  - hear: hello\n")
    assert place == f"{FILE}:4:15"
    assert expected == "hears hello"
    assert happened == 'hears ask (zh-CN) "zh ask", at 0:00.0'


def test_wrong_language_is_told() -> None:
    _, expected, happened = failure_of("steps:\n  - hear: {prompt: ask, language: en-US}\n")
    assert expected == "hears ask (en-US)"
    assert "(zh-CN)" in happened


def test_nothing_is_skipped_but_what_was_pressed_over() -> None:
    _, expected, happened = failure_of(
        "steps:\n  - hear: ask\n  - say nothing for: 3s\n  - say nothing for: 6s\n  - hear: hello\n"
    )
    assert (expected, happened.split(" (")[0]) == ("hears hello", "hears ask")
    assert played('steps:\n  - press: "1"\n  - hear: hello\n').ok


def test_words_can_be_heard_instead_of_keys() -> None:
    assert played('steps:\n  - press: "2"\n  - hear words: en hello\n  - hear: bye\n').ok
    _, expected, _ = failure_of("steps:\n  - hear words: something else\n")
    assert expected == 'hears the words "something else"'


def test_prompt_is_heard_to_its_end_unless_a_key_is_pressed_at_once() -> None:
    heard = played("steps:\n  - hear: ask\n  - hang up\n")
    at_once = played("steps:\n  - hang up\n")
    assert (heard.lasted_ms, at_once.lasted_ms) == (2_000, 0)


def test_first_of_several_prompts_ends_at_its_own_end() -> None:
    assert played('steps:\n  - press: "1"\n  - hear: hello\n  - hang up\n').lasted_ms == 2_000


def test_expectation_that_never_comes_names_the_node() -> None:
    place, expected, happened = failure_of(
        'experts: {"1": rings out}\nsteps:\n  - press: "1"\n  - expect: {agent: "1"}\n'
    )
    assert place == f"{FILE}:6:18"
    assert expected == "agent: 1"
    assert happened.startswith("agent: nobody (the call is over, with the outcome work_order")


def test_step_after_the_end_of_the_call_is_told() -> None:
    _, expected, happened = failure_of(
        'steps:\n  - press: "1"\n  - hear: [hello, ask, bye]\n  - wait: 1m\n  - hang up\n'
    )
    assert expected == "the caller hangs up"
    assert happened == "the call is over, with the outcome work_order"


def test_every_wrong_thing_of_the_ending_is_told() -> None:
    done = played('steps: [{press: "1"}]\noutcome: served\nwork_order: {topic: data, within: 5h}\n')
    assert [(each.expected, each.happened) for each in done.failures] == [
        ("outcome: served", "outcome: work_order"),
        ("work_order within: 5h", "work_order within: 4h"),
    ]


def test_expert_who_can_not_do_it_is_told() -> None:
    _, expected, happened = failure_of('steps:\n  - expert: {"1": hangs up}\n')
    assert expected == "expert 1 hangs up"
    assert happened.startswith("she can not")


def test_step_of_the_queue_relaxes_as_the_wait_grows() -> None:
    assert played(
        """\
experts: {"1": answers, "2": answers}
ahead: {data: 1}
steps:
  - press: "1"
  - expect: {queue: data, skill: data >= 3}
  - wait: 9s
  - expect: {skill: data >= 3}
  - wait: 1s
  - expect: {skill: data, ringing: "2"}
  - expect: {agent: "2"}
  - hang up
outcome: served
"""
    ).ok


def test_caller_who_never_hangs_up_is_ended_by_the_longest_talk() -> None:
    done = played('experts: {"1": answers}\nsteps: [{press: "1"}]\noutcome: served\n')
    assert done.ok
    assert done.lasted_ms > 4 * 3_600_000


def test_unknown_durations_do_not_stop_a_test() -> None:
    assert played("steps:\n  - hear: ask\n  - hang up\n", without_durations=True).ok


def test_transcript_reads_like_a_call() -> None:
    done = played('experts: {"1": answers}\nsteps:\n  - hear: ask\n  - press: "1"\n')
    assert told(done.transcript, catalogue())[:6] == [
        " 0:00.0  dials 10000",
        ' 0:00.0  hears ask (zh-CN) "zh ask"',
        " 0:02.0  presses 1",
        ' 0:02.0  hears hello + ask (zh-CN) "zh hellozh ask"',
        " 0:06.0  waits in the queue 10000/data, 5s ahead",
        " 0:06.0  (the phone of expert 1 rings)",
    ]


def test_same_test_gives_the_same_transcript() -> None:
    test = 'experts: {"1": answers, "3": rings out}\nahead: {data: 1}\nsteps: [{press: "1"}]\n'
    one, two = played(test), played(test)
    assert one.transcript.lines == two.transcript.lines
    assert one.footprints.nodes == two.footprints.nodes
