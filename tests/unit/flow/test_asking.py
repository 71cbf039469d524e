"""Questions of a survey: what is recorded, what is remembered, and what follows silence."""

import pytest
from site_samples import GOOD, load, texts_of

from ivr.flow.actions import Ask, Farewell, FlowInput, InputTimedOut, KeyPressed, Step
from ivr.flow.asking import ANSWERS_MAX, Answered, with_answer
from ivr.flow.interpreter import advance, begin
from ivr.flow.model import Hotline

pytestmark = pytest.mark.unit

HOTLINE = """\
hotline: "10086"
numbers: ["10086"]
languages: [zh-CN, en-US]
timezone: Asia/Shanghai
flow: main
flows:
  main:
    start: first
    vars: {mark: {type: int, default: 9}, word: {type: text}}
    nodes:
      first:
        ask:
          prompt: welcome
          reprompt: sorry
          question: service
          answers: ["1", "2", "5"]
          into: mark
          noinput: {after: 3s, times: 1, then: bye}
          nomatch: {times: 0, then: bye, prompt: sorry}
        next: judged
      judged: {branch: {when: [{if: mark < 3, then: second}], else: bye}}
      second:
        ask: {prompt: welcome, question: why, answers: ["1"], into: word,
              noinput: {then: bye}, nomatch: {then: bye}}
        next: bye
      bye: {hangup: {prompt: goodbye}}
"""


def hotline() -> Hotline:
    site = load({**texts_of(GOOD), "10086/hotline.yaml": HOTLINE}).site
    assert site is not None
    return site.hotlines["10086"]


def walked(*given: FlowInput) -> Step:
    step = begin(hotline())
    for each in given:
        following = advance(hotline(), step[0], each)
        assert following is not None
        step = following
    return step


def test_question_listens_as_a_menu_does() -> None:
    _, action = walked()
    assert isinstance(action, Ask)
    assert (action.prompts, action.noinput_after_ms) == (("welcome",), 3_000)


def test_answer_is_recorded_and_remembered_for_a_branch() -> None:
    state, action = walked(KeyPressed("2"), KeyPressed("1"))
    assert isinstance(action, Farewell)
    assert state.answers == (Answered("service", "2"), Answered("why", "1"))
    assert state.values == (2, "1")


def test_good_mark_ends_the_survey() -> None:
    state, action = walked(KeyPressed("5"))
    assert isinstance(action, Farewell)
    assert state.answers == (Answered("service", "5"),)


def test_other_key_is_no_answer() -> None:
    state, action = walked(KeyPressed("3"))
    assert isinstance(action, Farewell)
    assert (state.answers, state.values) == ((), (9, ""))


def test_silence_asks_again_then_goes_on() -> None:
    _, again = walked(InputTimedOut())
    assert isinstance(again, Ask)
    assert again.prompts == ("sorry",)
    _, gone = walked(InputTimedOut(), InputTimedOut())
    assert isinstance(gone, Farewell)


def test_answer_given_anew_takes_the_place_of_the_first() -> None:
    given = with_answer((Answered("a", "1"), Answered("b", "1")), Answered("a", "2"))
    assert given == (Answered("b", "1"), Answered("a", "2"))


def test_answers_are_bounded() -> None:
    many = tuple(Answered(f"q{number}", "1") for number in range(ANSWERS_MAX))
    assert with_answer(many, Answered("more", "1")) is None
    assert with_answer(many, Answered("q0", "2")) is not None
