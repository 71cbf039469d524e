"""`set`, `branch` and `say`, from the YAML to what a caller hears."""

from dataclasses import replace

import msgspec
import pytest
from site_samples import GOOD, load_with, texts_of

from ivr.flow.actions import (
    Ask,
    Farewell,
    FlowInput,
    FlowState,
    InputTimedOut,
    JoinQueue,
    KeyPressed,
    Speak,
    SpeechEnded,
    Step,
)
from ivr.flow.interpreter import advance, begin
from ivr.flow.model import (
    Branch,
    Flow,
    Held,
    Hotline,
    Language,
    Menu,
    NodeName,
    PromptKey,
    Say,
    SayAs,
    SetLanguage,
    SetVariables,
)
from ivr.flow.site import content_address
from ivr.flow.values import Kind, Variable
from ivr.flow.ways import ways_out

pytestmark = pytest.mark.unit

HOTLINE = "10086/hotline.yaml"
WELCOME = "      welcome: {play: welcome, next: expert}\n"
VARS = """
    vars:
      tries: {type: int}
      due: {type: int, default: -3 * 5}
      brand: {type: text, values: [gold, silver], default: silver}
      order: {type: text, default: ""}
      known: {type: bool, default: true}
"""
BEGIN = [KeyPressed("1")]


def hotline(nodes: str, *, declared: str = VARS) -> Hotline:
    """The good site's hotline, whose node `welcome` and what follows it are these lines."""
    text = texts_of(GOOD)[HOTLINE]
    assert WELCOME in text
    text = text.replace("    start: language\n", f"    start: language{declared}")
    lines = "".join(f"      {line}\n" for line in nodes.strip().splitlines())
    loaded = load_with(HOTLINE, text.replace(WELCOME, lines))
    assert loaded.site is not None, [str(each) for each in loaded.problems]
    return loaded.site.hotlines["10086"]


def walked(through: Hotline, *given: FlowInput) -> Step:
    state, action = begin(through)
    for each in (*BEGIN, *given):
        step = advance(through, state, each)
        assert step is not None
        state, action = step
    return state, action


def test_variables_begin_with_their_defaults_in_the_order_of_their_declaration() -> None:
    read = hotline("welcome: {play: welcome, next: expert}")
    assert read.flow.variables == (
        Variable("tries", Kind.INT, 0),
        Variable("due", Kind.INT, -15),
        Variable("brand", Kind.TEXT, "silver", ("gold", "silver")),
        Variable("order", Kind.TEXT, ""),
        Variable("known", Kind.BOOL, True),
    )
    state, _ = begin(read)
    assert state.values == (0, -15, "silver", "", True)


def test_set_changes_variables_one_after_the_other_and_the_language() -> None:
    read = hotline(
        "welcome: {set: {tries: tries + 1, due: tries * 10, brand: gold, known: false, "
        "language: en-US}, next: told}\ntold: {play: welcome, next: expert}"
    )
    state, action = walked(read)
    assert state.values == (1, 10, "gold", "", False)
    assert action == Speak((PromptKey("welcome"),), Language("en-US"), True)
    assert state.faults == 0


def test_set_of_the_language_alone_is_what_it_was() -> None:
    read = hotline("welcome: {set: {language: en-US}, next: expert}")
    assert read.flow.nodes[NodeName("welcome")] == SetLanguage(
        Language("en-US"), NodeName("expert")
    )


def test_sum_beyond_its_bounds_leaves_the_variable_and_is_counted() -> None:
    read = hotline(
        "welcome: {set: {due: 9223372036854775807}, next: more}\n"
        "more: {set: {due: due + 1, tries: 7}, next: told}\ntold: {play: welcome, next: expert}"
    )
    state, _ = walked(read)
    assert state.values[:2] == (7, 2**63 - 1)
    assert state.faults == 1


BRANCH = """
welcome:
  branch:
    when:
      - {if: 1 / tries > 0, then: sorry}
      - {if: known, then: expert}
    else: anyone
"""


def test_condition_without_a_value_leads_to_else_whatever_comes_after_it() -> None:
    state, action = walked(hotline(BRANCH))
    assert state.node == "anyone"
    assert isinstance(action, JoinQueue)
    assert state.faults == 1


def test_first_condition_that_holds_decides() -> None:
    both = BRANCH.replace("1 / tries > 0", 'brand == "silver" && language == "zh-CN"')
    assert walked(hotline(both))[0].node == "sorry"
    assert walked(hotline(both.replace("zh-CN", "en-US")))[0].node == "expert"
    assert walked(hotline(BRANCH.replace("1 / tries > 0", "tries > 0")))[0].node == "expert"


