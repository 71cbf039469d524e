"""The store is asked who served a number only where some flow has a use for it."""

from dataclasses import replace
from typing import cast

import pytest

from ivr.adapters.store.last_served import LastServed, Served
from ivr.app_last_served import LastServedOfSite, prefers_last
from ivr.flow.model import EnterQueue, Flow, HangUp, Held, Hotline, Language, NodeName, Prefer
from ivr.flow.site import Site

pytestmark = pytest.mark.unit

END = NodeName("end")


def site(prefer: Prefer | None) -> Site:
    nodes = {NodeName("wait"): EnterQueue("h/q", 0, {}, prefer=prefer), END: HangUp()}
    flow = Flow("main", NodeName("wait"), nodes)
    line = Hotline("h", ("1",), (Language("en-US"),), "UTC", flow)
    return Site("main", {"h": line}, {}, {}, {}, ())


LAST, NAMED = Prefer(None, 1_000, 1_000), Prefer(Held("hers", 0), 1_000, 1_000)


class Store:
    """Counts who is asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def of(self, number: str) -> Served | None:
        self.asked.append(number)
        return Served("main:lin", 7)


@pytest.mark.parametrize(("prefer", "asks"), [(LAST, True), (NAMED, False), (None, False)])
def test_only_a_flow_that_prefers_the_last_agent_asks(prefer: Prefer | None, asks: bool) -> None:
    assert prefers_last(site(prefer)) is asks


def test_changed_site_changes_what_is_asked() -> None:
    store = Store()
    served = LastServedOfSite(site(None), cast("LastServed", store))
    assert served.of("110") is None
    now = site(LAST)
    served.site = lambda: now
    assert served.of("110") == ("main:lin", 7)
    served.site = lambda: replace(now, hotlines={})
    assert served.of("110") is None
    assert store.asked == ["110"]
