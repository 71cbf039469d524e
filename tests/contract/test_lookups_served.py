"""An engine as it is started asks a real service for a caller, and writes down what it may."""

import asyncio
from pathlib import Path

import pytest
from service_server import serving

from ivr.app_start import TRACE_FILE, Started, checked_site, open_files, take_up
from ivr.call.effects import AnswerLeg, ReleaseLeg, TelephonyEffect
from ivr.call.events import CallArrived, LegAnswered, LegEnded
from ivr.call.model import LegId
from ivr.prompts.catalogue import load_catalogue
from ivr.settings import EngineSettings
from router.model import ContactId

pytestmark = pytest.mark.contract

NUMBER = "13800138000"
SITE = """\
skills: [general]
devices: {"d001": {}}
agents: {"1001": {name: One, skills: {general: 1}, device: "d001"}}
services:
  customer: {url: "http://127.0.0.1:1/", sends: {number: text}, answers: {level: text}}
"""
HOTLINE = """\
hotline: "10000"
numbers: ["10000"]
languages: [zh-CN]
timezone: Asia/Shanghai
flow: main
flows:
  main:
    start: customer
    vars: {level: {type: text}}
    nodes:
      customer:
        lookup: {service: customer, send: {number: caller}, into: {level: level}}
        next: known
        on: {failed: away}
      known: {hangup: {reason: known}}
      away: {hangup: {reason: away}}
"""


class Line:
    """Stands for Asterisk: who is released is gone, and that ends the test's waiting."""

    def __init__(self) -> None:
        self.started: Started | None = None
        self.released = asyncio.Event()

    def perform(self, effect: TelephonyEffect) -> None:
        assert self.started is not None
        match effect:
            case AnswerLeg(leg):
                self.started.runtime.submit(LegAnswered(leg))
            case ReleaseLeg(leg):
                self.started.runtime.submit(LegEnded(leg, 16))
                self.released.set()
            case _:
                pass


def settings_in(folder: Path, services: dict[str, str]) -> EngineSettings:
    site = folder / "site"
    (site / "10000").mkdir(parents=True)
    (site / "site.yaml").write_text(SITE, encoding="utf-8")
    (site / "10000" / "hotline.yaml").write_text(HOTLINE, encoding="utf-8")
    return EngineSettings(
        site, folder, "127.0.0.1", 1, "app", "user", folder, folder, services=services
    )


async def test_caller_is_known_by_her_number_and_nobody_writes_it_down(tmp_path: Path) -> None:
    async with serving() as server:
        server.says(200, body={"level": "gold"})
        settings = settings_in(tmp_path, {"customer": server.url})
        line = Line()
        with open_files(settings) as files:
            started = line.started = take_up(
                settings, checked_site(settings, load_catalogue()), files, line
            )
            started.begin()
            party = files.store.parties.refer(NUMBER)
            contact = ContactId("c1")
            started.runtime.submit(CallArrived(contact, LegId("c1.0"), "10000", party))
            async with asyncio.timeout(4):
                await line.released.wait()
            await started.lookups.stop()
            started.runtime.finish()
    (seen,) = server.seen
    assert NUMBER.encode() in seen.body
    trace = (tmp_path / TRACE_FILE).read_text(encoding="utf-8")
    assert '"known"' in trace
    assert '"service":"customer"' in trace.replace(" ", "")
    assert NUMBER not in trace


async def test_reload_gives_the_services_anew(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, {})
    with open_files(settings) as files:
        line = Line()
        catalogue = load_catalogue()
        started = line.started = take_up(settings, checked_site(settings, catalogue), files, line)
        started.begin()
        async with serving() as server:
            server.says(200, body={"level": "gold"})
            file = settings.site / "site.yaml"
            text = SITE.replace("http://127.0.0.1:1/", server.url)
            file.write_text(text, encoding="utf-8")
            started.activate(checked_site(settings, catalogue))
            party = files.store.parties.refer(NUMBER)
            arrived = CallArrived(ContactId("c1"), LegId("c1.0"), "10000", party)
            started.runtime.submit(arrived)
            async with asyncio.timeout(4):
                await line.released.wait()
            await started.lookups.stop()
        started.runtime.finish()
    assert len(server.seen) == 1
