"""Who only looks needs no right to write, as far as SQLite can read without it."""

import os
import shutil
import tempfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import typer
from store_samples import record, store_in
from typer.testing import CliRunner, Result

from ivr.adapters.store.database import STORE_FILE
from ivr.adapters.store.problem import StoreProblem
from ivr.adapters.store.store import StoreBeside
from ivr.cli import contacts

pytestmark = pytest.mark.unit

NOBODY = 65534

app = typer.Typer()
app.add_typer(contacts.app, name="contacts")
app.command(name="none")(lambda: None)


@pytest.fixture(autouse=True, scope="module")
def everything_loaded(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Whoever may read nothing here may load no module either: load them before."""
    good, empty = tmp_path_factory.mktemp("good"), tmp_path_factory.mktemp("empty")
    filled(good)
    assert listed(good).exit_code == 0
    assert listed(empty).exit_code != 0


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder whose parents anybody may pass through."""
    made = Path(tempfile.mkdtemp())
    made.chmod(0o755)
    yield made
    made.chmod(0o755)
    shutil.rmtree(made)


@contextmanager
def read_only(folder: Path) -> Generator[None]:
    """For as long as this goes on nothing may be written there, not even by root."""
    user = os.geteuid()
    for each in folder.iterdir():
        each.chmod(0o444)
    folder.chmod(0o555)
    if user == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(user)
        folder.chmod(0o755)


def filled(folder: Path) -> None:
    store = store_in(folder)
    store.records.write(record("c1"), wall=1_760_000_000_000)
    store.close()


def own_locks(folder: Path) -> set[str]:
    """The locks on the file in this folder, as the kernel lists them, without their numbers."""
    inode = (folder / STORE_FILE).stat().st_ino
    listed = Path("/proc/locks").read_text().splitlines()
    return {line.partition(": ")[2] for line in listed if f":{inode} " in line}


def listed(folder: Path) -> Result:
    return CliRunner().invoke(app, ["contacts", "list", "--data-dir", str(folder)])


def test_store_closed_in_order_is_read_where_nothing_may_be_written(folder: Path) -> None:
    filled(folder)
    before = sorted(each.name for each in folder.iterdir())
    with read_only(folder):
        shown = listed(folder)
        beside = StoreBeside(folder)
        assert beside.journal.streams() == []
        beside.close()
    assert shown.exit_code == 0, shown.stderr
    assert "c1" in shown.stdout
    assert sorted(each.name for each in folder.iterdir()) == before


def test_store_of_a_running_engine_is_read_where_nothing_may_be_written(folder: Path) -> None:
    store = store_in(folder)
    store.records.write(record("c1"), wall=1_760_000_000_000)
    store.journal.flush()
    with read_only(folder):
        shown = listed(folder)
    store.close()
    assert shown.exit_code == 0, shown.stderr
    assert "c1" in shown.stdout


def test_log_that_cannot_be_read_without_writing_is_told_with_its_remedy(folder: Path) -> None:
    filled(folder)
    log = folder / f"{STORE_FILE}-wal"
    log.write_bytes(b"a log without its index")
    with read_only(folder):
        shown = listed(folder)
    assert shown.exit_code == 2
    assert "copy the folder to where you may write" in shown.stderr
    assert "for writing" not in shown.stderr
    assert shown.stderr.count("\n") == 1


def test_looking_keeps_the_locks_of_the_writer_in_the_same_process(folder: Path) -> None:
    store = store_in(folder)
    locks = own_locks(folder)
    assert locks
    StoreBeside(folder).close()
    assert own_locks(folder) == locks
    store.close()


def test_store_that_may_not_be_read_is_told_with_its_remedy(folder: Path) -> None:
    filled(folder)
    with read_only(folder):
        os.seteuid(user := os.getuid())
        folder.chmod(0o000)
        if user == 0:
            os.seteuid(NOBODY)
        with pytest.raises(StoreProblem, match=r"cannot be read .*the user they belong to"):
            StoreBeside(folder)
