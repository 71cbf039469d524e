"""95558 takes an account and its PIN: the bank gets them, and no file on this machine does.

Searched are all files that the engine and Asterisk wrote: journal, records, outbox, trace, logs.
The digits that did enter the engine must be the keys of menus, and nothing else.
"""

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hotline_watch import ask_for, events, heard, outcomes, until
from test_reload import change, reload

from ivr.settings import repository_root
from simulator.live.back_office import BackOffice
from simulator.live.hotline import LiveHotline
from simulator.live.phone import PhoneRack, PlacedCall
from simulator.live.sample_systems import SAMPLE_ACCOUNT, SAMPLE_PIN, sample_systems

pytestmark = pytest.mark.acceptance

WRONG_PIN = "731946"
BANK = "95558"
HEARD_MIN = 0.7


@pytest.fixture
async def office() -> AsyncIterator[BackOffice]:
    """The systems of the sample site."""
    async with BackOffice(sample_systems()) as opened:
        yield opened


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """The sample site, to be changed."""
    copied = tmp_path / "site"
    shutil.copytree(repository_root() / "dialplans", copied)
    return copied


async def key_in(hotline: LiveHotline, call: PlacedCall, node: str, keys: str, *, nth: int) -> None:
    """Key these digits once the caller was led to this node for the nth time."""
    await until(lambda: _came_to(hotline, node) >= nth, seconds=20)
    await call.press(keys)


def _came_to(hotline: LiveHotline, prompt: str) -> int:
    return sum(f"'{prompt}'" in str(each) for each in events(hotline, "PlayPrompts"))


def written(folder: Path) -> Iterator[tuple[Path, bytes]]:
    """Every file of a folder with what stands in it."""
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            yield file, file.read_bytes()


def digits_told(hotline: LiveHotline) -> str:
    """All keys that entered the engine as what they are, in order."""
    lines = (str(each) for each in events(hotline, "DigitReceived"))
    return "".join(line.split("'digit': '")[1][0] for line in lines)


@pytest.mark.parametrize(("key", "language"), [("1", "zh-CN"), ("2", "en-US")])
async def test_account_and_pin_reach_the_bank_and_no_file(
    key: str, language: str, office: BackOffice, tmp_path: Path
) -> None:
    services = {name: office.url_of(name) for name in office.systems}
    async with LiveHotline(tmp_path / "data", services=services) as hotline, PhoneRack() as rack:
        call = await rack.place("13800138000", hotline.uri_of(BANK))
        await call.answered()
        await until(lambda: _came_to(hotline, "choose-language") == 1)
        await call.press(key)
        await until(lambda: _came_to(hotline, "bank/services") == 1, seconds=20)
        await call.press("1")
        # The PIN is wrong at first: all is asked for once more.
        await key_in(hotline, call, "bank/ask-account", SAMPLE_ACCOUNT + "#", nth=1)
        await key_in(hotline, call, "bank/ask-pin", WRONG_PIN + "#", nth=1)
        await key_in(hotline, call, "bank/ask-account", SAMPLE_ACCOUNT + "#", nth=2)
        await key_in(hotline, call, "bank/ask-pin", SAMPLE_PIN + "#", nth=2)
        await until(lambda: _came_to(hotline, "bank/anything-else"), seconds=30)
        await call.hang_up()
        await call.ended()
        await until(lambda: outcomes(hotline))
        assert heard(call, f"{language}/bank/your-balance") > HEARD_MIN
        assert [each["pin"] for each in office.asked("bank")] == [WRONG_PIN, SAMPLE_PIN]
        assert {str(each["account"]) for each in office.asked("bank")} == {SAMPLE_ACCOUNT}
        assert digits_told(hotline) == f"{key}1"
        await hotline.stop_engine()
        searched = 0
        for folder in (hotline.data_dir, hotline.run_dir):
            for file, content in written(folder):
                searched += len(content)
                for secret in (SAMPLE_ACCOUNT, SAMPLE_PIN, WRONG_PIN, SAMPLE_ACCOUNT[:8]):
                    assert secret.encode() not in content, file
        assert searched > 10_000