def test_branch_tells_its_ways_by_their_conditions() -> None:
    read = hotline(BRANCH).flow.nodes[NodeName("welcome")]
    assert isinstance(read, Branch)
    assert [(way.label, way.to) for way in ways_out(read)] == [
        ("1 / tries > 0", "sorry"),
        ("known", "expert"),
        ("else", "anyone"),
    ]


@pytest.mark.parametrize(
    ("say", "chinese"),
    [
        ("{number: 105}", ["number/100", "number/0", "number/5"]),
        ("{ordinal: 2}", ["ordinal/prefix", "number/2", "ordinal/counter"]),
        ('{digits: "10"}', ["digit/1", "digit/0"]),
        ('{phone: "+86"}', ["phone/plus", "digit/8", "digit/6"]),
        ('{money: "2.50"}', ["number/2-measure", "unit/yuan", "number/5", "unit/jiao"]),
        ("{duration: 90s}", ["number/1", "unit/minute", "number/30", "unit/second"]),
        ('{time: "14:30"}', ["time/afternoon", "number/2-measure", "time/hour", "time/half"]),
        ("{prompt: welcome, number: 2, barge_in: false}", ["welcome", "number/2"]),
    ],
)
def test_value_is_said_as_it_stands(say: str, chinese: list[str]) -> None:
    _, action = walked(hotline(f"welcome: {{say: {say}, next: expert}}"))
    assert isinstance(action, Speak)
    assert list(action.prompts) == chinese
    assert action.barge_in == ("barge_in" not in say)


def test_variable_is_said_in_the_language_of_the_caller() -> None:
    read = hotline(
        "welcome: {set: {due: 1205, language: en-US}, next: told}\n"
        "told: {say: {money: due}, next: expert}"
    )
    assert read.flow.nodes[NodeName("told")] == Say(SayAs.MONEY, Held("due", 1), NodeName("expert"))
    state, action = walked(read)
    assert isinstance(action, Speak)
    assert list(action.prompts) == ["number/12", "unit/yuan", "number/5", "unit/fen"]
    following = advance(read, state, SpeechEnded())
    assert following is not None
    assert following[0].node == "expert"


@pytest.mark.parametrize("way", ["money: due", "digits: order", "date: order", "time: order"])
def test_value_that_can_not_be_said_is_passed_over_lead_in_and_all(way: str) -> None:
    read = hotline(f"welcome: {{say: {{prompt: welcome, {way}}}, next: expert}}")
    state, action = walked(read)
    assert isinstance(action, JoinQueue)
    assert state.faults == 1


MENU = """
welcome:
  menu:
    prompt: welcome
    reprompt: goodbye
    choices: {"1": expert}
    noinput: {times: 1, then: expert}
    nomatch: {times: 1, then: expert, prompt: sorry, reprompt: [welcome, goodbye]}
"""


def test_menu_asks_again_in_its_own_words() -> None:
    read = hotline(MENU)
    for given, said in (
        (InputTimedOut(), ["goodbye"]),
        (KeyPressed("9"), ["sorry", "welcome", "goodbye"]),
    ):
        _, action = walked(read, given)
        assert isinstance(action, Ask)
        assert list(action.prompts) == said


def test_menu_without_words_of_its_own_asks_as_before() -> None:
    read = hotline(MENU.replace("    reprompt: goodbye\n", ""))
    menu = read.flow.nodes[NodeName("welcome")]
    assert isinstance(menu, Menu)
    _, action = walked(read, InputTimedOut())
    assert isinstance(action, Ask)
    assert action.prompts == menu.prompts


def test_equal_files_give_equal_flows_and_one_version() -> None:
    one, two = (hotline(BRANCH) for _ in range(2))
    assert one == two
    assert content_address(one) == content_address(two)
    changed = hotline(BRANCH.replace("{if: known", '{if: "!known"'))
    assert changed != one
    assert content_address(changed) != content_address(one)


def test_state_is_the_same_when_it_was_written_down() -> None:
    state, _ = walked(hotline(BRANCH))
    kept = msgspec.json.encode(state)
    assert msgspec.json.decode(kept, type=FlowState) == state


def test_silent_circle_that_the_loader_refuses_would_end_at_its_limit() -> None:
    read = hotline(BRANCH)
    nodes = {NodeName("round"): SetVariables((), NodeName("round"))}
    looping = replace(read, flow=Flow("f", NodeName("round"), nodes))
    _, action = begin(looping)
    assert isinstance(action, Farewell)
    assert action.reason == "flow_looped"
