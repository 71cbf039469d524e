"""Flows that call one another: what they come to, what a caller meets, what is counted."""

import pytest
from site_samples import GOOD, codes_of, load, texts_of

from ivr.flow.actions import (
    Action,
    Ask,
    Farewell,
    FlowInput,
    InputTimedOut,
    JoinQueue,
    KeyPressed,
    Speak,
    SpeechEnded,
)
from ivr.flow.interpreter import advance, begin
from ivr.flow.load import Loaded
from ivr.flow.model import Flow, Held, Hotline, Menu, NodeName, SetVariables
from ivr.flow.picture import picture_of
from ivr.flow.ways import written_node, written_way
from ivr.rehearsal.coverage import coverage
from ivr.rehearsal.footprints import Edge, Footprints

pytestmark = pytest.mark.unit

HEAD = """hotline: "10086"
numbers: ["10086"]
languages: [zh-CN, en-US]
timezone: Asia/Shanghai
"""
TWICE = """flow: main
flows:
  main:
    vars: {known: {type: bool}, tries: {type: int, default: 4}, brand: {type: text}}
    start: menu
    nodes:
      menu:
        menu:
          prompt: choose-language
          choices: {"1": first, "2": second, "3": aside}
          noinput: {then: bye}
          nomatch: {then: bye}
      first:
        subflow: {flow: ask, with: {limit: tries - 1, word: '"loss"'}, into: {known: sure}}
        on: {ok: sort, failed: bye}
      second: {subflow: {flow: ask, into: {brand: word}}, on: {ok: sort, failed: menu}}
      sort: {branch: {when: [{if: 'known || brand == "none"', then: served}], else: bye}}
      served: {queue: {name: general}, on: {no_agents: bye, timed_out: bye}}
      aside: {goto: {flow: aside}}
      bye: {hangup: {prompt: goodbye}}
  ask:
    vars:
      limit: {type: int}
      word: {type: text, default: none}
      sure: {type: bool}
    start: hello
    nodes:
      hello: {menu: {prompt: welcome, choices: {"1": weigh}, noinput: {then: bad},
        nomatch: {then: bad}}}
      weigh: {branch: {when: [{if: 'limit == 3 && word == "loss"', then: sure}], else: good}}
      sure: {set: {sure: true}, next: good}
      good: {return: {exit: ok}}
      bad: {return: {exit: failed}}
  aside:
    start: tell
    nodes:
      tell: {play: welcome, next: back}
      back: {goto: {flow: main}}
"""


def load_flows(text: str, shared: str | None = None) -> Loaded:
    files = {**texts_of(GOOD), "10086/hotline.yaml": HEAD + text}
    del files["10086/queues.yaml"]
    if shared is not None:
        files["shared/flows.yaml"] = shared
    return load(files)


def hotline_of(loaded: Loaded) -> Hotline:
    assert loaded.site is not None, loaded.problems
    return loaded.site.hotlines["10086"]


@pytest.fixture(scope="module")
def twice() -> Hotline:
    return hotline_of(load_flows(TWICE))


def walked(hotline: Hotline, *given: FlowInput, caller_known: bool = True) -> tuple[str, Action]:
    """Where a caller stands after these inputs, and what is done there."""
    state, action = begin(hotline, caller_known=caller_known)
    for each in given:
        step = advance(hotline, state, each)
        assert step is not None
        state, action = step
    return state.node, action


ONE, TWO, THREE = (KeyPressed(key) for key in "123")


def test_each_call_has_its_nodes_under_its_own_name(twice: Hotline) -> None:
    assert walked(twice, ONE)[0] == "first/hello"
    assert walked(twice, TWO)[0] == "second/hello"
    assert isinstance(walked(twice, TWO)[1], Ask)


def test_arguments_go_in_and_results_come_back(twice: Hotline) -> None:
    node, action = walked(twice, ONE, ONE)
    assert node == "served"
    assert isinstance(action, JoinQueue)


def test_variable_that_is_not_given_has_its_default(twice: Hotline) -> None:
    assert walked(twice, TWO, ONE)[0] == "served"  # for brand is none


def test_every_call_begins_with_the_defaults_again(twice: Hotline) -> None:
    wrong = [InputTimedOut()] * 3
    assert walked(twice, TWO, *wrong)[0] == "menu"
    state, _ = begin(twice)
    for given in (TWO, *wrong, ONE):
        step = advance(twice, state, given)
        assert step is not None
        state = step[0]
    names = [each.name for each in twice.flow.variables]
    values = dict(zip(names, state.values, strict=True))
    assert values["brand"] == "none"
    assert values["first/limit"] == 3
    assert values["first/word"] == "loss"
    assert values["second/word"] == "none"


def test_exits_lead_where_each_call_says(twice: Hotline) -> None:
    wrong = [InputTimedOut()] * 3
    node, action = walked(twice, ONE, *wrong)
    assert node == "bye"
    assert isinstance(action, Farewell)


