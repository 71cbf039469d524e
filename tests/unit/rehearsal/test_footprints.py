"""Nodes and ways are counted as the interpreter walks them, the silent ones too."""

import pytest
from small_hotline import PROMPT_MS, site, stage

from ivr.rehearsal.coverage import coverage
from ivr.rehearsal.footprints import Edge
from ivr.rehearsal.stage import Stage

pytestmark = pytest.mark.unit

HOUR_MS = 3_600_000


def to_the_end(begun: Stage) -> tuple[list[str], list[str]]:
    begun.run_until(HOUR_MS)
    assert begun.is_over
    labels = [f"{each.node} {each.label}" for each in begun.footprints.edges]
    return begun.footprints.nodes, labels


def test_silent_nodes_are_counted() -> None:
    begun = stage()
    begun.press("2")
    nodes, _ = to_the_end(begun)
    assert nodes == ["language", "english", "hello", "wait", "order", "bye"]


def test_ways_to_one_node_are_told_apart_by_what_led_there() -> None:
    pressed, silent, wrong = stage(), stage(), stage()
    pressed.press("1")
    wrong.press("7")
    wrong.press("8")
    assert to_the_end(pressed)[1][0] == "language 1"
    assert to_the_end(silent)[1][0] == "language noinput"
    assert to_the_end(wrong)[1][0] == "language nomatch"


def test_silence_after_a_wrong_key_is_noinput() -> None:
    begun = stage()
    begun.press("7")
    assert to_the_end(begun)[1][0] == "language noinput"


def test_to_be_asked_again_is_no_way() -> None:
    begun = stage()
    begun.press("7")
    begun.run_until(PROMPT_MS)
    assert begun.footprints.edges == []


def test_key_that_leads_to_its_own_menu_is_a_way() -> None:
    begun = stage()
    begun.press("9")
    begun.press("1")
    assert to_the_end(begun)[1][:2] == ["language 9", "language 1"]


def test_queue_is_left_by_its_exit() -> None:
    assert "wait no_agents" in to_the_end(stage())[1]


def test_coverage_counts_each_once_and_names_what_is_left() -> None:
    begun = stage()
    begun.press("1")
    to_the_end(begun)
    hotline = site().hotlines["10000"]
    found = coverage([hotline], {"10000": [begun.footprints, begun.footprints]})
    assert found.nodes_left == (("10000", "english"),)
    assert found.node_coverage == 0.8571
    assert ("10000", Edge("language", "noinput")) in found.edges_left
    assert found.edges == 12


def test_coverage_of_no_call_is_nothing_and_of_no_hotline_all() -> None:
    assert coverage(site().hotlines.values(), {}).node_coverage == 0.0
    assert coverage([], {}).edge_coverage == 1.0
