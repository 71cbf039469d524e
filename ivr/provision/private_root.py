"""A private root with Asterisk from Debian testing, for machines whose own archive has none.

It lies in the user's cache, outside the checkout, so that a fresh clone finds it ready. It is
built beside its final name and renamed when it is complete and checked: a name without
`.partial` is whole, whenever the power went. One lock per cache, held by the builder and by
debootstrap itself, so that whoever holds the lock knows that nobody else is building.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import platform
import shlex
import shutil
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from ivr.provision.asterisk import AsteriskInstallation, in_private_root
from ivr.provision.errors import ProvisionError
from ivr.provision.report import Step
from ivr.provision.runner import CommandResult, Runner, privileged

# A finished root takes 600 MB and its packages as much again while it is being built.
DISK_FREE_BYTES_MIN = 2 * 1024**3
MOUNTS = Path("/proc/self/mountinfo")
PARTIAL = ".partial"
PACKAGES_NEEDED = ("debootstrap", "debian-archive-keyring")


@dataclass(frozen=True)
class Recipe:
    """All that decides what the root contains; its hash is in the folder's name."""

    suite: str = "forky"
    "Debian testing by its name: the first release of Debian after 11 that carries Asterisk."
    variant: str = "minbase"
    packages: tuple[str, ...] = (
        "asterisk",
        "asterisk-core-sounds-en-wav",
        "asterisk-moh-opsound-wav",
    )
    script: str = "/usr/share/debootstrap/scripts/sid"
    "An older debootstrap has no script of the suite's name; all of them are links to this one."
    keyring: str = "/usr/share/keyrings/debian-archive-keyring.gpg"
    machine: str = platform.machine()

    @property
    def folder_name(self) -> str:
        """Name of the finished root: another recipe never meets this one's root."""
        digest = hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()
        return f"asterisk-{digest[:10]}"

    def command(self, *, target: Path, mirror: str) -> list[str]:
        """The debootstrap command; the archive's signature must verify or it stops."""
        return [
            *("debootstrap", f"--variant={self.variant}", f"--include={','.join(self.packages)}"),
            *("--force-check-gpg", f"--keyring={self.keyring}"),
            *(self.suite, str(target), mirror, self.script),
        ]


def cache_folder(environ: Mapping[str, str]) -> Path:
    """Where private roots are kept between checkouts (XDG base directory specification)."""
    base = environ.get("XDG_CACHE_HOME", "")
    cache = Path(base) if base.startswith("/") else Path.home() / ".cache"
    return cache / "expertline"


@contextmanager
def one_at_a_time(path: Path, tell: Callable[[str], None]) -> Generator[int]:
    """Holds this lock and gives its descriptor; says so when it has to wait for another."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            tell(f"another set-up is at work, waiting until it lets go of {path}")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock
    finally:
        os.close(lock)


class PrivateRoot:
    """The root of one recipe in one cache."""

    def __init__(self, *, cache: Path, runner: Runner, recipe: Recipe | None = None) -> None:
        self._cache = cache
        self._runner = runner
        self._recipe = recipe or Recipe()
        self.folder = cache / self._recipe.folder_name

    def find(self) -> AsteriskInstallation | None:
        """The Asterisk in a finished root; None when there is none or it is broken."""
        return in_private_root(self.folder, self._runner)

    def must_be_buildable(self, mirror: str, *, missing: Sequence[str]) -> None:
        """Refuses in one sentence, before anything is begun, what cannot be finished.

        `missing` are the packages that would have to be installed first.
        """
        self._cache.mkdir(parents=True, exist_ok=True)
        if privileged(self._runner, ["true"]) is None:
            command = shlex.join(self._recipe.command(target=self.folder, mirror=mirror))
            first = f"sudo apt-get install {' '.join(missing)} && " if missing else ""
            raise ProvisionError(
                "root is needed to build the private Asterisk and there is neither root nor sudo "
                "without a password; run this and then the same command again: "
                f"{first}sudo {command}"
            )
        free = shutil.disk_usage(self._cache).free
        if free < DISK_FREE_BYTES_MIN:
            raise ProvisionError(
                f"{self._cache} has {free // 1024**2} MB free and the private Asterisk needs "
                f"{DISK_FREE_BYTES_MIN // 1024**2} MB to be built; make room, or set "
                "XDG_CACHE_HOME to a folder on a larger disk"
            )

    def build(
        self, mirrors: Sequence[str], step: Step, *, proxies: Mapping[str, str]
    ) -> AsteriskInstallation:
        """The Asterisk in a root built now, or by another set-up while we waited for it."""
        with one_at_a_time(self._cache / "asterisk.lock", step.note) as lock:
            ready = self.find()
            if ready is not None:
                return ready
            self.remove_leftovers(step)
            partial = self._cache / f"{self.folder.name}{PARTIAL}-{os.getpid()}"
            try:
                self._fill(partial, mirrors, proxies=proxies, lock=lock)
                self._check(partial)
                self._discard(partial / "var/cache/apt/archives")
                partial.rename(self.folder)
            except BaseException:
                self._discard(partial)
                raise
        return self._check(self.folder)

    def remove_leftovers(self, step: Step) -> None:
        """Removes half-made roots and a broken one; only for the holder of the lock."""
        for leftover in sorted(self._cache.glob(f"asterisk-*{PARTIAL}-*")):
            step.note(f"removing {leftover.name}, which a broken-off set-up left")
            self._discard(leftover)
        if self.folder.exists():
            step.note(f"rebuilding {self.folder.name}, whose Asterisk does not run")
            self._discard(self.folder)

    def _fill(
        self, partial: Path, mirrors: Sequence[str], *, proxies: Mapping[str, str], lock: int
    ) -> None:
        reasons: list[str] = []
        settings = [f"{name}={value}" for name, value in proxies.items()]
        for mirror in mirrors:
            command = self._recipe.command(target=partial, mirror=mirror)
            answer = self._as_root(["env", "LC_ALL=C", *settings, *command], keep_open=[lock])
            if answer.status == 0:
                return
            reasons.append(f"{mirror}:\n{answer.tail()}")
            self._discard(partial)
        raise ProvisionError(
            "debootstrap could not build the private Asterisk; mend what it says here and run "
            "again:\n" + "\n".join(reasons)
        )

    def _check(self, root: Path) -> AsteriskInstallation:
        installation = in_private_root(root, self._runner)
        if installation is None:
            raise ProvisionError(
                f"the Asterisk built in {root} does not run or is not whole; run again, and if "
                "it stays so install Asterisk 22.5 or newer yourself"
            )
        return installation

    def _discard(self, path: Path) -> None:
        """Removes a folder that root made, and never what is mounted in it."""
        if not path.exists():
            return
        for mounted in mounts_below(path):
            self._as_root(["umount", "--lazy", mounted])
        self._as_root(["rm", "-rf", "--one-file-system", str(path)])

    def _as_root(self, argv: Sequence[str], *, keep_open: Sequence[int] = ()) -> CommandResult:
        command = privileged(self._runner, argv)
        return self._runner.run(command or argv, keep_open=keep_open)


def mounts_below(path: Path, table: Path = MOUNTS) -> list[str]:
    """Mount points inside a folder, the deepest first: debootstrap leaves /proc when killed."""
    if not table.is_file():
        return []
    points = [line.split()[4] for line in table.read_text().splitlines()]
    inside = [point for point in points if point.startswith(f"{path.resolve()}/")]
    return sorted(inside, key=len, reverse=True)