def test_flow_gone_to_for_good_begins_its_variables_anew(twice: Hotline) -> None:
    assert walked(twice, THREE)[0] == "aside/tell"
    node, action = walked(twice, THREE, SpeechEnded())
    assert node == "menu"
    assert isinstance(action, Ask)


def test_sum_that_comes_to_nothing_leaves_the_default() -> None:
    text = TWICE.replace("tries - 1", "1 / (tries - 4)")
    hotline = hotline_of(load_flows(text))
    state, _ = begin(hotline)
    step = advance(hotline, state, ONE)
    assert step is not None
    names = [each.name for each in hotline.flow.variables]
    assert dict(zip(names, step[0].values, strict=True))["first/limit"] == 0
    assert step[0].faults == 1


def test_frame_whose_name_is_taken_gets_another() -> None:
    text = TWICE.replace("aside: {goto: {flow: aside}}", "aside: {subflow: {flow: more}, next: go}")
    text = text.replace(
        "      bye: {hangup", "      go: {goto: {flow: aside}}\n      bye: {hangup", 1
    )
    text += "  more: {start: a, nodes: {a: {play: welcome, next: b}, b: {return: }}}\n"
    flow = hotline_of(load_flows(text)).flow
    prefixes = {name.rpartition("/")[0] for name in flow.nodes}
    assert prefixes == {"", "first", "second", "aside", "aside~"}


def test_nested_calls_stack_their_names() -> None:
    text = TWICE.replace("good: {return: {exit: ok}}", "good: {subflow: {flow: end}, next: done}")
    text = text.replace(
        "      bad: {return", "      done: {return: {exit: ok}}\n      bad: {return", 1
    )
    text += "  end: {start: a, nodes: {a: {play: welcome, next: b}, b: {return: }}}\n"
    hotline = hotline_of(load_flows(text))
    assert walked(hotline, ONE, ONE)[0] == "first/good/a"
    assert walked(hotline, ONE, ONE, SpeechEnded())[0] == "served"


def test_goto_within_a_call_returns_from_the_call() -> None:
    text = TWICE.replace("sure: {set: {sure: true}, next: good}", "sure: {goto: {flow: far}}")
    text += "  far: {start: a, nodes: {a: {play: welcome, next: b}, b: {return: {exit: failed}}}}\n"
    hotline = hotline_of(load_flows(text.replace("known ||", "!known &&")))
    assert walked(hotline, ONE, ONE)[0] == "first/far/a"
    assert walked(hotline, ONE, ONE, SpeechEnded())[0] == "bye"


SHARED = """defaults:
  noinput: {then: back}
  nomatch: {then: back}
flows:
  greet: {start: a, nodes: {a: {menu: {prompt: welcome, choices: {"1": b}}},
    b: {subflow: {flow: more}, next: back}, back: {return: }}}
  more: {start: a, nodes: {a: {play: sorry, next: b}, b: {return: }}}
"""


def test_shared_flows_call_one_another_and_go_by_their_own_defaults() -> None:
    text = TWICE.replace(
        "aside: {goto: {flow: aside}}", "aside: {subflow: {flow: shared/greet}, next: bye}"
    )
    text = text[: text.index("  aside:\n    start")]
    loaded = load_flows(text, SHARED)
    assert loaded.problems == ()
    hotline = hotline_of(loaded)
    assert walked(hotline, THREE)[0] == "aside/a"
    assert walked(hotline, THREE, ONE)[0] == "aside/b/a"
    assert written_node(hotline.flow, NodeName("aside/b/a")) == "shared/more/a"
    assert (sum(loaded.node_counts.values()), loaded.shared_nodes) == (12, 5)


def test_written_nodes_are_counted_once(twice: Hotline) -> None:
    loaded = load_flows(TWICE)
    assert loaded.node_counts == {"10086": 14}
    assert coverage([twice], {}).nodes == 14
    assert len(twice.flow.nodes) == 19


def footprints(flow: Flow, nodes: list[str], edges: list[Edge]) -> Footprints:
    prints = Footprints(flow.nodes)
    prints.nodes, prints.edges = nodes, edges
    return prints


def test_way_in_a_called_flow_is_met_by_any_call(twice: Hotline) -> None:
    met = footprints(twice.flow, ["second/hello"], [Edge("second/hello", "1")])
    left = coverage([twice], {"10086": [met]})
    assert ("10086", "ask/hello") not in left.nodes_left
    assert ("10086", Edge("ask/hello", "1")) not in left.edges_left
    assert ("10086", Edge("ask/hello", "noinput")) in left.edges_left


def test_return_counts_as_the_way_of_its_call(twice: Hotline) -> None:
    met = footprints(twice.flow, ["second/good"], [Edge("second/good", "next")])
    left = [edge for _, edge in coverage([twice], {"10086": [met]}).edges_left]
    assert Edge("second", "ok") not in left
    assert {Edge("second", "failed"), Edge("first", "ok"), Edge("first", "failed")} <= set(left)
    assert Edge("ask/good", "next") not in left
    assert written_way(twice.flow, NodeName("first"), "next") is None


