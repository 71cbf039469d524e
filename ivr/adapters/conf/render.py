"""Fills the templates of `asterisk-conf/` into a private folder, strictly.

Strict in both directions: a placeholder without a value and a value without a placeholder are
both errors, so that a template cannot silently lose a limit. Values cannot break out of their
line: each is checked again here, whatever its source promised.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ivr.adapters.conf.devices import Device, checked_devices
from ivr.adapters.conf.private_files import make_private_folder, write_private
from ivr.adapters.conf.problem import ConfProblem
from ivr.adapters.conf.secret_file import Secrets, load_secrets
from ivr.adapters.conf.settings import ConfSettings
from ivr.adapters.conf.sha512_crypt import ROUNDS_MIN, sha512_crypt

PLACEHOLDER = re.compile(r"\{\{(.*?)\}\}")
LOAD_LINE = re.compile(r"^load = (\S+)$", re.MULTILINE)

DEVICE_TEMPLATE = "pjsip_device.conf"
DEVICES_FILE = "pjsip_devices.conf"
# Reloading this one module makes Asterisk read the devices anew; calls go on (docs/decisions/0006).
DEVICES_MODULE = "res_pjsip.so"

WITNESS_USER = "witness"
WITNESS_TEMPLATE = "manager_witness.conf"
MANAGER_FILE = "manager.conf"
# Asterisk complains of each of these when it is absent, and is content with its own defaults.
EMPTY_FILES = (
    "acl.conf",
    "ccss.conf",
    "features.conf",
    "pjproject.conf",
    "stasis.conf",
    "udptl.conf",
    "websocket_client.conf",
)
SALT_BYTES = 8  # 16 characters, the longest salt of the scheme


@dataclass(frozen=True)
class RenderedConf:
    """A configuration on disk: where it is, what it must load, and what its clients need."""

    conf_file: Path
    modules: tuple[str, ...]
    secrets: Secrets


class ConfFolders(Protocol):
    """Where a configuration lies and what it is made from; enough to change its devices."""

    @property
    def conf_dir(self) -> Path:
        """The rendered configuration."""
        ...

    @property
    def templates_dir(self) -> Path:
        """What it is rendered from."""
        ...


def render(settings: ConfSettings, devices: Iterable[Device]) -> RenderedConf:
    """Writes the whole configuration of one Asterisk and the folders it runs in."""
    for folder in (settings.run_dir, settings.conf_dir, settings.log_dir):
        make_private_folder(folder)
    for name in ("var", "spool", "spool/recording"):
        make_private_folder(settings.run_dir / name)
    kept = load_secrets(settings.run_dir)
    files = _filled_files(settings, _values(settings, kept))
    files |= dict.fromkeys(EMPTY_FILES, "; Asterisk's defaults serve.\n")
    for name, text in sorted(files.items()):
        write_private(settings.conf_dir / name, text)
    write_devices(settings, devices)
    for stray in settings.conf_dir.glob("*.conf"):
        if stray.name not in files and stray.name != DEVICES_FILE:
            stray.unlink()
    modules = tuple(LOAD_LINE.findall(files["modules.conf"]))
    return RenderedConf(conf_file=settings.conf_file, modules=modules, secrets=kept)


def write_devices(settings: ConfFolders, devices: Iterable[Device]) -> Path:
    """Replaces the file of devices; Asterisk reads it when `DEVICES_MODULE` is reloaded."""
    text = _read_template(settings, DEVICE_TEMPLATE)
    blocks = ["; Written by expertline: one seat, one phone, one block of three sections.\n"]
    for device in checked_devices(devices):
        values = {"device": device.name, "password": device.password}
        block, used = fill(text, values, name=DEVICE_TEMPLATE)
        _refuse_unused(values.keys() - used, where=DEVICE_TEMPLATE)
        blocks.append(block)
    path = settings.conf_dir / DEVICES_FILE
    write_private(path, "\n".join(blocks))
    return path


def fill(text: str, values: Mapping[str, str], *, name: str) -> tuple[str, set[str]]:
    """A template with its `{{placeholders}}` replaced, and which values it used."""
    used: set[str] = set()

    def value_of(match: re.Match[str]) -> str:
        key = match[1]
        if key not in values:
            raise ConfProblem(f"{name} asks for {{{{{key}}}}}, which nobody gives: mend its name")
        used.add(key)
        return _safe(values[key], key=key)

    filled = PLACEHOLDER.sub(value_of, text)
    return filled, used


def _safe(value: str, *, key: str) -> str:
    # The value is not shown: it may be a secret.
    if not value or value != value.strip():
        raise ConfProblem(f"the value of {key} is empty or has spaces around it: mend it")
    if ";" in value or not value.isprintable() or "{{" in value:
        raise ConfProblem(f"the value of {key} would break out of its line: remove ; and controls")
    return value


def _values(settings: ConfSettings, kept: Secrets) -> dict[str, str]:
    salt = secrets.token_hex(SALT_BYTES)
    values = {
        "conf_dir": str(settings.conf_dir),
        "modules_dir": str(settings.installation.modules_dir),
        "data_dir": str(settings.installation.data_dir),
        "var_dir": str(settings.run_dir / "var"),
        "spool_dir": str(settings.run_dir / "spool"),
        "socket_dir": str(settings.run_dir),
        "log_dir": str(settings.log_dir),
        "entity_id": kept.entity_id,
        "calls_max": str(settings.calls_max),
        "files_max": str(settings.files_max),
        "http_port": str(settings.http_port),
        "sip_port": str(settings.sip_port),
        "trunk_peer": settings.trunk_peer,
        "rtp_first": str(settings.rtp_first),
        "rtp_last": str(settings.rtp_last),
        "app": settings.app,
        "retry_seconds": str(settings.retry_seconds),
        "fallback_prompts": "&".join(map(str, settings.fallback_prompts)),
        "moh_dir": str(settings.moh_dir),
        "ari_user": settings.ari_user,
        # Asterisk verifies the hash on every HTTP request. Our password is 256 random bits, to
        # which rounds add nothing, so the fewest the scheme allows (asterisk-conf/README.md).
        "ari_password_crypt": sha512_crypt(kept.ari_password, salt, rounds=ROUNDS_MIN),
    }
    if settings.witness_port is not None:
        values |= {
            "witness_port": str(settings.witness_port),
            "witness_user": WITNESS_USER,
            "witness_password": kept.witness_password,
        }
    return values


def _filled_files(settings: ConfSettings, values: Mapping[str, str]) -> dict[str, str]:
    skipped = {DEVICE_TEMPLATE, WITNESS_TEMPLATE}
    if settings.witness_port is not None:
        skipped = {DEVICE_TEMPLATE, MANAGER_FILE}
    files: dict[str, str] = {}
    unused = set(values)
    for template in sorted(settings.templates_dir.glob("*.conf")):
        if template.name in skipped:
            continue
        text, used = fill(_read_template(settings, template.name), values, name=template.name)
        unused -= used
        target = MANAGER_FILE if template.name == WITNESS_TEMPLATE else template.name
        files[target] = text
    _refuse_unused(unused, where=str(settings.templates_dir))
    return files


def _refuse_unused(unused: Iterable[str], *, where: str) -> None:
    names = sorted(unused)
    if names:
        raise ConfProblem(
            f"no template in {where} uses {', '.join(names)}: a setting would be lost"
        )


def _read_template(settings: ConfFolders, name: str) -> str:
    path = settings.templates_dir / name
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfProblem(f"cannot read the template {path}: {error.strerror}") from error
