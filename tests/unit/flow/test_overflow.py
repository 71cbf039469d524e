"""Ways round without a word, and queues that nobody can serve: what is refused and what is not."""

import time

import pytest
from site_samples import GOOD, codes_of, load, load_with, texts_of

from ivr.flow.cycles import silent_cycles
from ivr.flow.model import (
    EnterQueue,
    Language,
    Node,
    NodeName,
    Play,
    PromptKey,
    QueueExit,
    SetLanguage,
)

pytestmark = pytest.mark.unit

HOTLINE, QUEUES = "10086/hotline.yaml", "10086/queues.yaml"
NO_AGENTS, TIMED_OUT, FULL = QueueExit.NO_AGENTS, QueueExit.TIMED_OUT, QueueExit.FULL


def n(name: object) -> NodeName:
    return NodeName(str(name))


def queue(**ways: str) -> EnterQueue:
    return EnterQueue("q", 0, {QueueExit(way): n(node) for way, node in ways.items()})


def cycles(**nodes: Node) -> list[tuple[str, ...]]:
    return list(silent_cycles({n(name): node for name, node in nodes.items()}))


def test_queues_that_overflow_into_each_other_are_found() -> None:
    found = cycles(
        a=queue(no_agents="end", timed_out="end", full="b"),
        b=queue(no_agents="a", timed_out="end"),
        end=queue(no_agents="nowhere", timed_out="nowhere"),
    )
    assert found == [("a", "b")]


def test_queue_that_overflows_into_itself_is_found() -> None:
    assert cycles(a=queue(no_agents="b", timed_out="b", full="a")) == [("a",)]


def test_word_or_wait_on_the_way_round_is_allowed() -> None:
    said = Play((PromptKey("p"),), n("a"))
    assert cycles(a=queue(no_agents="b", timed_out="b", full="b"), b=said) == []
    assert cycles(a=queue(no_agents="x", timed_out="a")) == []


def test_two_ways_round_are_both_found_and_shared_ends_are_not() -> None:
    found = cycles(
        a=queue(no_agents="b", timed_out="x", full="c"),
        b=SetLanguage(Language("zh-CN"), n("a")),
        c=SetLanguage(Language("en-US"), n("a")),
        d=queue(no_agents="a", timed_out="x", full="c"),
    )
    assert sorted(found) == [("a", "b"), ("a", "c")]


def test_long_ways_cost_no_recursion_and_no_seconds() -> None:
    count = 20_000
    nodes: dict[NodeName, Node] = {
        n(at): EnterQueue("q", 0, {NO_AGENTS: n(at + 1), TIMED_OUT: n("x"), FULL: n(at + 2)})
        for at in range(count)
    }
    begun = time.process_time()
    assert list(silent_cycles(nodes)) == []
    nodes[n(count)] = SetLanguage(Language("zh-CN"), n(0))
    assert len(list(silent_cycles(nodes))) >= 1
    assert time.process_time() - begun < 2.0


def test_slip_in_the_agents_does_not_blame_the_queues() -> None:
    site = texts_of(GOOD)["site.yaml"]
    assert codes_of(load_with("site.yaml", site.replace("data: 3", "dota: 3"))) == ["unknown-skill"]
    assert codes_of(load_with("site.yaml", site.replace("data: 3", "data: 0"))) == ["out-of-range"]


def test_one_agent_must_have_all_that_is_asked_for_at_once() -> None:
    queues = texts_of(GOOD)[QUEUES].replace('"data >= 2"', '"data and general >= 2"')
    both = queues.replace('"data"', '"data and general >= 2"')
    assert codes_of(load_with(QUEUES, queues)) == []
    assert codes_of(load_with(QUEUES, both)) == ["queue-unservable"]


def test_queue_of_a_slip_needs_no_exit_and_no_agent() -> None:
    files = texts_of(GOOD)
    files[QUEUES] = files[QUEUES].replace("{wait: 5m}", "{wait: 5m, waiting: many}")
    assert codes_of(load(files)) == ["bad-waiting-limit"]
    files[HOTLINE] = files[HOTLINE].replace(
        "timed_out: anyone}", "timed_out: anyone, full: anyone}"
    )
    assert codes_of(load(files)) == ["bad-waiting-limit"]
