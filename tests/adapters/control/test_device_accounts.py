"""Asterisk's devices after a change of the site: done where it can be done, told where not."""

import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ivr.adapters.conf.render import DEVICES_FILE
from ivr.adapters.device_accounts import DeviceAccounts

pytestmark = pytest.mark.unit


@dataclass
class FakeLine:
    """An Asterisk that reads the file of devices when it is told to."""

    file: Path
    devices: frozenset[str] | None = frozenset({"trunk", "desk-1"})
    reads: bool = True
    reloads: list[str] = field(default_factory=list[str])

    async def known_devices(self) -> frozenset[str] | None:
        return self.devices

    async def reload_devices(self) -> bool:
        text = self.file.read_text(encoding="utf-8")
        self.reloads.append(text)
        if self.reads:
            found = re.findall(r"^\[([a-z0-9-]+)\]", text, re.MULTILINE)
            self.devices = frozenset({"trunk", *found})
        return self.reads


@pytest.fixture
def line(tmp_path: Path) -> FakeLine:
    file = tmp_path / "conf" / DEVICES_FILE
    file.parent.mkdir()
    file.touch()
    return FakeLine(file)


def accounts(line: FakeLine) -> DeviceAccounts:
    return DeviceAccounts(line.file.parents[1], line)


async def test_equal_devices_touch_nothing(line: FakeLine) -> None:
    assert await accounts(line).match({"desk-1"}, set()) == ()
    assert line.reloads == []


async def test_new_device_is_given_to_asterisk_and_its_password_told_by_place(
    line: FakeLine,
) -> None:
    (said,) = await accounts(line).match({"desk-2", "desk-1"}, set())
    assert said.startswith("Asterisk knows desk-2 from now on; the password")
    assert "secrets.json" in said
    assert len(line.reloads) == 1
    assert "desk-1" in line.reloads[0]
    assert line.file.stat().st_mode & 0o077 == 0


async def test_device_that_is_gone_is_taken_away_without_a_word(line: FakeLine) -> None:
    line.devices = frozenset({"trunk", "desk-1", "desk-2"})
    assert await accounts(line).match({"desk-1"}, {"desk-2"}) == ()
    assert "desk-2" not in line.reloads[0]


async def test_asterisk_of_another_folder_is_told_of_in_one_sentence(line: FakeLine) -> None:
    line.file.unlink()
    (said,) = await accounts(line).match({"desk-1", "desk-2", "desk-3"}, set())
    assert said.startswith("Asterisk does not know desk-2, desk-3 yet (there is no pjsip_devices")
    assert "module reload res_pjsip.so" in said
    assert line.reloads == []


async def test_device_that_cannot_be_taken_away_is_told_beside_the_one_that_is_missing(
    line: FakeLine,
) -> None:
    line.reads = False
    missing, staying = await accounts(line).match({"desk-7"}, {"desk-1"})
    assert missing.startswith("Asterisk does not know desk-7 yet")
    assert staying.startswith("Asterisk still knows desk-1, which the site has no more (Asterisk")


async def test_reload_that_fails_is_told(line: FakeLine) -> None:
    line.reads = False
    (said,) = await accounts(line).match({"desk-1", "desk-2"}, set())
    assert "desk-2 yet (Asterisk did not read its devices anew)" in said


async def test_asterisk_away_is_told(line: FakeLine) -> None:
    line.devices = None
    (said,) = await accounts(line).match({"desk-1"}, set())
    assert "does not tell which devices it knows" in said
