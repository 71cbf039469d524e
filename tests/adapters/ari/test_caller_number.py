"""A caller whose number was withheld is not taken for a known one."""

import pytest
from engine_harness import engine_on
from fake_ari import FakeAri

from ivr.adapters.ari.caller_number import is_known

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
