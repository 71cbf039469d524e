"""Texts as they are written, filled, and sent by a flow: messages.yaml and ``message`` nodes."""

import pytest
from site_samples import GOOD, codes_of, load, texts_of

from ivr.flow.interpreter import advance, begin
from ivr.flow.model import Held, Hotline, NodeName, TextMessage
from ivr.flow.problems import Code
from ivr.flow.read_messages import texts_in
from ivr.flow.sending import SendText, TextHandled
from ivr.flow.texts import (
    TEXT_UNITS_MAX,
    Gap,
    Template,
    WordingMistake,
    rendered,
    value_text,
    wording_of,
)
from ivr.flow.values import Value

pytestmark = pytest.mark.unit

MESSAGES = """\
messages:
  balance: {zh-CN: "余额{balance}元", en-US: "Your balance is {balance} yuan"}
"""
SHARED_MESSAGES = 'messages: {thanks: {zh-CN: "谢谢{name}", en-US: "Thanks", parts: 2}}'
HOTLINE = """\
hotline: "10086"
numbers: ["10086"]
languages: [zh-CN, en-US]
timezone: Asia/Shanghai
flow: main
flows:
  main:
    start: text
    vars: {name: {type: text, default: Li}, balance: {type: int, default: 42}}
    nodes:
      text: {message: {template: balance}, next: english, on: {no_number: bye}}
      english: {set: {language: en-US}, next: thanks}
      thanks: {message: {template: shared/thanks}, next: bye}
      bye: {hangup: {prompt: goodbye}}
"""


def files(**changed: str) -> dict[str, str]:
    given = {"messages": MESSAGES, "hotline": HOTLINE, **changed}
    return {
        **texts_of(GOOD),
        "10086/messages.yaml": given["messages"],
        "10086/hotline.yaml": given["hotline"],
        "shared/messages.yaml": SHARED_MESSAGES,
    }


def hotline() -> Hotline:
    site = load(files()).site
    assert site is not None
    return site.hotlines["10086"]


def test_nodes_and_texts_are_read_as_written() -> None:
    read = hotline()
    bye, english = NodeName("bye"), NodeName("english")
    assert read.flow.nodes[NodeName("text")] == TextMessage(
        "balance", (Held("balance", 1),), english, bye
    )
    assert read.flow.nodes[NodeName("thanks")] == TextMessage(
        "shared/thanks", (Held("name", 0),), bye, bye
    )
    assert set(read.texts) == {"balance", "shared/thanks"}
    assert read.texts["shared/thanks"] == Template(
        {"zh-CN": ("谢谢", Gap("name")), "en-US": ("Thanks",)}, parts=2
    )


def test_flow_sends_in_its_language_with_the_values_of_the_moment() -> None:
    state, action = begin(hotline())
    assert action == SendText("balance", hotline().languages[0], (("balance", 42),))
    step = advance(hotline(), state, TextHandled(has_number=True))
    assert step is not None
    assert step[1] == SendText("shared/thanks", hotline().languages[1], (("name", "Li"),))


def test_caller_without_a_number_goes_her_own_way() -> None:
    state, _ = begin(hotline())
    step = advance(hotline(), state, TextHandled(has_number=False))
    assert step is not None
    assert step[0].node == "bye"


def test_changed_wording_makes_another_version() -> None:
    before, after = load(files()).site, load(files(messages=MESSAGES.replace("Your", "The"))).site
    assert before is not None
    assert after is not None
    assert before.version != after.version


def test_text_that_only_fits_with_choices_is_told_so() -> None:
    text = "您好{name}，您的话费余额为{balance}元。"
    named = MESSAGES.replace("余额{balance}元", text)
    assert codes_of(load(files(messages=named))) == ["message-too-long"]
    listed = HOTLINE.replace("type: text, default: Li", "type: text, values: [Li, 王], default: Li")
    assert "message-too-long" not in codes_of(load(files(messages=named, hotline=listed)))


