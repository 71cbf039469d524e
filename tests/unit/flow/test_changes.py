"""What a reload tells its author: each thing that differs, by its name and its keys."""

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any, TypeVar

import pytest
from site_samples import GOOD, load, texts_of

from ivr.flow.changes import differences
from ivr.flow.model import HangUp, Hotline, NodeName
from ivr.flow.routing import RoutingRules
from ivr.flow.services import Method, Service
from ivr.flow.site import (
    AgentEntry,
    DeskTransfers,
    DeviceEntry,
    FeatureCodes,
    OutsideNumber,
    Site,
    TalkKeys,
)
from ivr.flow.zone import Zone

pytestmark = pytest.mark.unit

T = TypeVar("T")


@pytest.fixture
def site() -> Site:
    """The good site of the loader's tests."""
    found = load(texts_of(GOOD)).site
    assert found is not None
    return found


def told(old: Site, new: Site) -> list[str]:
    return [str(each) for each in differences(old, new)]


def put(known: Mapping[str, T], name: str, value: T) -> dict[str, T]:
    return {**known, name: value}


def hotline_of(site: Site) -> tuple[str, Hotline]:
    return next(iter(site.hotlines.items()))


def test_equal_sites_differ_in_nothing(site: Site) -> None:
    again = load(texts_of(GOOD)).site
    assert again is not None
    assert again.version == site.version
    assert told(site, again) == []


def test_node_is_told_by_hotline_and_name(site: Site) -> None:
    name, hotline = hotline_of(site)
    nodes = dict(hotline.flow.nodes)
    gone = list(nodes)[-1]
    del nodes[gone]
    nodes[NodeName("zz-new")] = HangUp()
    changed = replace(hotline, flow=replace(hotline.flow, nodes=nodes))
    new = replace(site, hotlines=put(site.hotlines, name, changed))
    assert told(site, new) == [f"node {name}/{gone} removed", f"node {name}/zz-new added"]


def test_node_of_another_kind_is_told_without_keys(site: Site) -> None:
    name, hotline = hotline_of(site)
    start = hotline.flow.start
    nodes = {**hotline.flow.nodes, start: HangUp()}
    changed = replace(hotline, flow=replace(hotline.flow, nodes=nodes))
    new = replace(site, hotlines=put(site.hotlines, name, changed))
    assert told(site, new) == [f"node {name}/{start} changed"]


def test_hotline_is_told_by_the_keys_of_its_file(site: Site) -> None:
    name, hotline = hotline_of(site)
    flow = replace(hotline.flow, start=NodeName("elsewhere"))
    changed = replace(hotline, numbers=("1",), timezone="UTC", flow=flow)
    new = replace(site, hotlines=put(site.hotlines, name, changed))
    assert told(site, new) == [f"hotline {name} changed: numbers, timezone, flow"]
    assert told(site, replace(site, hotlines={})) == [
        f"hotline {each} removed" for each in sorted(site.hotlines)
    ]


def test_queue_and_agent_are_told_by_the_keys_of_their_files(site: Site) -> None:
    queue = next(iter(site.queues))
    slower = replace(site.queues[queue], ring_ms_max=1, wait_ms_max=2, wrap_up_ms=3, misses_max=4)
    agent = next(iter(site.agents))
    promoted = replace(site.agents[agent], title="Chief", skills={}, device="elsewhere")
    new = replace(
        site,
        queues=put(site.queues, queue, slower),
        agents=put(put(site.agents, agent, promoted), "zed", AgentEntry("zed", "Zed", {})),
        devices=put(site.devices, "zed-desk", DeviceEntry("zed-desk")),
    )
    assert told(site, new) == [
        f"queue {queue} changed: ring, limits.wait, wrap_up, misses",
        f"agent {agent} changed: name, skills, device",
        "agent zed added",
        "device zed-desk added",
    ]


def test_skills_codes_and_reasons_are_told_by_name(site: Site) -> None:
    old = replace(site, skills=("a", "b"), pause_reasons={"1": "lunch", "2": "rest"})
    new = replace(
        site,
        skills=("c", "a"),
        pause_reasons={"1": "meal", "3": "rest"},
        feature_codes=replace(FeatureCodes(), pause="*99"),
    )
    assert told(old, replace(old, skills=("b", "a"))) == []
    assert told(old, new)[-6:] == [
        "skill b removed",
        "skill c added",
        "feature code pause changed",
        "pause reason 1 changed",
        "pause reason 2 removed",
        "pause reason 3 added",
    ]


def other(value: Any) -> Any:
    """A value that is not this one; what it means is of no matter."""
    match value:
        case str():
            return f"{value}x"
        case tuple():
            return (*value, "x")
        case Mapping():
            return {}
        case FeatureCodes():
            return FeatureCodes(sign_in="*98")
        case DeskTransfers():
            return DeskTransfers(TalkKeys(consult="*98"))
        case RoutingRules():
            return RoutingRules(waiting=7)
        case Zone():
            return Zone("UTC", (0,))
        case _:
            raise AssertionError(f"give the test another {type(value).__name__}")


def test_no_field_of_a_site_can_change_untold(site: Site) -> None:
    outside = {"police": OutsideNumber("police", "110", 30_000)}
    service = Service("customer", "http://127.0.0.1/", Method.POST, 800, 0, 0)
    old = replace(
        site,
        pause_reasons={"1": "lunch"},
        outside_numbers=outside,
        services={service.name: service},
        desk_transfers=DeskTransfers(),
    )
    for each in fields(Site):
        if not each.init or each.name == "skills":
            continue
        new = replace(old, **{each.name: other(getattr(old, each.name))})
        assert new.version != old.version
        assert told(old, new), f"nothing is told of {each.name}"
