"""What stands in the way of a store is one sentence with its remedy, never a traceback."""

import os
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from store_samples import entry, store_in

from ivr.adapters.store.database import STORE_FILE, open_beside
from ivr.adapters.store.problem import StoreProblem
from ivr.adapters.store.schema import REVISION, metadata

pytestmark = pytest.mark.unit


def opened_and_closed(folder: Path) -> Path:
    store = store_in(folder)
    store.journal.append([entry(number) for number in range(200)], [], lambda: None)
    store.close()
    return folder / STORE_FILE


def problem_at_opening(folder: Path) -> StoreProblem:
    with pytest.raises(StoreProblem) as caught:
        store_in(folder)
    assert "\n" not in str(caught.value)
    return caught.value


def test_migrated_tables_are_those_of_the_schema(tmp_path: Path) -> None:
    opened_and_closed(tmp_path)
    _, engine = open_beside(tmp_path)
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
    engine.dispose()
    assert differences == []


def test_newest_migration_is_the_revision_of_the_schema() -> None:
    from alembic.script import ScriptDirectory

    from ivr.adapters.store.database import MIGRATIONS

    assert ScriptDirectory(str(MIGRATIONS)).get_heads() == [REVISION]


def test_files_are_for_their_owner_only(tmp_path: Path) -> None:
    store = store_in(tmp_path / "data")
    store.journal.append([entry(1)], [], lambda: None)
    store.journal.flush()
    modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in (tmp_path / "data").iterdir()}
    store.close()
    assert len(modes) == 4
    assert set(modes.values()) == {0o600}


@pytest.mark.parametrize("where", ["header", "middle"])
def test_damaged_file_is_refused_and_left_as_it_is(tmp_path: Path, where: str) -> None:
    path = opened_and_closed(tmp_path)
    damaged = bytearray(path.read_bytes())
    if where == "header":
        damaged[:16] = b"no database here"
    else:
        damaged[4096:] = b"\xa5" * (len(damaged) - 4096)
    path.write_bytes(damaged)
    problem = problem_at_opening(tmp_path)
    assert problem.code == "damaged"
    assert "is damaged: set it aside" in str(problem)
    assert path.read_bytes() == damaged


def test_foreign_database_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / STORE_FILE) as foreign:
        foreign.execute("CREATE TABLE theirs (a)")
    foreign.close()
    before = (tmp_path / STORE_FILE).read_bytes()
    problem = problem_at_opening(tmp_path)
    assert problem.code == "not_ours"
    assert (tmp_path / STORE_FILE).read_bytes() == before


@pytest.mark.parametrize(("revision", "code"), [("0000", "older"), ("9999", "newer")])
def test_beside_the_engine_other_tables_are_refused(
    tmp_path: Path, revision: str, code: str
) -> None:
    path = opened_and_closed(tmp_path)
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (revision,))
    connection.close()
    with pytest.raises(StoreProblem) as caught:
        open_beside(tmp_path)
    assert caught.value.code == code


def test_newer_tables_are_refused_by_the_engine(tmp_path: Path) -> None:
    path = opened_and_closed(tmp_path)
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    problem = problem_at_opening(tmp_path)
    assert problem.code == "newer"
    assert "install that version again" in str(problem)


def test_folder_that_cannot_be_is_read_only(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    assert problem_at_opening(tmp_path / "data").code == "read_only"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_folder_without_the_right_to_write_is_read_only(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        assert problem_at_opening(tmp_path).code == "read_only"
    finally:
        tmp_path.chmod(0o700)


def test_no_store_is_told_with_its_remedy(tmp_path: Path) -> None:
    with pytest.raises(StoreProblem, match=r"there is no store at .*--data-dir$"):
        open_beside(tmp_path)


SECOND = """
import sys
from pathlib import Path
from ivr.adapters.store.problem import StoreProblem
from ivr.adapters.store.store import Store, StoreSettings
try:
    Store(StoreSettings(Path(sys.argv[1]), "main"))
except StoreProblem as problem:
    print(problem)
"""


def test_second_process_is_refused_and_the_first_goes_on(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    second = subprocess.run(
        [sys.executable, "-c", SECOND, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert second.stderr == ""
    assert second.stdout.startswith("another engine writes to ")
    assert store.journal.append([entry(1)], [], lambda: None)
    store.close()
    store_in(tmp_path).close()


def test_file_of_the_first_revision_is_brought_up_with_its_rows(tmp_path: Path) -> None:
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import create_engine

    from ivr.adapters.store.database import MIGRATIONS
    from ivr.adapters.store.schema import APPLICATION_ID

    first = create_engine(f"sqlite:///{tmp_path / STORE_FILE}")
    with first.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.exec_driver_sql(
            "INSERT INTO journal (stream, seq, epoch, node, at, wall, core, kind, body) "
            "VALUES ('node:main', 1, 1, 'main', 5, 6, 'core', 'Kind', x'00')"
        )
    first.dispose()
    store = store_in(tmp_path)
    store.journal.append([entry(2)], [], lambda: None)
    store.journal.flush()
    rows = list(store.journal.rows("node:main", after=0))
    assert [(row.seq, row.entry.at, row.entry.effects) for row in rows] == [(1, 5, ""), (2, 2, "")]
    store.close()
