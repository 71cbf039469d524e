"""A transfer becomes a queue that no author wrote, and one agent a skill that nobody else has."""

from dataclasses import replace

import pytest
from site_samples import GOOD, load, load_with, texts_of

from ivr.engine.site_events import site_events
from ivr.flow.model import EnterQueue, NodeName, OutsideExit, QueueExit, TransferOutside
from ivr.flow.picture import picture_of
from ivr.flow.proofs import circles
from ivr.flow.queue_context import CONTEXT_CHARS_MAX, context_text, displayed
from ivr.flow.site import OutsideNumber, Site
from ivr.flow.transfer_names import is_transfer_queue
from ivr.flow.ways import ways_out
from router.events import AgentChanged, QueueChanged, QueueRetired
from router.model import Skill, local_name

pytestmark = pytest.mark.unit

HOTLINE = texts_of(GOOD)["10086/hotline.yaml"]
TRANSFERS = """\
      anyone: {transfer: {agent: "1002", wait: 30s}, on: {no_agents: her, timed_out: sorry}}
      her: {transfer: {expert: "data >= 3", wait: 1m}, on: {no_agents: out, timed_out: sorry}}
      out: {transfer: {outside: police}, on: {failed: sorry, busy: bye}}
      bye: {hangup: {prompt: goodbye}}
"""


def with_transfers() -> Site:
    files = texts_of(GOOD)
    before, _, rest = HOTLINE.partition("      anyone:\n")
    after = "      sorry:" + rest.partition("      sorry:")[2]
    files["10086/hotline.yaml"] = before + TRANSFERS + after
    files["site.yaml"] += 'outside_numbers: {police: {number: "+8610110"}}\n'
    loaded = load(files)
    assert loaded.site is not None, loaded.problems
    return loaded.site


def good() -> Site:
    loaded = load(texts_of(GOOD))
    assert loaded.site is not None
    return loaded.site


def test_transfer_is_a_queue_of_one_step() -> None:
    site = with_transfers()
    node = site.hotlines["10086"].flow.nodes[NodeName("anyone")]
    assert isinstance(node, EnterQueue)
    assert (node.queue, node.transfer) == ("transfer/10086/main/anyone", "agent 1002")
    assert node.on == {QueueExit.NO_AGENTS: "her", QueueExit.TIMED_OUT: "sorry"}
    queue = site.queues[node.queue]
    assert (len(queue.steps), queue.wait_ms_max, queue.waiting) == (1, 30_000, None)
    assert [name for name in site.queues if is_transfer_queue(name)] == [
        "transfer/10086/main/anyone",
        "transfer/10086/main/her",
    ]
    assert not is_transfer_queue("transfer/general")


def test_outside_is_known_to_the_flow_by_its_name_alone() -> None:
    site = with_transfers()
    assert site.outside_numbers == {"police": OutsideNumber("police", "+8610110", 30_000)}
    assert site.hotlines["10086"].flow.nodes[NodeName("out")] == TransferOutside(
        "police",
        30_000,
        {
            OutsideExit.FAILED: NodeName("sorry"),
            OutsideExit.NO_ANSWER: NodeName("sorry"),
            OutsideExit.BUSY: NodeName("bye"),
        },
    )


def test_only_the_agent_who_is_meant_has_the_skill_and_only_while_she_is() -> None:
    plain, site = good(), with_transfers()
    told = [each for each in site_events(plain, site) if isinstance(each, AgentChanged)]
    assert [(local_name(each.agent.id), dict(each.agent.skills)) for each in told] == [
        ("1002", {Skill("data"): 3, Skill("general"): 1, Skill("agent:1002"): 1})
    ]
    back = list(site_events(site, plain))
    assert [dict(each.agent.skills) for each in back if isinstance(each, AgentChanged)] == [
        {Skill("data"): 3, Skill("general"): 1}
    ]
    assert [local_name(each.queue) for each in back if isinstance(each, QueueRetired)] == [
        "transfer/10086/main/anyone",
        "transfer/10086/main/her",
    ]
    assert site.agents["1002"].skills == {"data": 3, "general": 1}
    assert list(site_events(site, with_transfers())) == []


def test_longer_wait_is_a_change_of_the_queue_only() -> None:
    site = with_transfers()
    name = "transfer/10086/main/her"
    longer = replace(
        site, queues={**site.queues, name: replace(site.queues[name], wait_ms_max=90_000)}
    )
    (told,) = site_events(site, longer)
    assert isinstance(told, QueueChanged)
    assert told.queue.wait_ms_max == 90_000


def test_another_number_makes_another_version() -> None:
    site = with_transfers()
    other = replace(site, outside_numbers={"police": OutsideNumber("police", "110", 30_000)})
    assert other.version != site.version


def test_picture_tells_to_whom() -> None:
    site = with_transfers()
    picture = picture_of(site.hotlines["10086"], {}, site.queues)
    lines = {box.name: " ".join(box.lines) for box in picture.boxes if box.kind == "transfer"}
    assert lines == {
        "anyone": "puts through to agent 1002 waits up to 30s",
        "her": "puts through to data ≥ 3 waits up to 1m",
        "out": "puts through to police rings up to 30s",
    }


KEYED = HOTLINE.replace(
    "queue: {name: data-expert, priority: 30s}",
    'queue: {name: data-expert, keys: {"1": tips, "*": anyone}}',
).replace("      sorry:", "      tips: {play: welcome, next: expert}\n      sorry:")


def test_keys_of_a_queue_are_ways_and_trap_nobody() -> None:
    loaded = load_with("10086/hotline.yaml", KEYED)
    assert loaded.problems == ()
    assert loaded.site is not None
    flow = loaded.site.hotlines["10086"].flow
    assert [(way.label, way.to) for way in ways_out(flow.nodes[NodeName("expert")])] == [
        ("key 1", "tips"),
        ("key *", "anyone"),
        ("no_agents", "anyone"),
        ("timed_out", "anyone"),
    ]
    assert circles(flow.nodes) == []


def test_endless_play_beside_a_queue_is_still_a_trap() -> None:
    trapped = KEYED.replace("next: expert}", "next: tips}")
    assert "caller-trap" in {
        each.code.value for each in load_with("10086/hotline.yaml", trapped).problems
    }


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('level="gold"', "level= gold"),
        ("a\r\nb\x00c\x7f", "a b c"),
        ("<sip:x@y>;tag=1", "sip:x@y tag=1"),
        ("x" * 200, "x" * CONTEXT_CHARS_MAX),
        ("金卡 \u202e用户", "金卡 用户"),
        ("", ""),
    ],
)
def test_display_shows_one_short_harmless_line(text: str, shown: str) -> None:
    assert displayed(text) == shown


def test_context_names_each_variable_and_leaves_the_empty_ones_out() -> None:
    text = HOTLINE.replace(
        "    start: language\n",
        "    start: language\n    vars: {level: {type: text}, bad: {type: bool}, "
        "tries: {type: int}}\n",
    ).replace("priority: 30s}", "context: [tries, level, bad]}")
    loaded = load_with("10086/hotline.yaml", text)
    assert loaded.site is not None, loaded.problems
    node = loaded.site.hotlines["10086"].flow.nodes[NodeName("expert")]
    assert isinstance(node, EnterQueue)
    assert context_text(node.context, ("", False, 3)) == "tries=3 bad=no"
    assert context_text(node.context, ("gold", True, -1)) == "tries=-1 level=gold bad=yes"
