"""The clock on the wall reaches the flow by the row alone, in life as in a replay."""

from dataclasses import replace

import pytest
from small_site import EN, PARTY, site

from ivr.call.events import CallArrived, LegAnswered
from ivr.call.model import LegId
from ivr.engine.codec import as_written
from ivr.engine.driver import Driver, EngineEvent, SiteActivated
from ivr.engine.recover import Replay
from ivr.engine.rows import JournalEntry, JournalRow
from ivr.engine.turn import take
from ivr.flow.model import Flow, HangUp, Hotline, Hours, NodeName
from ivr.flow.opening import Calendar, Opening, Span
from ivr.flow.site import Site
from ivr.flow.zone import Zone
from router.model import ContactId

pytestmark = pytest.mark.unit

N = NodeName
HOUR_MS = 3_600_000
MORNING, EVENING = 9 * HOUR_MS, 20 * HOUR_MS
LEG = LegId("c1.0")


def open_in_the_morning() -> Site:
    mornings = Calendar("mornings", Zone("UTC", (0,)), ((Span(0, 720),),) * 7, {})
    ways = {Opening.OPEN: N("open"), Opening.CLOSED: N("closed")}
    nodes = {
        N("hours"): Hours(mornings, ways),
        N("open"): HangUp((), reason="open"),
        N("closed"): HangUp((), reason="closed"),
    }
    line = Hotline("10086", ("10086",), (EN,), "UTC", Flow("main", N("hours"), nodes))
    return replace(site(), hotlines={"10086": line})


def lived(here: Site, wall: int) -> tuple[str, list[JournalRow]]:
    """A call at this hour: where it came to, and its rows."""
    driver = Driver({here.version: here})
    call = CallArrived(ContactId("c1"), LEG, "10086", PARTY)
    events: tuple[EngineEvent, ...] = (SiteActivated(here.version), call, LegAnswered(LEG))
    rows: list[JournalRow] = []
    for at, event in enumerate(events):
        _, kind, body = as_written(event)
        taken = take(driver, event, at, wall=wall)
        entry = JournalEntry("node:n1", at, wall, "core-1", kind, body, taken.digest)
        rows.append(JournalRow(at + 1, 1, "n1", entry))
    (contact,) = driver.calls.snapshot().contacts
    assert contact.flow is not None
    return contact.flow.node, rows


@pytest.mark.parametrize(("wall", "met"), [(MORNING, "open"), (EVENING, "closed")])
def test_hour_of_the_row_decides_and_a_replay_at_any_hour_agrees(wall: int, met: str) -> None:
    here = open_in_the_morning()
    node, rows = lived(here, wall)
    assert node == met
    sites = {here.version: here}
    replay = Replay(Driver(sites), sites, 0)
    assert all(each.same for each in replay.run(rows))
    (contact,) = replay.driver.calls.snapshot().contacts
    assert contact.flow is not None
    assert contact.flow.node == met


def test_row_of_another_hour_leads_elsewhere() -> None:
    here = open_in_the_morning()
    _, rows = lived(here, MORNING)
    later = [replace(row, entry=replace(row.entry, wall=EVENING)) for row in rows]
    sites = {here.version: here}
    replay = Replay(Driver(sites), sites, 0)
    list(replay.run(later))
    (contact,) = replay.driver.calls.snapshot().contacts
    assert contact.flow is not None
    assert contact.flow.node == "closed"
