"""A caller whose number was withheld is not taken for a known one."""

import pytest
from engine_harness import engine_on
from fake_ari import FakeAri

from ivr.adapters.ari.caller_number import is_known
from router.model import AgentId

pytestmark = pytest.mark.contract


@pytest.mark.parametrize("number", ["", "  ", "anonymous", "Anonymous", "unknown", "RESTRICTED"])
def test_withheld_number_is_not_known(number: str) -> None:
    assert not is_known(number)


@pytest.mark.parametrize("number", ["13800138000", "+8613800138000", "110", "d001"])
def test_number_that_came_is_known(number: str) -> None:
    assert is_known(number)


@pytest.mark.parametrize(("number", "known"), [("anonymous", False), ("13900000001", True)])
async def test_arrival_says_whether_its_number_came(number: str, known: bool) -> None:
    async with FakeAri() as server, engine_on(server) as engine:
        await engine.arriving(number=number)
        assert engine.arrivals()[-1].caller_known is known


async def test_arrival_tells_who_served_the_number_last() -> None:
    served = {"13900000001": (AgentId("main:lin"), 5_000)}
    async with FakeAri() as server, engine_on(server) as engine:
        engine.last_served.update(served)
        await engine.arriving(number="13900000001")
        told = engine.arrivals()[-1]
        assert (told.last_agent, told.last_agent_ago_ms) == served["13900000001"]


async def test_nobody_is_looked_for_by_a_number_that_is_none() -> None:
    async with FakeAri() as server, engine_on(server) as engine:
        engine.last_served["anonymous"] = (AgentId("main:lin"), 5_000)
        await engine.arriving(number="anonymous")
        assert engine.arrivals()[-1].last_agent is None
