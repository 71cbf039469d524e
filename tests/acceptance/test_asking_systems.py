"""10086 asks another system while the caller is on the line: well, slow, wrong, broken and down."""

from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
from hotline_watch import AUDIO, ask_for, events, heard, outcomes, until

from ivr.flow.model import SayAs
from ivr.flow.saying import spoken
from simulator.live import hearing
from simulator.live.back_office import BackOffice, Mood
from simulator.live.hotline import LiveHotline
from simulator.live.phone import PhoneRack, PlacedCall
from simulator.live.sample_systems import GOLD_BALANCE, sample_systems

pytestmark = pytest.mark.acceptance

GOLD, UNKNOWN = "13800138008", "13800138009"
HEARD_MIN, OTHER_MAX = 0.7, 0.6


@pytest.fixture
async def office() -> AsyncIterator[BackOffice]:
    """The systems of the sample site."""
    async with BackOffice(sample_systems()) as opened:
        yield opened


def services_at(office: BackOffice) -> dict[str, str]:
    """Where the engine is to ask instead of where the site says."""
    return {name: office.url_of(name) for name in office.systems}


def sum_heard(call: PlacedCall, amount: int, language: str) -> float:
    """How alike this sum of money, spoken in this language, and its best place in the call are."""
    keys = spoken(SayAs.MONEY, amount, language)
    assert keys is not None
    parts = [hearing.read_alaw(AUDIO / language / f"{key}.alaw") for key in keys]
    recording = hearing.read_wav(call.recording)
    return hearing.normalised_correlation(recording, np.concatenate(parts)).score


@pytest.mark.parametrize(("key", "language"), [("1", "zh-CN"), ("2", "en-US")])
async def test_caller_hears_her_own_balance(
    key: str, language: str, office: BackOffice, tmp_path: Path
) -> None:
    services = services_at(office)
    async with (
        LiveHotline(tmp_path / "data", services=services) as hotline,
        PhoneRack() as rack,
    ):
        call = await ask_for(hotline, rack, GOLD, f"{key}5")
        await until(lambda: "bill/choices" in str(events(hotline, "PlayPrompts")[-1:]), seconds=20)
        await call.hang_up()
        await call.ended()
        await until(lambda: outcomes(hotline))
        assert office.asked("customer") == [{"number": GOLD}]
        assert heard(call, f"{language}/bill/your-balance") > HEARD_MIN
        right, wrong = (sum_heard(call, fen, language) for fen in (GOLD_BALANCE, GOLD_BALANCE + 30))
        assert right > HEARD_MIN, (right, wrong)
        assert wrong < right - 0.1, (right, wrong)
        assert GOLD not in hotline.trace_file.read_text(encoding="utf-8")


async def test_caller_of_a_sick_system_is_told_so_and_goes_on_to_an_expert(
    office: BackOffice, tmp_path: Path
) -> None:
    services = services_at(office)
    customer = office.systems["customer"]
    async with (
        LiveHotline(tmp_path / "data", services=services) as hotline,
        PhoneRack() as rack,
    ):
        for mood in (Mood.SLOW, Mood.WRONG, Mood.BROKEN, None):
            customer.mood = mood or Mood.WELL
            if mood is None:
                await office.close()
            before = len(events(hotline, "PromiseCallback"))
            call = await ask_for(hotline, rack, GOLD, "15")
            # Nobody is signed in: after the apology the caller is promised a call.
            await until(
                lambda before=before: len(events(hotline, "PromiseCallback")) > before, seconds=20
            )
            await call.hang_up()
            await call.ended()
            assert heard(call, "zh-CN/not-available") > HEARD_MIN, mood
        await until(lambda: len(outcomes(hotline)) == 4)
        assert set(outcomes(hotline)) == {"work_order"}
        told = str(events(hotline, "LookupAnswered"))
        assert told.count("failed") == 4, told
