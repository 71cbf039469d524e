"""What agents may transfer to: read from site.yaml, and laid out as queues like any other."""

import pytest
from site_samples import GOOD, codes_of, load, load_with, texts_of

from ivr.call.effects import QueueContact
from ivr.engine.queued import contact_queued
from ivr.engine.site_events import site_events
from ivr.flow.changes import differences
from ivr.flow.site import DeskTransfers, Site, TalkKeys, TransferTarget
from router.core import Router
from router.effects import OfferContact, OverflowContact
from router.events import (
    AgentChanged,
    DeviceReachabilityChanged,
    OfferAccepted,
    PresenceRequested,
    QueueChanged,
    TimerFired,
)
from router.model import (
    AgentId,
    ContactId,
    DeviceId,
    Millis,
    Origin,
    PresenceChange,
    QueueId,
    RequestId,
    Skill,
    local_name,
    qualified,
)

pytestmark = pytest.mark.unit

C1, C2 = ContactId("main:c1"), ContactId("main:c2")

SITE = texts_of(GOOD)["site.yaml"]
TRANSFERS = """\
transfers:
  consult: "*5"
  targets:
    "1": {queue: 10086/data-expert}
    "22": {expert: "data >= 3", wait: 40s}
    "3": {agent: "1001"}
"""


def with_transfers(text: str = TRANSFERS) -> Site:
    loaded = load_with("site.yaml", SITE + text)
    assert loaded.site is not None, loaded.problems
    assert loaded.problems == ()
    return loaded.site


def test_targets_are_queues_by_what_is_dialled() -> None:
    assert with_transfers().desk_transfers == DeskTransfers(
        TalkKeys(consult="*5", blind="*3", complete="*4", cancel="*1"),
        {
            "1": TransferTarget("10086/data-expert"),
            "22": TransferTarget("transfer/desk/targets/22"),
            "3": TransferTarget("transfer/desk/agents/1001"),
        },
    )


def test_site_without_transfers_has_none_and_no_queue_more() -> None:
    loaded = load(texts_of(GOOD))
    assert loaded.site is not None
    assert loaded.site.desk_transfers is None
    assert not any(name.startswith("transfer/") for name in loaded.site.queues)


def test_expert_and_agent_are_queues_of_one_step() -> None:
    queues = with_transfers().queues
    expert, agent = queues["transfer/desk/targets/22"], queues["transfer/desk/agents/1001"]
    assert [each.requirement.alternatives for each in expert.steps] == [({"data": 3},)]
    assert (expert.wait_ms_max, agent.wait_ms_max) == (40_000, 30_000)
    assert [each.requirement.alternatives for each in agent.steps] == [({"agent:1001": 1},)]


def test_every_agent_has_a_queue_to_return_to() -> None:
    site = with_transfers("transfers: {}\n")
    assert site.desk_transfers == DeskTransfers()
    returning = [name for name in site.queues if name.startswith("transfer/desk/agents/")]
    assert returning == ["transfer/desk/agents/1001", "transfer/desk/agents/1002"]
    assert {site.queues[name].wait_ms_max for name in returning} == {30_000}


def test_agents_are_targets_by_name_where_the_site_says_so() -> None:
    transfers = with_transfers(f"{TRANSFERS}  agents: true\n").desk_transfers
    assert transfers is not None
    assert transfers.targets["1002"] == TransferTarget("transfer/desk/agents/1002")
    assert set(transfers.targets) == {"1", "22", "3", "1001", "1002"}


def test_router_is_told_the_queues_and_no_agent_gets_a_skill_of_her_own() -> None:
    told = list(site_events(None, with_transfers()))
    queues = [local_name(each.queue.id) for each in told if isinstance(each, QueueChanged)]
    assert queues == [
        "10086/data-expert",
        "shared/general",
        "transfer/desk/targets/22",
        "transfer/desk/agents/1001",
        "transfer/desk/agents/1002",
    ]
    agents = [each.agent for each in told if isinstance(each, AgentChanged)]
    assert [Skill(f"agent:{local_name(each.id)}") in each.skills for each in agents] == [False] * 2