@pytest.mark.parametrize(
    ("written", "remedy"),
    [
        ("余额\uff5bbalance\uff5d元", "Write {balance} with the braces of a keyboard."),
        ("余额{balance\uff5d元", "Write {balance} with the braces of a keyboard."),
        ("余额{ balance }元", "Write {balance}."),
        ("余额{balance:yuan}", "Write {balance:money} for an amount in fen, which is told in yuan"),
        ("余额{balance", "Write {name} for the value of a variable"),
    ],
)
def test_slip_in_a_place_for_a_value_is_named(written: str, remedy: str) -> None:
    loaded = load(files(messages=MESSAGES.replace("余额{balance}元", written)))
    (problem,) = [each for each in loaded.problems if each.code is Code.BAD_PLACEHOLDER]
    assert problem.remedy.startswith(remedy)


def test_full_width_braces_round_words_are_sent() -> None:
    text = "\uff5b重要\uff5d余额{balance}元"
    told = codes_of(load(files(messages=MESSAGES.replace("余额{balance}元", text))))
    assert "bad-placeholder" not in told


def test_curly_quotes_that_halve_the_room_are_named() -> None:
    text = "\u201c" + "a" * 90 + "{balance}\u201d"
    loaded = load(files(messages=MESSAGES.replace("余额{balance}元", text)))
    (problem,) = [each for each in loaded.problems if each.code is Code.MESSAGE_TOO_LONG]
    assert "\u201c and \u201d are outside the SMS alphabet (GSM 7-bit)" in problem.message
    assert "the quotes round the whole text are sent with it" in problem.message
    assert problem.remedy.startswith("Write plain signs for \u201c and \u201d, or shorten it")


def test_broken_text_hides_no_other_problem_of_the_flow() -> None:
    broken = MESSAGES.replace("{balance}元", "{balance")
    wrong = HOTLINE.replace("next: bye}", "next: by}")
    told = codes_of(load(files(messages=broken, hotline=wrong)))
    assert "bad-placeholder" in told
    assert "unknown-node" in told
    assert "unknown-message" not in told


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("", ()),
        ("plain", ("plain",)),
        ("{a}{b}", (Gap("a"), Gap("b"))),
        ("{{a}} {b}!", ("{a} ", Gap("b"), "!")),
        ("{{{a}}}", ("{", Gap("a"), "}")),
    ],
)
def test_braces_are_gaps_or_doubled(text: str, pieces: tuple[str | Gap, ...]) -> None:
    assert wording_of(text) == pieces


@pytest.mark.parametrize(
    ("text", "column"), [("a{", 2), ("}", 1), ("{a b}", 1), ("{1}", 1), ("x{{}", 4), ("{}", 1)]
)
def test_lonely_brace_is_told_by_its_place(text: str, column: int) -> None:
    with pytest.raises(WordingMistake) as told:
        wording_of(text)
    assert told.value.column == column


@pytest.mark.parametrize(
    ("value", "language", "text"),
    [
        (True, "zh-CN", "是"),
        (False, "en-US", "no"),
        (True, "de-DE", "yes"),
        (-7, "zh-CN", "-7"),
        ("gold", "en-US", "gold"),
        ("\U0001d400" * 64, "en-US", "\U0001d400" * (TEXT_UNITS_MAX // 2)),
    ],
)
def test_value_looks_so_in_a_text(value: Value, language: str, text: str) -> None:
    assert value_text(value, language) == text


def test_unknown_value_leaves_its_gap_empty() -> None:
    template = Template({"en-US": wording_of("a{x}b")})
    assert rendered(template, "en-US", {}) == "ab"


def test_kept_files_give_the_texts_of_one_hotline_and_of_all() -> None:
    found = texts_in(files(), "10086")
    assert set(found) == {"balance", "shared/thanks"}
    assert rendered(found["balance"], "zh-CN", {"balance": 3}) == "余额3元"


def test_damaged_kept_file_gives_no_text() -> None:
    assert set(texts_in(files(messages="messages: ["), "10086")) == {"shared/thanks"}
