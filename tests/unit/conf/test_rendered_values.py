"""A lint of the rendered files: values that would make this Asterisk weak or deadlock it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from ivr.adapters.conf.render import render
from ivr.adapters.conf.secret_file import devices_named
from ivr.adapters.conf.settings import ConfSettings

pytestmark = pytest.mark.unit

Row = tuple[str, str, str, str]

SAMPLE_PASSWORDS = {"1234", "asterisk", "changeme", "mysecret", "password", "secret", "amp111"}
# asterisk-facts: these deadlock with bridge joins up to 22.10.
DEADLOCKING = {"rtp_timeout", "rtp_timeout_hold"}


def rows_of(settings: ConfSettings) -> Iterator[Row]:
    """Every (file, section, key, value) of the rendered configuration."""
    for path in sorted(settings.conf_dir.glob("*.conf")):
        section = ""
        for raw in path.read_text().splitlines():
            line = raw.split(";")[0].strip()
            if line.startswith("["):
                section = line
            elif "=" in line:
                key, value = line.split("=", 1)
                yield path.name, section, key.strip(), value.removeprefix(">").strip()


EVERY_INTERFACE = "0.0.0.0"  # noqa: S104 - what the lint looks for

# What is wrong, and the rule that sees it in (file, section, key, value in small letters).
RULES: list[tuple[str, Callable[[str, str, str, str], bool]]] = [
    ("opens every interface", lambda _f, _s, k, v: EVERY_INTERFACE in v and k != "deny"),
    (
        "is not loopback",
        lambda _f, _s, k, v: (
            k in ("bindaddr", "bind", "media_address") and not v.startswith("127.0.0.1")
        ),
    ),
    (
        "is on",
        lambda _f, _s, k, v: k in ("autoload", "live_dangerously", "webenabled") and v == "yes",
    ),
    ("is on", lambda f, _s, k, v: (f, k, v) == ("manager.conf", "enabled", "yes")),
    (
        "is weak",
        lambda _f, _s, k, v: k in ("password", "secret") and (v in SAMPLE_PASSWORDS or len(v) < 12),
    ),
    (
        "is plain",
        lambda f, _s, k, v: (f, k) == ("ari.conf", "password") and not v.startswith("$6$"),
    ),
    ("lets pages in", lambda _f, _s, k, v: k == "allowed_origins" and v != ""),
    (
        "grants more than listing",
        lambda f, _s, k, v: (
            f == "manager.conf" and k in ("read", "write") and v not in ("", "reporting")
        ),
    ),
    (
        "can deadlock",
        lambda _f, _s, k, v: (
            k in DEADLOCKING or (k in ("ice_support", "icesupport") and v == "yes")
        ),
    ),
    (
        "holds logic",
        lambda f, _s, _k, v: (
            f == "extensions.conf" and re.search(r"\b(queue|system|dial)\(", v) is not None
        ),
    ),
]


def problems(rows: list[Row]) -> list[str]:
    """What is weak in a configuration, one sentence each."""
    return [
        f"{name} {section} {key} {what}"
        for name, section, key, value in rows
        for what, sees in RULES
        if sees(name, section, key, value.lower())
    ]


@pytest.fixture
def rows(settings: ConfSettings) -> list[Row]:
    """What is rendered without a witness."""
    render(settings, devices_named(settings.run_dir, ["seat-1", "seat-2"]))
    return list(rows_of(settings))


def test_rendered_configuration_has_no_weak_value(rows: list[Row]) -> None:
    assert problems(rows) == []


@pytest.mark.parametrize(
    "weak",
    [
        ("http.conf", "[general]", "bindaddr", EVERY_INTERFACE),
        ("pjsip.conf", "[udp]", "bind", "192.0.2.1:5060"),
        ("modules.conf", "[modules]", "autoload", "yes"),
        ("asterisk.conf", "[options]", "live_dangerously", "yes"),
        ("ari.conf", "[expertline]", "password", "correct-horse-battery"),
        ("manager.conf", "[general]", "enabled", "yes"),
        ("manager.conf", "[witness]", "write", "command"),
        ("pjsip_devices.conf", "[seat-1]", "password", "1234"),
        ("pjsip.conf", "[media]", "rtp_timeout", "30"),
        ("extensions.conf", "[from-trunk]", "exten", "1,1,Queue(x)"),
    ],
)
def test_lint_sees_a_weak_value(rows: list[Row], weak: Row) -> None:
    assert len(problems([*rows, weak])) >= 1


def test_witness_may_list_and_nothing_else(settings: ConfSettings) -> None:
    watched = replace(settings, witness_port=5138)
    conf = render(watched, ())
    rows = list(rows_of(watched))
    assert problems(rows) == ["manager.conf [general] enabled is on"]
    assert ("manager.conf", "[witness]", "secret", conf.secrets.witness_password) in rows
    assert ("manager.conf", "[witness]", "deny", f"{EVERY_INTERFACE}/{EVERY_INTERFACE}") in rows


def test_every_limit_reaches_asterisk(settings: ConfSettings) -> None:
    render(replace(settings, retry_seconds=5, calls_max=900), ())
    values = {(name, key): value for name, _, key, value in rows_of(settings)}
    assert values["asterisk.conf", "maxcalls"] == "900"
    assert int(values["asterisk.conf", "maxfiles"]) == settings.files_max - 1_600
    assert values["rtp.conf", "rtpend"] == "24999"
    assert values["ari.conf", "websocket_write_timeout"] == "1000"
    dialplan = (settings.conf_dir / "extensions.conf").read_text()
    assert "$[${TRIES} >= 5]" in dialplan


def test_device_has_one_contact_and_the_newest_wins(
    settings: ConfSettings, rows: list[Row]
) -> None:
    pjsip = (settings.conf_dir / "pjsip.conf").read_text()
    for line in ("max_contacts = 1", "remove_existing = yes", "qualify_frequency = 60"):
        assert line in pjsip
    sections = [section for name, section, _, _ in rows if name == "pjsip_devices.conf"]
    assert sections.count("[seat-1](device-endpoint)") == 2
    assert "[seat-2](device-auth)" in sections
