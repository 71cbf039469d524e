"""Engines on a real store, killed and stopped, and `expertline replay` on what they left."""

import asyncio
import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from journal_run import live, settings_in
from typer.testing import CliRunner, Result

from ivr.adapters.store.database import STORE_FILE
from ivr.adapters.store.store import StoreBeside
from ivr.app_start import STREAM, EngineProblem
from ivr.cli.replay import replay

pytestmark = pytest.mark.unit

RUN = Path(__file__).with_name("journal_run.py")
REPLAY = "from ivr.cli.replay import replay; import typer; typer.run(replay)"

app = typer.Typer()
app.command(name="replay")(replay)
app.command(name="none")(lambda: None)


def run_engine(folder: Path, seed: int, end: str) -> int:
    done = subprocess.run(
        [sys.executable, str(RUN), str(folder), str(seed), end],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    return done.returncode


def replayed(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(app, ["replay", "--data-dir", str(folder), *words])


def change(folder: Path, statement: str) -> None:
    with sqlite3.connect(folder / STORE_FILE) as connection:
        connection.execute(statement)
    connection.close()


def one(folder: Path, query: str) -> int:
    with sqlite3.connect(folder / STORE_FILE) as connection:
        (value,) = connection.execute(query).fetchone()
    connection.close()
    return int(value)


def test_killed_and_stopped_engines_replay_wholly_under_any_hash_seed(tmp_path: Path) -> None:
    assert run_engine(tmp_path, 1, "kill") == -9
    assert run_engine(tmp_path, 2, "kill") == -9
    assert run_engine(tmp_path, 3, "stop") == 0
    written: list[bytes] = []
    for seed in ("1", "4242"):
        file = tmp_path / f"effects-{seed}"
        done = subprocess.run(
            [
                *(sys.executable, "-c", REPLAY, "--data-dir", str(tmp_path)),
                *("--format", "json", "--effects", str(file)),
            ],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stderr == ""
        report = json.loads(done.stdout)
        assert done.returncode == 0, report
        assert (report["stream"], report["from_seq"]) == (STREAM, 0)
        # How many rows a killed engine had committed is the machine's affair; none is left out.
        assert report["rows"] == report["same"] == one(tmp_path, "SELECT count(*) FROM journal")
        assert report["differing"] == []
        assert report["state_same"] is True
        assert report["core_same"] is True
        written.append(file.read_bytes())
    assert written[0] == written[1]
    lines = [json.loads(line) for line in written[0].splitlines()]
    assert [line["seq"] for line in lines] == list(range(1, len(lines) + 1))
    assert any(effects for effects in (line["effects"] for line in lines))


def test_restarts_keep_each_promise_once(tmp_path: Path) -> None:
    assert run_engine(tmp_path, 5, "kill") == -9
    assert run_engine(tmp_path, 6, "stop") == 0
    assert one(tmp_path, "SELECT count(*) FROM intents WHERE done IS NULL") == 0
    for kind, table in (("WriteRecord", "contacts"), ("RecordPresence", "presence_log")):
        promised = one(tmp_path, f"SELECT count(*) FROM intents WHERE kind = '{kind}'")  # noqa: S608
        assert promised == one(tmp_path, f"SELECT count(*) FROM {table}") > 0  # noqa: S608
    assert one(tmp_path, "SELECT coalesce(sum(value), 0) FROM meta WHERE key LIKE '%double'") == 0
    arrived = one(tmp_path, "SELECT count(*) FROM journal WHERE kind = 'CallArrived'")
    assert arrived == one(tmp_path, "SELECT count(*) FROM contacts") > 0
    assert one(tmp_path, "SELECT count(*) FROM sites") == 1


def test_journal_that_leads_elsewhere_is_refused_and_can_be_forgotten(tmp_path: Path) -> None:
    assert run_engine(tmp_path, 7, "kill") == -9
    rows = one(tmp_path, "SELECT max(seq) FROM journal")
    change(tmp_path, "UPDATE journal SET effects = '00' WHERE seq = 9")
    report = replayed(tmp_path, "--format", "json")
    assert report.exit_code == 1
    assert [each["seq"] for each in json.loads(report.stdout)["differing"]] == [9]
    with pytest.raises(
        EngineProblem, match=r"^row 9 of the journal .* `expertline serve --forget`"
    ):
        asyncio.run(live(tmp_path, 8, "stop"))
    assert run_engine(tmp_path, 8, "forget") == 0
    assert one(tmp_path, f"SELECT count(*) FROM journal WHERE seq > {rows}") > 100  # noqa: S608
    assert one(tmp_path, "SELECT count(*) FROM intents WHERE done IS NULL") == 0
    assert run_engine(tmp_path, 9, "stop") == 0


def test_journal_with_a_hole_is_one_sentence(tmp_path: Path) -> None:
    assert run_engine(tmp_path, 10, "stop") == 0
    change(tmp_path, "DELETE FROM journal WHERE seq = 5")
    shown = replayed(tmp_path)
    assert (shown.exit_code, shown.stdout) == (1, "")
    assert shown.stderr == "expertline: the journal has no row 5, the next one is row 6\n"


def test_report_for_people_names_what_matters(tmp_path: Path) -> None:
    assert run_engine(tmp_path, 11, "stop") == 0
    change(tmp_path, "UPDATE journal SET core = 'other' WHERE seq = 3")
    shown = replayed(tmp_path)
    assert shown.exit_code == 0
    told = [line.split() for line in shown.stdout.splitlines()]
    assert ["newest", "state", "the", "same", "yes"] in told
    assert ["written", "by", "this", "very", "code", "no"] in told
    bad = replayed(tmp_path, "--effects", str(tmp_path / "none" / "file"))
    assert bad.exit_code == 2
    assert "cannot be written" in bad.stderr


def test_stored_site_comes_back_as_the_version_it_was(tmp_path: Path) -> None:
    from ivr.app_start import load_checked_site
    from ivr.prompts.catalogue import load_catalogue
    from ivr.site_shelf import SiteShelf

    assert run_engine(tmp_path, 12, "stop") == 0
    site = load_checked_site(settings_in(tmp_path), load_catalogue())
    store = StoreBeside(tmp_path)
    shelf = SiteShelf(store.stored_sites.one)
    assert shelf[site.version] == site
    assert shelf.get("never activated") is None
    store.close()


def test_no_store_and_no_journal_are_told(tmp_path: Path) -> None:
    missing = replayed(tmp_path)
    assert missing.exit_code == 2
    assert "there is no store at" in missing.stderr
