from __future__ import annotations

import fcntl
import io
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from scripted_runner import ScriptedRunner

from ivr.provision import asterisk
from ivr.provision.asterisk import MODULES_MIN_PRIVATE, MODULES_NEEDED, triplet
from ivr.provision.errors import ProvisionError
from ivr.provision.private_root import (
    PrivateRoot,
    Recipe,
    cache_folder,
    mounts_below,
    one_at_a_time,
)
from ivr.provision.report import Report, Step
from ivr.provision.runner import CommandResult, SystemRunner

pytestmark = pytest.mark.unit

MIRROR = "http://archive.example.org/debian"
RUNS = CommandResult(0, "Asterisk 22.10.1+dfsg")
RECIPE = Recipe(suite="paper", machine="paper")


def unpack(folder: Path, *, modules: int = MODULES_MIN_PRIVATE) -> None:
    libraries = folder / "usr/lib" / triplet()
    (libraries / "asterisk/modules").mkdir(parents=True)
    for name in [*MODULES_NEEDED, *(f"m{number}.so" for number in range(modules))]:
        (libraries / "asterisk/modules" / name).touch()
    for name in ("ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1", "ld.so"):
        (libraries / name).touch()
    (folder / "usr/sbin").mkdir()
    (folder / "usr/sbin/asterisk").touch()
    (folder / "var/cache/apt/archives").mkdir(parents=True)


@dataclass
class Site:
    """One cache, and a debootstrap on paper that unpacks a root."""

    cache: Path
    modules: int = MODULES_MIN_PRIVATE
    status: int = 0

    def __post_init__(self) -> None:
        self.said = io.StringIO()
        self.runner = ScriptedRunner(
            answers={" -V": RUNS, "debootstrap": self._debootstrap, "rm -rf": self._remove}
        )
        self.root = PrivateRoot(cache=self.cache, runner=self.runner, recipe=RECIPE)

    def build(self, mirrors: Sequence[str] = (MIRROR,)) -> asterisk.AsteriskInstallation:
        step = Step(report=Report(self.said), name="Asterisk")
        return self.root.build(mirrors, step, proxies={})

    def _debootstrap(self, argv: Sequence[str]) -> CommandResult:
        target = Path(argv[-3])
        unpack(target, modules=self.modules)
        return CommandResult(self.status, "E: said debootstrap")

    def _remove(self, argv: Sequence[str]) -> CommandResult:
        return SystemRunner().run(argv)


def names(cache: Path) -> list[str]:
    return sorted(path.name for path in cache.glob("asterisk-*"))


def test_built_root_has_its_final_name_and_no_archives(tmp_path: Path) -> None:
    site = Site(tmp_path)
    built = site.build()
    assert built.version == "22.10.1"
    assert built.origin == "private root"
    assert built.argv[-1] == str(site.root.folder / "usr/sbin/asterisk")
    assert names(tmp_path) == [RECIPE.folder_name]
    assert not (site.root.folder / "var/cache/apt/archives").exists()


def test_ready_root_is_not_built_again(tmp_path: Path) -> None:
    Site(tmp_path).build()
    again = Site(tmp_path)
    again.build()
    assert not again.runner.ran_any("debootstrap")


def test_failed_build_leaves_nothing(tmp_path: Path) -> None:
    site = Site(tmp_path, status=1)
    with pytest.raises(ProvisionError, match="said debootstrap"):
        site.build()
    assert names(tmp_path) == []


def test_unwhole_build_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ProvisionError, match="is not whole"):
        Site(tmp_path, modules=3).build()
    assert names(tmp_path) == []


def test_interrupted_build_leaves_nothing(tmp_path: Path) -> None:
    site = Site(tmp_path)

    def interrupted(argv: Sequence[str]) -> CommandResult:
        unpack(Path(argv[-3]))
        raise KeyboardInterrupt

    site.runner.answers = {**site.runner.answers, "debootstrap": interrupted}
    with pytest.raises(KeyboardInterrupt):
        site.build()
    assert names(tmp_path) == []


def test_partial_folder_of_a_killed_build_is_removed(tmp_path: Path) -> None:
    (tmp_path / "asterisk-0123456789.partial-77/usr").mkdir(parents=True)
    Site(tmp_path).build()
    assert names(tmp_path) == [RECIPE.folder_name]


def test_partial_folder_is_never_used(tmp_path: Path) -> None:
    site = Site(tmp_path)
    unpack(tmp_path / f"{RECIPE.folder_name}.partial-77")
    assert site.root.find() is None


def test_broken_root_is_rebuilt(tmp_path: Path) -> None:
    unpack(tmp_path / RECIPE.folder_name, modules=3)
    site = Site(tmp_path)
    assert site.root.find() is None
    site.build()
    assert site.root.find() is not None
    assert "does not run" in site.said.getvalue()


def test_next_mirror_is_tried_when_one_fails(tmp_path: Path) -> None:
    site = Site(tmp_path)
    first = CommandResult(1, "E: no such suite")
    site.runner.answers = {"vendor.example.net": first, **site.runner.answers}
    site.build(["https://vendor.example.net/apt", MIRROR])
    assert site.root.find() is not None


def test_another_recipe_has_another_folder() -> None:
    assert Recipe(suite="paper").folder_name != Recipe(suite="other").folder_name


def test_second_builder_says_that_it_waits(tmp_path: Path) -> None:
    lock = tmp_path / "asterisk.lock"
    waiting, passed = threading.Event(), threading.Event()
    sentences: list[str] = []

    def tell(sentence: str) -> None:
        sentences.append(sentence)
        waiting.set()

    def second() -> None:
        with one_at_a_time(lock, tell):
            passed.set()

    thread = threading.Thread(target=second)
    with one_at_a_time(lock, sentences.append):
        thread.start()
        assert waiting.wait(10)
        assert not passed.is_set()
    thread.join(10)
    assert passed.is_set()
    assert sentences == [f"another set-up is at work, waiting until it lets go of {lock}"]


def test_lock_stays_with_debootstrap_when_its_parent_dies(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    runner = SystemRunner()
    with one_at_a_time(lock, print) as held:
        answer = runner.run(["sh", "-c", f"test -e /proc/self/fd/{held}"], keep_open=[held])
        hidden = runner.run(["sh", "-c", f"test -e /proc/self/fd/{held}"])
    assert (answer.status, hidden.status) == (0, 1)
    with lock.open() as free:
        fcntl.flock(free, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_mounts_inside_are_found_deepest_first(tmp_path: Path) -> None:
    table = tmp_path / "mountinfo"
    rows = [f"{tmp_path}/r/proc", f"{tmp_path}/r/proc/sys", f"{tmp_path}/rest", "/"]
    table.write_text("".join(f"1 2 0:3 / {row} rw - t t rw\n" for row in rows))
    assert mounts_below(tmp_path / "r", table) == [rows[1], rows[0]]


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"XDG_CACHE_HOME": "/c"}, Path("/c/expertline")),
        ({"XDG_CACHE_HOME": "relative"}, Path.home() / ".cache/expertline"),
        ({}, Path.home() / ".cache/expertline"),
    ],
)
def test_cache_follows_xdg(environ: dict[str, str], expected: Path) -> None:
    assert cache_folder(environ) == expected