def test_caller_sent_to_an_agent_waits_for_her_alone() -> None:
    her = QueueId("main:transfer/desk/agents/1002")
    router = Router()
    for event in site_events(None, with_transfers()):
        router.handle(event, 0)
    for agent in ("1001", "1002"):
        device = DeviceId(qualified(f"d00{agent[-1]}"))
        router.handle(DeviceReachabilityChanged(device, True), 0)
        here = AgentId(qualified(agent))
        router.handle(
            PresenceRequested(
                RequestId(agent), PresenceChange.SIGN_IN, here, None, None, Origin.COMMAND
            ),
            0,
        )
    (offer,) = router.handle(contact_queued(QueueContact(C1, her, 0, 7)), 1)
    assert isinstance(offer, OfferContact)
    assert (offer.contact, offer.agent) == (C1, "main:1002")
    router.handle(OfferAccepted(offer.offer), 2)
    assert router.handle(contact_queued(QueueContact(C2, her, 0)), 2) == []
    given_up: list[tuple[ContactId, Millis]] = []
    while (due := router.next_deadline()) is not None and due <= 30_002:
        effects = router.handle(TimerFired(), due)
        given_up += [(each.contact, due) for each in effects if isinstance(each, OverflowContact)]
    assert given_up == [(C2, 30_002)]


def test_other_keys_are_a_change_of_the_site_and_another_version() -> None:
    old, new = with_transfers(), with_transfers(TRANSFERS.replace('"*5"', '"*6"'))
    assert old.version != new.version
    assert [str(each) for each in differences(old, new)] == ["site main changed: transfers"]


def test_queue_that_only_agents_transfer_to_is_in_use() -> None:
    queues = texts_of(GOOD)["10086/queues.yaml"]
    files = {
        **texts_of(GOOD),
        "10086/queues.yaml": f'{queues}  extra: {{steps: [{{require: "data"}}]}}\n',
    }
    assert codes_of(load(files)) == ["unused-queue"]
    files["site.yaml"] = SITE + 'transfers: {targets: {"1": {queue: 10086/extra}}}\n'
    assert codes_of(load(files)) == []


def test_queue_of_chats_is_no_target() -> None:
    queues = texts_of(GOOD)["10086/queues.yaml"]
    files = {
        **texts_of(GOOD),
        "10086/queues.yaml": f'{queues}  chat: {{channel: chat, steps: [{{require: "data"}}]}}\n',
        "site.yaml": SITE + 'transfers: {targets: {"1": {queue: 10086/chat}}}\n',
    }
    assert "queue-not-for-voice" in codes_of(load(files))


def test_queue_in_a_file_that_could_not_be_read_is_not_blamed() -> None:
    files = {**texts_of(GOOD), "10086/queues.yaml": "queues: [\n", "site.yaml": SITE + TRANSFERS}
    assert codes_of(load(files)) == ["yaml-syntax"]


def test_transfer_node_of_the_name_of_a_target_is_an_error() -> None:
    files = texts_of(GOOD)
    node = '      "22": {transfer: {agent: "1002", wait: 30s}, on: {no_agents: sorry, '
    hotline = files.pop("10086/hotline.yaml").replace("main", "targets")
    hotline = hotline.replace("hotline: 10086", "hotline: desk").replace('"10086"', '"10087"')
    before, _, rest = hotline.partition("      sorry:")
    hotline = f"{before}{node}timed_out: sorry}}}}\n      sorry:{rest}"
    files["desk/hotline.yaml"] = hotline.replace("next: expert", 'next: "22"')
    files["desk/queues.yaml"] = files.pop("10086/queues.yaml")
    files["site.yaml"] += TRANSFERS.replace("10086/", "desk/")
    assert "bad-name" in codes_of(load(files))


def test_thousand_targets_are_too_many() -> None:
    lines = "".join(f'    "{each}": {{expert: "data"}}\n' for each in range(1_001))
    assert codes_of(load_with("site.yaml", f"{SITE}transfers:\n  targets:\n{lines}")) == [
        "out-of-range"
    ]
