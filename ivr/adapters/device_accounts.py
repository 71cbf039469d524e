"""Brings Asterisk's devices in line with those of a site that has changed (docs/decisions/0006)."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ivr.adapters.conf.problem import ConfProblem
from ivr.adapters.conf.render import DEVICES_FILE, write_devices
from ivr.adapters.conf.secret_file import FILE_NAME as SECRETS_FILE
from ivr.adapters.conf.secret_file import devices_named
from ivr.adapters.conf.settings import CONF_FOLDER, TEMPLATES_DIR
from ivr.flow.problems import listing


class DeviceLine(Protocol):
    """What can be asked of an Asterisk about its devices."""

    async def known_devices(self) -> frozenset[str] | None:
        """Those it has, asked anew; None where it does not tell."""
        ...

    async def reload_devices(self) -> bool:
        """Have it read them anew; whether it did."""
        ...


@dataclass(frozen=True, slots=True)
class _Folders:
    conf_dir: Path
    templates_dir: Path = TEMPLATES_DIR


class DeviceAccounts:
    """The accounts of a site's devices in the Asterisk that runs from ``run_dir``.

    The file of devices is written anew and Asterisk reads it again; calls go on. Where that is not
    possible, who asked is told in a sentence what Asterisk does not know and what to do.
    """

    def __init__(self, run_dir: Path, line: DeviceLine) -> None:
        self._run_dir = run_dir
        self._line = line
        self._folders = _Folders(run_dir / CONF_FOLDER)

    async def match(self, wanted: Collection[str], gone: Collection[str]) -> tuple[str, ...]:
        """Let Asterisk have the wanted devices and none of those gone; what people must know."""
        known = await self._line.known_devices()
        if known is None:
            return (
                "Asterisk does not tell which devices it knows: reload once more when the engine "
                "has its line to it again.",
            )
        new = sorted(set(wanted) - known)
        if not new and known.isdisjoint(gone):
            return ()
        trouble = await self._let_asterisk_read(sorted(wanted))
        known = await self._line.known_devices() or known
        missing, staying = sorted(set(wanted) - known), sorted(known.intersection(gone))
        told = [
            *([self._told(new)] if new and not missing else []),
            *([_unknown(missing, trouble)] if missing else []),
            *([_staying(staying, trouble)] if staying else []),
        ]
        return tuple(told)

    async def _let_asterisk_read(self, wanted: Collection[str]) -> str:
        """Why it could not be done; empty if it was."""
        if not (self._folders.conf_dir / DEVICES_FILE).is_file():
            return f"there is no {DEVICES_FILE} in {self._folders.conf_dir}"
        try:
            await asyncio.to_thread(self._write, wanted)
        except ConfProblem as problem:
            return str(problem)
        return "" if await self._line.reload_devices() else "Asterisk did not read its devices anew"

    def _write(self, wanted: Collection[str]) -> None:
        write_devices(self._folders, devices_named(self._run_dir, wanted))

    def _told(self, new: Collection[str]) -> str:
        return (
            f"Asterisk knows {listing(new)} from now on; the password to register with stands in "
            f"{self._run_dir / SECRETS_FILE}."
        )


def _staying(staying: Collection[str], trouble: str) -> str:
    why = f" ({trouble})" if trouble else ""
    return (
        f"Asterisk still knows {listing(staying)}, which the site has no more{why}: take it out of "
        f"its {DEVICES_FILE} and have it read that, by `module reload res_pjsip.so` or a restart."
    )


def _unknown(missing: Collection[str], trouble: str) -> str:
    why = f" ({trouble})" if trouble else ""
    return (
        f"Asterisk does not know {listing(missing)} yet{why}: no phone can register there until "
        f"its {DEVICES_FILE} has them and it has read it, by `module reload res_pjsip.so` or a "
        "restart."
    )
