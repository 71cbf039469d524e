"""Where keys may be those of a secret that is asked for next, and what secrets may not meet."""

import pytest
from site_samples import GOOD, codes_of, load, load_with, texts_of

from ivr.flow.model import Collect, NodeName
from ivr.flow.values import Kind

pytestmark = pytest.mark.unit

LINE = """\
hotline: "10086"
numbers: ["10086"]
languages: [zh-CN]
timezone: Asia/Shanghai
flow: main
flows:
  main:
    vars: {pin: {type: secret}, tries: {type: int}}
    start: welcome
    nodes:
      welcome: {play: welcome, next: menu}
      menu:
        menu:
          prompt: services
          choices: {"1": intro, "2": expert}
          noinput: {then: count}
          nomatch: {then: expert}
      intro: {play: welcome, next: count}
      count: {set: {tries: tries + 1}, next: enough}
      enough:
        branch:
          when: [{if: tries > 3, then: goodbye}]
          else: pin
      pin:
        collect:
          prompt: welcome
          into: pin
          digits: {min: 4, max: 6}
          sensitive: true
          noinput: {then: expert}
          nomatch: {then: sorry}
        next: expert
      sorry: {play: sorry, next: count}
      expert:
        queue: {name: data-expert}
        on: {no_agents: anyone, timed_out: anyone}
      anyone:
        queue: {name: general}
        on: {no_agents: sorry, timed_out: goodbye}
      goodbye: {hangup: {prompt: goodbye}}
"""


def test_keys_are_hushed_from_where_nothing_else_is_asked_before_the_secret() -> None:
    loaded = load_with("10086/hotline.yaml", LINE)
    assert loaded.site is not None, loaded.problems
    flow = loaded.site.hotlines["10086"].flow
    assert flow.hushed == set(map(NodeName, ("intro", "count", "enough", "sorry")))
    pin = flow.nodes[NodeName("pin")]
    assert isinstance(pin, Collect)
    assert pin.sensitive
    assert [each.kind for each in flow.variables] == [Kind.SECRET, Kind.INT]


def test_nothing_is_hushed_where_no_secret_is_asked_for() -> None:
    site = load(texts_of(GOOD)).site
    assert site is not None
    assert all(not each.flow.hushed for each in site.hotlines.values())


def test_marks_follow_from_the_nodes_and_make_no_other_version() -> None:
    once, again = (load_with("10086/hotline.yaml", LINE).site for _ in range(2))
    assert once is not None
    assert again is not None
    assert once.version == again.version


@pytest.mark.parametrize(
    ("written", "becomes", "code"),
    [
        ("sensitive: true", "sensitive: false", "secret-collected-openly"),
        ("into: pin", "into: tries", "sensitive-kept-openly"),
        ("pin: {type: secret}", 'pin: {type: secret, default: "1"}', "secret-written-down"),
        ("if: tries > 3", 'if: pin == ""', "secret-leaves-vault"),
        ("{tries: tries + 1}", '{pin: "1234"}', "secret-leaves-vault"),
        ("{tries: tries + 1}", "{tries: size(pin)}", "secret-leaves-vault"),
        ("{play: sorry, next", "{say: {digits: pin}, next", "secret-leaves-vault"),
        ("sensitive: true", "sensitive: maybe", "wrong-type"),
    ],
)
def test_secret_in_a_wrong_place_is_one_error(written: str, becomes: str, code: str) -> None:
    assert written in LINE
    loaded = load_with("10086/hotline.yaml", LINE.replace(written, becomes))
    assert codes_of(loaded) == [code]
    assert loaded.site is None
