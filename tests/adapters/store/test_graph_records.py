"""`expertline graph --records`: which ways the callers on record went."""

import re
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
from store_samples import record, store_in
from typer.testing import CliRunner, Result

from ivr.adapters.store.store import utc_millis
from ivr.call.record import ContactRecord
from ivr.cli.main import app
from router.model import Millis

pytestmark = pytest.mark.unit

HOTLINE = Path(__file__).parents[3] / "dialplans" / "10086"
DAY_MS = 86_400_000
TO_DATA = ("language", "welcome", "services", "data", "data-seats")


def kept(folder: Path, *, age_ms: int = 0, **changes: object) -> None:
    base = record("c", agent=None)
    store = store_in(folder)
    for number in range(3):
        changed = {"hotline": "10086", "nodes": TO_DATA, "language": "zh-CN", **changes}
        one = cast(ContactRecord, replace(base, contact=f"c{number}", **changed))  # pyright: ignore
        store.records.write(one, wall=utc_millis() - age_ms)
    store.journal.flush()
    store.close()


def drawn(folder: Path, *more: str) -> Result:
    return CliRunner().invoke(
        app, ["graph", str(HOTLINE), "--records", "--data-dir", str(folder), *more]
    )


def label_of(text: str, tooltip: str) -> str:
    found = re.search(rf'<g class="label[^>]*><title>{tooltip}</title>.*?<text[^>]*>([^<]*)<', text)
    assert found is not None, tooltip
    return found[1]


def test_callers_are_counted_on_each_way_also_by_silent_nodes(tmp_path: Path) -> None:
    kept(tmp_path, connected_at=Millis(9))
    text = drawn(tmp_path).stdout
    assert "Where 3 callers went since" in text
    assert label_of(text, "1, noinput, nomatch: from language to chinese").endswith("×3")
    assert label_of(text, "2: from language to english").endswith("×0")
    assert label_of(text, "next: from chinese to welcome") == "×3"
    assert re.search(r'id="node-english" class="box \w+ never"', text)


def test_callers_whom_an_expert_answered_are_told_at_their_queue(tmp_path: Path) -> None:
    kept(tmp_path, connected_at=Millis(9))
    assert drawn(tmp_path).stdout.count("expert answers  ×3") == 1


def test_older_callers_and_those_of_other_hotlines_are_left_out(tmp_path: Path) -> None:
    kept(tmp_path, age_ms=9 * DAY_MS)
    assert "Where 0 callers went" in drawn(tmp_path).stdout
    assert "Where 3 callers went" in drawn(tmp_path, "--since", "10d").stdout
    (tmp_path / "other").mkdir()
    kept(tmp_path / "other", hotline="12580")
    assert "Where 0 callers went" in drawn(tmp_path / "other").stdout
