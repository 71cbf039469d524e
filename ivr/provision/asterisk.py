"""Which Asterisk this checkout runs, and how to start it.

Set-up writes the answer to `build/asterisk.json`; everything that starts Asterisk reads it
with `locate()`, so the choice between an installed one and a private root is made in one place.
"""

from __future__ import annotations

import json
import platform
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, cast

from ivr.provision.errors import ProvisionError
from ivr.provision.runner import Runner

Origin = Literal["installed", "package", "private root"]

# REST over the event WebSocket came with 22.5; below it nothing of ours works.
VERSION_MIN = (22, 5)
VERSION_MIN_TEXT = "22.5"
CHECKOUT = Path(__file__).resolve().parents[2]
ASTERISK_JSON = Path("build/asterisk.json")
# Without these a build of Asterisk is of no use here, whatever its version says.
MODULES_NEEDED = ("chan_pjsip.so", "res_ari.so", "res_stasis.so", "res_rtp_asterisk.so")
# Debian's Asterisk 22 carries 351 modules; far fewer means that an unpacking broke off.
MODULES_MIN_PRIVATE = 250

_VERSION = re.compile(r"(?:^|[^\d.])(\d+)\.(\d+)(?:\.(\d+))?")
_MODULE_FOLDERS = ("/usr/lib/{triplet}/asterisk/modules", "/usr/lib/asterisk/modules")
_DATA_FOLDERS = ("/usr/share/asterisk", "/var/lib/asterisk")
_LOADERS = {"x86_64": "ld-linux-x86-64.so.2", "aarch64": "ld-linux-aarch64.so.1"}


@dataclass(frozen=True)
class AsteriskInstallation:
    """One Asterisk that runs here: the command that starts it and where its parts lie."""

    argv: tuple[str, ...]
    "The command prefix; the caller adds Asterisk's own options."
    version: str
    "As in `22.10.1`."
    modules_dir: Path
    "For `astmoddir` in asterisk.conf."
    data_dir: Path
    "For `astdatadir`: sounds, documentation and the REST descriptions."
    origin: Origin
    "Who brought it: it was installed, set-up installed the package, or the private root."

    def save(self, path: Path) -> None:
        """Writes it whole or not at all, for another command may be reading."""
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_name(path.name + ".new")
        new.write_text(json.dumps(asdict(self), indent=2, default=str) + "\n")
        new.replace(path)

    @classmethod
    def load(cls, path: Path) -> AsteriskInstallation:
        """The saved one; refuses in one sentence when the file is missing or not ours."""
        try:
            row = cast("dict[str, object]", json.loads(path.read_text()))
            return cls(
                argv=tuple(cast("list[str]", row["argv"])),
                version=str(row["version"]),
                modules_dir=Path(str(row["modules_dir"])),
                data_dir=Path(str(row["data_dir"])),
                origin=cast("Origin", row["origin"]),
            )
        except FileNotFoundError:
            text = f"{path} is missing, so no Asterisk is set up: run make setup"
            raise ProvisionError(text) from None
        except (ValueError, KeyError, TypeError):
            raise ProvisionError(f"{path} cannot be read: remove it and run make setup") from None


def locate(checkout: Path = CHECKOUT) -> AsteriskInstallation:
    """The Asterisk that set-up chose for this checkout; refuses when there is none."""
    path = checkout / ASTERISK_JSON
    installation = AsteriskInstallation.load(path)
    if not installation.argv or not Path(installation.argv[0]).exists():
        raise ProvisionError(f"the Asterisk named in {path} is gone: run make setup")
    return installation


def version_numbers(text: str) -> tuple[int, int, int] | None:
    """The numbers in what `asterisk -V` prints or in a Debian version; None when there are none.

    A Debian epoch (`1:`) is no part of the version.
    """
    match = _VERSION.search(text)
    if match is None:
        return None
    major, minor, patch = match.groups()
    return int(major), int(minor), int(patch or 0)


def new_enough(text: str | None) -> bool:
    """Whether this version text tells of 22.5 or newer."""
    numbers = version_numbers(text or "")
    return numbers is not None and numbers[:2] >= VERSION_MIN


def running_version(argv: Sequence[str], runner: Runner) -> str | None:
    """The version that this Asterisk itself prints; None when it does not run."""
    answer = runner.run([*argv, "-V"])
    numbers = version_numbers(answer.output) if answer.status == 0 else None
    return ".".join(map(str, numbers)) if numbers else None


def triplet() -> str:
    """Debian's name for this machine's kind, as used in its library folders."""
    return f"{platform.machine()}-linux-gnu"


def in_private_root(root: Path, runner: Runner) -> AsteriskInstallation | None:
    """The Asterisk inside a root, run by that root's own loader; None when it is broken.

    No chroot and no root rights are needed to run it: the loader and the libraries come from
    the private root, while configuration, sockets and files are the machine's own.
    """
    libraries = root / "usr/lib" / triplet()
    loader = libraries / _LOADERS.get(platform.machine(), "ld.so")
    binary = root / "usr/sbin/asterisk"
    modules = libraries / "asterisk/modules"
    if not (loader.is_file() and binary.is_file()):
        return None
    if len(list(modules.glob("*.so"))) < MODULES_MIN_PRIVATE or not _has_modules(modules):
        return None
    argv = (str(loader), "--library-path", str(libraries), str(binary))
    version = running_version(argv, runner)
    if not new_enough(version):
        return None
    return AsteriskInstallation(
        argv, str(version), modules, root / "usr/share/asterisk", "private root"
    )


def on_this_system(origin: Origin, runner: Runner) -> AsteriskInstallation | str | None:
    """The installed Asterisk; why it will not do, as text; None when there is none."""
    binary = runner.find("asterisk")
    if binary is None:
        return None
    version = running_version([binary], runner)
    if version is None:
        return f"{binary} does not tell its version"
    if not new_enough(version):
        return f"{binary} is {version}, older than {VERSION_MIN_TEXT}"
    modules = [Path(folder.format(triplet=triplet())) for folder in _MODULE_FOLDERS]
    found = next((folder for folder in modules if _has_modules(folder)), None)
    data = next((Path(folder) for folder in _DATA_FOLDERS if Path(folder).is_dir()), None)
    if found is None or data is None:
        return f"{binary} has no {' or no '.join(MODULES_NEEDED)} in the usual folders"
    return AsteriskInstallation((binary,), version, found, data, origin)


def _has_modules(folder: Path) -> bool:
    return all((folder / name).is_file() for name in MODULES_NEEDED)
