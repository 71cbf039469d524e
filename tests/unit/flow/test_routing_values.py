"""What a good site says of routing becomes values, and then the router's."""

import pytest
from site_samples import GOOD, load, texts_of

from ivr.engine.site_events import queue_of, site_events
from ivr.flow.model import EnterQueue, Held, NodeName, Prefer, QueueExit
from ivr.flow.problems import Code
from ivr.flow.routing import (
    AgentFirst,
    AgentsOrder,
    ContactFirst,
    LevelFirst,
    QueueChannel,
    RoutingRules,
)
from ivr.flow.site import Announce, QueueEntry, Site
from router.events import AgentChanged, QueueChanged, RoutingChanged
from router.model import AgentOrder, Channel, ContactOrder, LevelOrder, Routing

pytestmark = pytest.mark.unit

SITE, SHARED, HOTLINE = "site.yaml", "shared/queues.yaml", "10086/hotline.yaml"
DAY_MS = 24 * 3_600_000
WITHOUT_EFFECT = {Code.NOT_ACTED_UPON_YET, Code.QUEUE_EXIT_USELESS, Code.SHARE_USELESS}


def changed(*changes: tuple[str, str, str]) -> Site:
    files = texts_of(GOOD)
    for file, old, new in changes:
        assert files[file].count(old) == 1, old
        files[file] = files[file].replace(old, new)
    loaded = load(files)
    assert {each.code for each in loaded.problems} <= WITHOUT_EFFECT
    assert loaded.site is not None
    return loaded.site


def queue_with(lines: str) -> QueueEntry:
    site = changed((SHARED, "queues:\n  general:\n", f"queues:\n  general:\n    {lines}\n"))
    return site.queues["shared/general"]


def routed(lines: str) -> Site:
    return changed((SITE, "tenant: main\n", f"tenant: main\nrouting: {lines}\n"))


def test_queue_that_says_nothing_has_the_usual_values() -> None:
    queue = changed().queues["shared/general"]
    assert (queue.channel, queue.agents) == (QueueChannel.VOICE, AgentsOrder())
    assert (queue.contact_class, queue.share, queue.expected_wait_ms_max) == (5, 1, None)
    assert queue.wrap_up_ms_max is None
    routes = queue_of(queue)
    assert (routes.channel, routes.levels) == (Channel.VOICE, LevelOrder.ANY)
    assert (routes.agents, routes.announce_expected) == (AgentOrder.LONGEST_IDLE, False)


def test_order_class_and_share_reach_the_router() -> None:
    queue = queue_with("agents: {level: lowest, first: least_occupied}\n    class: 0\n    share: 9")
    assert queue.agents == AgentsOrder(LevelFirst.LOWEST, AgentFirst.LEAST_OCCUPIED)
    routes = queue_of(queue)
    assert (routes.levels, routes.agents) == (LevelOrder.LOWEST, AgentOrder.LEAST_OCCUPIED)
    assert (routes.contact_class, routes.share) == (0, 9)


def test_limit_of_the_expected_wait_reaches_the_router() -> None:
    routes = queue_of(queue_with("limits: {wait: 5m, expected_wait: 90s}"))
    assert (routes.wait_ms_max, routes.expected_wait_ms_max) == (300_000, 90_000)


@pytest.mark.parametrize(
    ("written", "announce", "every_ms", "expected"),
    [
        ("{expected_wait: true}", Announce(True, 30_000, expected_wait=True), 30_000, True),
        (
            "{position: false, expected_wait: true, every: 1m}",
            Announce(False, 60_000, expected_wait=True),
            60_000,
            True,
        ),
        ("{position: true}", Announce(True, 30_000), 30_000, False),
    ],
)
def test_what_is_announced_reaches_the_router(
    written: str, announce: Announce, every_ms: int, expected: bool
) -> None:
    queue = queue_with(f"hold: {{announce: {written}}}")
    assert queue.hold.announce == announce
    routes = queue_of(queue)
    assert (routes.announce_every_ms, routes.announce_expected) == (every_ms, expected)


