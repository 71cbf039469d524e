"""The longest text of a variable, and amounts of money in texts."""

import pytest
from site_samples import GOOD, load, texts_of

from ivr.flow.expression_terms import NOTHING_SHOWN
from ivr.flow.picture import picture_of
from ivr.flow.sms_length import utf16_units
from ivr.flow.texts import Gap, Template, money_text, rendered, wording_of, worst_of
from ivr.flow.values import INT_MIN, Kind, Variable

pytestmark = pytest.mark.unit

HOTLINE = """\
hotline: "10086"
numbers: ["10086"]
languages: [zh-CN, en-US]
timezone: Asia/Shanghai
flow: main
flows:
  main:
    start: ask
    vars:
      account: {type: text, max: 6}
      kind: {type: text, values: [tickets, hotel]}
      balance: {type: int}
    nodes:
      ask:
        collect:
          prompt: welcome
          into: account
          digits: 6
          noinput: {then: bye}
          nomatch: {then: bye}
        next: set
      set: {set: {kind: tickets}, next: which}
      which: {branch: {when: [{if: 'kind == "hotel"', then: text}], else: voice}}
      text: {message: {template: balance}, next: bye}
      voice: {record: {prompt: welcome, topic: wish}, next: bye, on: {failed: sorry}}
      sorry: {play: sorry, next: bye}
      bye: {hangup: {prompt: goodbye}}
"""
MESSAGES = """\
messages:
  balance: {zh-CN: "{account}余额{balance:money}元", en-US: "{account}: {balance:money} yuan"}
"""


def problems(old: str = "", new: str = "") -> list[tuple[str, str]]:
    files = {"10086/hotline.yaml": HOTLINE, "10086/messages.yaml": MESSAGES}
    assert any(old in text for text in files.values())
    changed = {name: text.replace(old, new) for name, text in files.items()} if old else files
    found = load({**texts_of(GOOD), **changed}).problems
    return [(each.code.value, each.remedy) for each in found if each.place.file in files]


def test_limits_and_money_are_taken() -> None:
    assert problems() == []


@pytest.mark.parametrize(
    ("old", "new", "code", "remedy"),
    [
        (
            "digits: 6",
            "digits: 7",
            "variable-cannot-hold",
            "Declare it with `max: 7`, or ask for 6 digits at most.",
        ),
        ("max: 6", "max: 0", "out-of-range", "Choose a value from 1 to 64."),
        (
            "balance: {type: int}",
            "balance: {type: int, max: 3}",
            "types-differ",
            "Remove `max`, or make it `type: text`.",
        ),
        ("max: 6", "max: 6, default: abcdefg", "bad-text", "Write a shorter text."),
        (
            "{account}:",
            "{account:money}:",
            "types-differ",
            "Write {account}, or declare account as int.",
        ),
        (
            "{kind: tickets}",
            "{kind: '\"tickets\"'}",
            "value-unknown",
            "Write it without quotes of its own: tickets.",
        ),
        (
            '"hotel"',
            '"xyz"',
            "never-so",
            f"It can be: tickets, hotel, {NOTHING_SHOWN}.",
        ),
    ],
)
def test_what_can_not_be_is_told(old: str, new: str, code: str, remedy: str) -> None:
    told = problems(old, new)
    assert (code, remedy) in told, told


@pytest.mark.parametrize(
    ("fen", "yuan"),
    [(0, "0.00"), (5, "0.05"), (12_350, "123.50"), (-199, "-1.99")],
)
@pytest.mark.parametrize("language", ["zh-CN", "en-US"])
def test_money_is_told_in_yuan(fen: int, yuan: str, language: str) -> None:
    template = Template({language: wording_of("{balance:money}!")})
    assert rendered(template, language, {"balance": fen}) == f"{yuan}!"


def test_money_at_its_worst_is_the_least_number() -> None:
    variables = {"balance": Variable("balance", Kind.INT, 0)}
    worst = worst_of((Gap("balance", money=True),), "en-US", variables)
    assert worst.units == len(money_text(INT_MIN))


def test_shorter_variable_makes_a_shorter_text() -> None:
    variables = {"day": Variable("day", Kind.TEXT, "", chars_max=10)}
    assert worst_of((Gap("day"),), "zh-CN", variables).units == 10
    odd = {"day": Variable("day", Kind.TEXT, "", chars_max=7)}
    assert worst_of((Gap("day"),), "zh-CN", odd).units == 7


def test_variable_counts_characters_as_a_short_message_does() -> None:
    variable = Variable("day", Kind.TEXT, "", chars_max=6)
    assert variable.can_hold("\U0001f600" * 3)
    assert not variable.can_hold("\U0001f600" * 3 + "x")
    assert utf16_units("\U0001f600" * 3) == 6


def test_variable_holds_what_is_declared_and_no_more() -> None:
    short = Variable("code", Kind.TEXT, "", chars_max=3)
    chosen = Variable("kind", Kind.TEXT, "", ("a", "b"))
    assert short.can_hold("123")
    assert not short.can_hold("1234")
    assert chosen.can_hold("b")
    assert not chosen.can_hold("c")
    assert Variable("count", Kind.INT, 0).can_hold(10**9)


def test_recording_that_fails_is_no_missing_answer_in_the_picture() -> None:
    loaded = load(
        {**texts_of(GOOD), "10086/hotline.yaml": HOTLINE, "10086/messages.yaml": MESSAGES}
    )
    assert loaded.site is not None
    picture = picture_of(loaded.site.hotlines["10086"], {}, {})
    labels = {(line.source, line.target): line.text for line in picture.lines}
    assert labels["voice", "sorry"] == "not recorded"
