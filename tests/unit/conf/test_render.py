"""Rendering: strict in its placeholders, private on disk, and nothing breaks out of its line."""

from __future__ import annotations

import shutil
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from ivr.adapters.conf.devices import Device
from ivr.adapters.conf.problem import ConfProblem
from ivr.adapters.conf.render import fill, render, write_devices
from ivr.adapters.conf.secret_file import devices_named, load_secrets
from ivr.adapters.conf.settings import ConfSettings

pytestmark = pytest.mark.unit

PASSWORD = "kept-by-one-phone"


def test_placeholder_without_value_is_refused() -> None:
    with pytest.raises(ConfProblem, match=r"rtp\.conf asks for \{\{first\}\}"):
        fill("start = {{first}}", {"frist": "1"}, name="rtp.conf")


def test_setting_without_placeholder_is_refused(settings: ConfSettings, tmp_path: Path) -> None:
    templates = tmp_path / "templates"
    shutil.copytree(settings.templates_dir, templates)
    rtp = templates / "rtp.conf"
    rtp.write_text(rtp.read_text().replace("{{rtp_last}}", "65000"))
    with pytest.raises(ConfProblem, match="rtp_last"):
        render(replace(settings, templates_dir=templates), ())


@pytest.mark.parametrize("value", ["a\nb = c", "a;b", "a\x00", " a", "", "{{app}}"])
def test_value_that_leaves_its_line_is_refused_unshown(value: str) -> None:
    with pytest.raises(ConfProblem) as caught:
        fill("x = {{secret}}", {"secret": value}, name="x.conf")
    assert "value of secret" in str(caught.value)
    assert len(value) < 3 or value not in str(caught.value)


@pytest.mark.parametrize("name", ["", "1001", "Seat", "seat 1", "seat]", "a\nb", "trunk", "x" * 41])
def test_device_name_that_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(ConfProblem, match="device"):
        Device(name, PASSWORD)


@pytest.mark.parametrize("password", ["short", "with spaces here", "semi;colon;semi", "a\nb" * 6])
def test_device_password_is_refused_unshown(password: str) -> None:
    with pytest.raises(ConfProblem) as caught:
        Device("seat-1", password)
    assert password not in str(caught.value)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("run_dir", Path("relative")),
        ("run_dir", Path("/srv/a;b")),
        ("prompts_dir", Path("/srv/a&b")),
        ("prompts_dir", Path("/srv/${EVIL}")),
        ("moh_dir", Path("/srv/a\nb")),
        ("app", "a,b"),
        ("ari_user", "a]b"),
        ("fallback_languages", ("../../etc",)),
        ("fallback_languages", ()),
        ("retry_seconds", -1),
        ("calls_max", 0),
        ("calls_max", 2_000),
        ("http_port", 80),
        ("sip_port", 20_500),
        ("witness_port", 8_188),
        ("run_dir", Path("/srv") / ("x" * 100)),
    ],
)
def test_setting_that_asterisk_would_misread_is_refused(
    settings: ConfSettings, field: str, value: object
) -> None:
    with pytest.raises(ConfProblem) as caught:
        replace(settings, **{field: value})  # pyright: ignore[reportArgumentType]
    assert "\n" not in str(caught.value)


def test_everything_written_is_private(settings: ConfSettings) -> None:
    render(settings, devices_named(settings.run_dir, ["seat-1"]))
    for path in [settings.run_dir, *settings.run_dir.rglob("*")]:
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode == (0o700 if path.is_dir() else 0o600), path


def test_secrets_are_made_once_and_never_printed(settings: ConfSettings) -> None:
    first = load_secrets(settings.run_dir)
    assert load_secrets(settings.run_dir) == first
    assert len(first.ari_password) >= 43
    assert first.ari_password not in repr(first)
    assert first.witness_password not in repr(first)
    device = devices_named(settings.run_dir, ["seat-1"])[0]
    assert device.password not in repr(device)
    assert devices_named(settings.run_dir, ["seat-1", "seat-2"])[0] == device


def test_secrets_opened_to_others_are_closed_again(settings: ConfSettings) -> None:
    load_secrets(settings.run_dir)
    path = settings.run_dir / "secrets.json"
    path.chmod(0o644)
    load_secrets(settings.run_dir)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("text", ["", "[]", '{"ari_password": 1}', "{}"])
def test_broken_secrets_file_is_one_sentence(settings: ConfSettings, text: str) -> None:
    load_secrets(settings.run_dir)
    (settings.run_dir / "secrets.json").write_text(text)
    with pytest.raises(ConfProblem, match="delete it"):
        load_secrets(settings.run_dir)


def test_device_given_twice_is_refused(settings: ConfSettings) -> None:
    render(settings, ())
    with pytest.raises(ConfProblem, match="seat-1 is given twice"):
        write_devices(settings, [Device("seat-1", PASSWORD), Device("seat-1", PASSWORD + "x")])


def test_devices_are_replaced_whole(settings: ConfSettings) -> None:
    render(settings, [Device("seat-1", PASSWORD)])
    path = write_devices(settings, [Device("seat-2", PASSWORD)])
    assert "seat-2" in path.read_text()
    assert "seat-1" not in path.read_text()
    assert [p.name for p in settings.conf_dir.iterdir() if p.name.startswith(".")] == []


def test_stray_configuration_is_removed(settings: ConfSettings) -> None:
    render(settings, ())
    (settings.conf_dir / "sorcery.conf").write_text("[res_pjsip]\nauth=memory\n")
    render(settings, ())
    assert not (settings.conf_dir / "sorcery.conf").exists()


def test_modules_are_those_of_the_rendered_file(settings: ConfSettings) -> None:
    modules = render(settings, ()).modules
    assert "res_pjsip.so" in modules
    assert len(modules) == len(set(modules)) > 30