@pytest.mark.parametrize(
    ("written", "times"),
    [
        ("5s", (5_000, None)),
        ("{time: 5s, max: 2m}", (5_000, 120_000)),
        ("{max: 2m}", (10_000, 120_000)),
        ("{time: 0s}", (0, None)),
    ],
)
def test_wrap_up_is_a_time_or_a_time_and_its_longest(
    written: str, times: tuple[int, int | None]
) -> None:
    routes = queue_of(queue_with(f"wrap_up: {written}"))
    assert (routes.wrap_up_ms, routes.wrap_up_ms_max) == times


def test_chats_of_an_agent_reach_the_router() -> None:
    site = changed((SITE, 'device: "d001"}', 'device: "d001", chats: 3}'))
    assert site.agents["1001"].chats == 3
    told = [each.agent for each in site_events(None, site) if isinstance(each, AgentChanged)]
    assert [each.chats_max for each in told] == [3, 0]


def test_chat_queue_that_no_node_names_is_no_mistake() -> None:
    chats = "queues:\n  web:\n    channel: chat\n    steps: [{require: general}]\n  general:\n"
    chatting = (SITE, 'device: "d001"}', 'device: "d001", chats: 3}')
    site = changed((SHARED, "queues:\n  general:\n", chats), chatting)
    assert queue_of(site.queues["shared/web"]).channel is Channel.CHAT


def test_routing_is_told_first_and_only_when_it_differs() -> None:
    plain, ratio = changed(), routed("{contacts: ratio, waiting: 90, admission: {5: 60%}}")
    assert ratio.routing == RoutingRules(ContactFirst.RATIO, 90, ((5, 60),))
    rules = Routing(ContactOrder.RATIO, 90, {5: 60})
    assert not any(isinstance(each, RoutingChanged) for each in site_events(None, plain))
    first, *others = site_events(None, ratio)
    assert first == RoutingChanged(rules)
    assert all(not isinstance(each, RoutingChanged) for each in others)
    assert any(isinstance(each, QueueChanged) for each in others)
    assert list(site_events(plain, ratio)) == [RoutingChanged(rules)]
    assert list(site_events(ratio, plain)) == [RoutingChanged(Routing())]
    assert list(site_events(ratio, ratio)) == []


def test_version_follows_the_routing() -> None:
    sites = [changed(), routed("{waiting: 90}"), routed("{contacts: fair}")]
    assert len({each.version for each in sites}) == 3
    assert routed("{contacts: oldest}").version == sites[0].version


def queue_node(prefer: str, variables: str = "") -> EnterQueue:
    site = changed(
        (HOTLINE, "    start: language\n", f"    start: language\n{variables}"),
        (HOTLINE, "{name: data-expert, priority: 30s}", f"{{name: data-expert, prefer: {prefer}}}"),
    )
    node = site.hotlines["10086"].flow.nodes[NodeName("expert")]
    assert isinstance(node, EnterQueue)
    return node


def test_last_agent_is_preferred_within_a_week_unless_it_says_otherwise() -> None:
    assert queue_node("{agent: last, for: 15s}").prefer == Prefer(None, 15_000, 7 * DAY_MS)
    within = queue_node("{agent: last, for: 1m, within: 2h}").prefer
    assert within == Prefer(None, 60_000, 7_200_000)


def test_agent_in_a_text_variable_is_preferred() -> None:
    variables = '    vars: {hers: {type: text, default: "1001"}}\n'
    prefer = queue_node("{agent: hers, for: 15s}", variables).prefer
    assert prefer is not None
    assert prefer.agent == Held("hers", 0)


def test_new_ways_out_may_be_left_out_or_written() -> None:
    ways = "no_agents: anyone, timed_out: anyone"
    site = changed((HOTLINE, f"on: {{{ways}}}", f"on: {{{ways}, overload: sorry, crisis: sorry}}"))
    node = site.hotlines["10086"].flow.nodes[NodeName("expert")]
    assert isinstance(node, EnterQueue)
    assert node.on[QueueExit.CRISIS] == "sorry"
    assert QueueExit.EXPECTED_WAIT not in node.on