def test_picture_says_what_is_called_and_handed_over(twice: Hotline) -> None:
    boxes = {box.name: box for box in picture_of(twice, {}, {}).boxes}
    assert boxes["first"].kind == "subflow"
    assert boxes["first"].tooltip.startswith("through ask")
    assert "limit = tries - 1" in boxes["first"].tooltip
    assert (boxes["first/good"].kind, boxes["aside"].kind) == ("return", "goto")
    assert boxes["aside"].tooltip == "on at aside"


DEFAULTS = """defaults:
  noinput: {after: 2s, times: 1, then: bye, prompt: sorry}
  nomatch: {times: 0, then: bye}
  barge_in: false
flow: main
flows:
  main:
    start: usual
    nodes:
      usual: {menu: {prompt: welcome, choices: {"1": own}}}
      own:
        menu:
          prompt: welcome
          choices: {"1": bye}
          noinput: {after: 9s, times: 3, then: usual}
          nomatch: {then: usual, prompt: sorry}
          barge_in: true
      bye: {hangup: }
"""


def test_menu_goes_by_the_defaults_where_it_says_nothing() -> None:
    nodes = hotline_of(load_flows(DEFAULTS)).flow.nodes
    usual, own = nodes[NodeName("usual")], nodes[NodeName("own")]
    assert isinstance(usual, Menu)
    assert isinstance(own, Menu)
    assert (usual.noinput_after_ms, usual.barge_in) == (2_000, False)
    assert (usual.noinput.times, usual.noinput.then, usual.noinput.prompts) == (
        1,
        "bye",
        ("sorry",),
    )
    assert (usual.nomatch.times, usual.nomatch.then, usual.nomatch.prompts) == (0, "bye", ())
    assert (own.noinput_after_ms, own.barge_in) == (9_000, True)
    assert (own.noinput.times, own.noinput.then) == (3, "usual")
    assert (own.nomatch.times, own.nomatch.then, own.nomatch.prompts) == (0, "usual", ("sorry",))


def test_default_that_is_no_node_is_told_once_for_a_flow() -> None:
    loaded = load_flows(DEFAULTS.replace("times: 1, then: bye", "times: 1, then: staff"))
    assert codes_of(loaded) == ["unknown-node"]


KNOWN = """flow: main
flows:
  main:
    vars: {told: {type: bool}}
    start: note
    nodes:
      note: {set: {told: "!caller_known"}, next: sort}
      sort: {branch: {when: [{if: caller_known && !told, then: hello}], else: bye}}
      hello: {subflow: {flow: ask}, next: bye}
      bye: {hangup: {prompt: goodbye}}
  ask:
    vars: {tries: {type: int, default: 1}}
    start: sort
    nodes:
      sort: {branch: {when: [{if: "caller_known && tries == 1", then: speak}], else: back}}
      speak: {play: welcome, next: back}
      back: {return: }
"""


@pytest.mark.parametrize(("known", "node"), [(True, "hello/speak"), (False, "bye")])
def test_flow_knows_whether_the_number_is_known(known: bool, node: str) -> None:
    hotline = hotline_of(load_flows(KNOWN))
    there, action = walked(hotline, caller_known=known)
    assert there == node
    assert isinstance(action, Speak | Farewell)
    assert [each.name for each in hotline.flow.variables] == ["told", "caller_known", "hello/tries"]


SECRET = """flow: main
flows:
  main:
    vars: {pin: {type: secret}, other: {type: text}}
    start: hello
    nodes:
      hello: {subflow: {flow: ask, with: {again: pin}, into: {pin: digits}}, next: bye}
      bye: {hangup: {prompt: goodbye}}
  ask:
    vars: {digits: {type: secret}, again: {type: secret}}
    start: ask
    nodes:
      ask:
        collect:
          prompt: welcome
          into: digits
          sensitive: true
          digits: 4
          noinput: {then: back}
          nomatch: {then: back}
        next: back
      back: {return: }
"""


def test_secret_is_handed_over_and_back_as_it_is() -> None:
    flow = hotline_of(load_flows(SECRET)).flow
    entry, back = flow.nodes[NodeName("hello")], flow.nodes[NodeName("hello/back")]
    assert isinstance(entry, SetVariables)
    assert isinstance(back, SetVariables)
    assert [each.to for each in entry.changes] == ["", Held("pin", 0)]
    assert [(each.index, each.to) for each in back.changes] == [(0, Held("digits", 2))]


@pytest.mark.parametrize("told", ["again: other", "again: '\"1234\"'"])
def test_what_is_no_secret_becomes_none(told: str) -> None:
    assert "types-differ" in codes_of(load_flows(SECRET.replace("again: pin", told)))
