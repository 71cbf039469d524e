"""Which devices can be rung: the list at the start, and the news since."""

from typing import Any

import fake_ari
import pytest
from engine_harness import DEVICE, engine_on
from fake_ari import FakeAri

from ivr.adapters.ari import devices

pytestmark = pytest.mark.contract

LISTED = [{"technology": "PJSIP", "resource": "agent-1", "state": "offline"}]


def news(status: str, uri: str = "sip:x") -> dict[str, Any]:
    return {
        "type": "ContactStatusChange",
        "endpoint": LISTED[0],
        "contact_info": {"uri": uri, "aor": "agent-1", "contact_status": status},
    }


async def test_news_of_a_device_wins_over_the_older_list() -> None:
    async with FakeAri() as server:
        server.when("GET", "endpoints/PJSIP", (200, LISTED))
        gate = server.holding("GET", "endpoints/PJSIP")
        async with engine_on(server) as engine:
            await server.until(lambda: "endpoints/PJSIP" in server.paths("GET"))
            await server.device_lines[-1].send_json(news("Reachable"))
            await server.until(lambda: engine.reachable == [(DEVICE, True)])
            gate.set()
            await server.until(lambda: server.http_now == 0)
            await engine.settled()
            assert engine.reachable == [(DEVICE, True)]
            await server.device_lines[-1].send_json(news("Unreachable"))
            await server.until(lambda: engine.reachable[-1] == (DEVICE, False))


async def test_phone_that_registers_anew_elsewhere_stays_reachable() -> None:
    """Measured: the new contact is created before the old one is removed."""
    async with FakeAri() as server:
        server.when("GET", "endpoints/PJSIP", (200, LISTED))
        async with engine_on(server) as engine:
            await server.until(lambda: engine.reachable == [(DEVICE, False)])
            line = server.device_lines[-1]
            for status, uri in (
                ("Reachable", "sip:old"),
                ("Created", "sip:new"),
                ("Removed", "sip:old"),
            ):
                await line.send_json(news(status, uri))
            await engine.settled()
            await server.until(lambda: engine.reachable[-1] == (DEVICE, True))
            await line.send_json(news("Removed", "sip:new"))
            await server.until(lambda: engine.reachable[-1] == (DEVICE, False))
            assert engine.reachable == [(DEVICE, False), (DEVICE, True), (DEVICE, False)]


async def test_refused_subscription_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "RETRY_S", 0.01)
    async with FakeAri() as server:
        server.when("GET", "endpoints/PJSIP", (200, LISTED))
        server.when("POST", "subscription", (404, None), (503, None), (204, None))
        async with engine_on(server) as engine:
            await server.until(lambda: engine.reachable == [(DEVICE, False)])
            assert engine.noted("devices_not_watched") == []


async def test_subscription_refused_for_good_is_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "RETRY_S", 0.001)
    async with FakeAri() as server:
        server.when("PUT", "eventFilter", (404, None))
        async with engine_on(server) as engine:
            await server.until(lambda: bool(engine.noted("devices_not_watched")))
            app = f"applications/{fake_ari.APP}-devices/eventFilter"
            assert server.paths("PUT").count(app) == devices.ATTEMPTS_MAX


async def test_device_that_asterisk_has_no_more_can_be_rung_no_more() -> None:
    """After a change of its configuration the list is asked for anew."""
    async with FakeAri() as server:
        server.when("GET", "endpoints/PJSIP", (200, LISTED))
        async with engine_on(server) as engine:
            await server.until(lambda: engine.reachable == [(DEVICE, False)])
            await server.device_lines[-1].send_json(news("Reachable"))
            await server.until(lambda: engine.reachable[-1] == (DEVICE, True))
            assert await engine.telephony.known_devices() == {"agent-1"}
            assert engine.reachable[-1] == (DEVICE, True)
            server.when("GET", "endpoints/PJSIP", (200, []))
            assert await engine.telephony.known_devices() == frozenset()
            assert engine.reachable[-1] == (DEVICE, False)
            server.when("GET", "endpoints/PJSIP", (503, []))
            assert await engine.telephony.known_devices() is None


async def test_devices_are_read_anew_by_one_module() -> None:
    async with FakeAri() as server, engine_on(server) as engine:
        server.when("PUT", "asterisk/modules/res_pjsip.so", (204, None))
        assert await engine.telephony.reload_devices()
        assert server.paths("PUT")[-1] == "asterisk/modules/res_pjsip.so"