async def restarted(hotline: LiveHotline, *, killed: bool) -> None:
    """Another engine goes on with the calls; it asks them anew."""
    asked = len(events(hotline, "PlayPrompts"))
    await (hotline.kill_engine() if killed else hotline.stop_engine())
    await hotline.start_engine()
    await until(lambda: len(events(hotline, "PlayPrompts")) > asked, seconds=20)


@pytest.mark.parametrize("killed", [True, False])
async def test_pin_keyed_on_after_a_restart_stands_nowhere(
    *, killed: bool, office: BackOffice, tmp_path: Path
) -> None:
    services = {name: office.url_of(name) for name in office.systems}
    async with LiveHotline(tmp_path / "data", services=services) as hotline, PhoneRack() as rack:
        call = await ask_for(hotline, rack, "13800138000", "1", number=BANK)
        await until(lambda: _came_to(hotline, "bank/services") == 1, seconds=20)
        await call.press("1")
        await key_in(hotline, call, "bank/ask-account", SAMPLE_ACCOUNT + "#", nth=1)
        await until(lambda: _came_to(hotline, "bank/ask-pin") == 1, seconds=20)
        await call.press(WRONG_PIN[:2])
        await restarted(hotline, killed=killed)
        await call.press(WRONG_PIN[2:])
        await until(lambda: len(events(hotline, "KeyHidden")) >= len(WRONG_PIN[2:]))
        # She hears the question of the new engine out, and is understood as ever.
        await until(lambda: "'at_once': True" in str(events(hotline, "LiftShield")), seconds=30)
        await call.press("1")
        await until(lambda: _came_to(hotline, "bank/services") == 2, seconds=20)
        await call.hang_up()
        await call.ended()
        await until(lambda: len(outcomes(hotline)) == 2)
        assert digits_told(hotline) == "111"
        await hotline.stop_engine()
        found = b"".join(content for _, content in written(hotline.data_dir))
        assert b'"digit":"1"' in found.replace(b" ", b"")
        for digit in set(WRONG_PIN) - {"1"}:
            assert f'"digit":"{digit}"'.encode() not in found.replace(b" ", b"")


async def test_site_changed_between_account_and_pin_does_not_ask_twice(
    office: BackOffice, site: Path, tmp_path: Path
) -> None:
    services = {name: office.url_of(name) for name in office.systems}
    async with (
        LiveHotline(tmp_path / "data", site=site, services=services) as hotline,
        PhoneRack() as rack,
    ):
        call = await rack.place("13800138000", hotline.uri_of(BANK))
        await call.answered()
        await until(lambda: _came_to(hotline, "choose-language") == 1)
        await call.press("1")
        await until(lambda: _came_to(hotline, "bank/services") == 1, seconds=20)
        await call.press("1")
        await key_in(hotline, call, "bank/ask-account", SAMPLE_ACCOUNT + "#", nth=1)
        await until(lambda: _came_to(hotline, "bank/ask-pin") == 1, seconds=20)
        await call.press(SAMPLE_PIN[:3])
        # Key 2 means nothing there; changed, it says goodbye.
        change(
            site / BANK / "hotline.yaml",
            'choices: {"1": services, "0": expert}',
            'choices: {"1": services, "2": goodbye, "0": expert}',
        )
        said = await reload(hotline)
        assert (said.status, said.document["result"]) == (0, "activated"), said
        await call.press(SAMPLE_PIN[3:] + "#")
        await until(lambda: _came_to(hotline, "bank/anything-else"), seconds=30)
        await call.press("2")
        await until(lambda: _came_to(hotline, "nomatch"))
        assert len(office.asked("bank")) == 1
        await call.hang_up()
        await call.ended()
        late = await ask_for(hotline, rack, "13800138001", "1", number=BANK)
        await until(lambda: _came_to(hotline, "bank/services") == 2, seconds=20)
        await late.press("1")
        await key_in(hotline, late, "bank/ask-account", SAMPLE_ACCOUNT + "#", nth=2)
        await key_in(hotline, late, "bank/ask-pin", SAMPLE_PIN + "#", nth=2)
        await until(lambda: _came_to(hotline, "bank/anything-else") == 3, seconds=30)
        await late.press("2")
        await late.ended(20)
        await until(lambda: len(outcomes(hotline)) == 2)
        assert heard(late, "zh-CN/goodbye") > HEARD_MIN
