"""The secrets of one Asterisk: made once, kept in one private file, never printed."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast

from ivr.adapters.conf.devices import Device
from ivr.adapters.conf.private_files import make_private_folder, write_private
from ivr.adapters.conf.problem import ConfProblem

FILE_NAME = "secrets.json"
TOKEN_BYTES = 32
DEVICE_TOKEN_BYTES = 18  # 24 characters: a person may have to type it into a phone


@dataclass(frozen=True)
class Secrets:
    """What this Asterisk and its clients share; the fields are left out of every printed form."""

    ari_password: str = field(repr=False)
    witness_password: str = field(repr=False)
    entity_id: str
    device_passwords: dict[str, str] = field(repr=False, default_factory=dict[str, str])


def load_secrets(run_dir: Path) -> Secrets:
    """The secrets of a run folder, made at the first asking."""
    path = run_dir / FILE_NAME
    if not path.exists():
        return _save(path, _fresh())
    try:
        raw = cast("object", json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise ConfProblem(f"cannot read {path} ({error}): delete it to make new ones") from error
    kept = _understood(raw)
    if kept is None:
        raise ConfProblem(f"{path} is not what was written there: delete it to make new ones")
    if path.stat().st_mode & 0o077:
        path.chmod(0o600)
    return kept


def devices_named(run_dir: Path, names: Iterable[str]) -> tuple[Device, ...]:
    """Devices with the passwords kept for them; a name met for the first time is given one."""
    kept = load_secrets(run_dir)
    passwords = dict(kept.device_passwords)
    wanted = list(names)
    for name in wanted:
        if name not in passwords:
            passwords[name] = secrets.token_urlsafe(DEVICE_TOKEN_BYTES)
    devices = tuple(Device(name, passwords[name]) for name in wanted)
    if passwords != kept.device_passwords:
        _save(run_dir / FILE_NAME, replace(kept, device_passwords=passwords))
    return devices


def _fresh() -> Secrets:
    # 02 marks an address that no card has (IEEE 802: locally administered).
    octets = [f"{value:02x}" for value in secrets.token_bytes(5)]
    return Secrets(
        ari_password=secrets.token_urlsafe(TOKEN_BYTES),
        witness_password=secrets.token_urlsafe(TOKEN_BYTES),
        entity_id=":".join(["02", *octets]),
    )


def _save(path: Path, kept: Secrets) -> Secrets:
    make_private_folder(path.parent)
    write_private(path, json.dumps(vars(kept), indent=1) + "\n")
    return kept


def _understood(raw: object) -> Secrets | None:
    if not isinstance(raw, dict):
        return None
    row = cast("dict[str, object]", raw)
    texts = [row.get(key) for key in ("ari_password", "witness_password", "entity_id")]
    passwords = row.get("device_passwords")
    if not isinstance(passwords, dict) or not all(isinstance(text, str) and text for text in texts):
        return None
    named = cast("dict[str, object]", passwords)
    if not all(isinstance(word, str) for word in named.values()):
        return None
    ari, witness, entity = cast("list[str]", texts)
    return Secrets(ari, witness, entity, cast("dict[str, str]", named))
