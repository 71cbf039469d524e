"""What the store says of its trouble stands in the trace at the engine's own time."""

import asyncio
import random
from pathlib import Path

import pytest
from journal_run import Phones, settings_in

from ivr import app_start
from ivr.adapters.store.problem import StoreProblem
from ivr.app_start import TRACE_FILE, checked_site, open_files, take_up
from ivr.prompts.catalogue import load_catalogue
from simulator.live.trace_lines import read_lines

pytestmark = pytest.mark.unit

FAR_MS = 5_000_000


async def lived(folder: Path, *, wall_later_ms: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """One life of an engine whose store has trouble, so much later than it is."""
    settings = settings_in(folder)
    with monkeypatch.context() as later, open_files(settings) as files:
        now = app_start.utc_millis()
        later.setattr(app_start, "utc_millis", lambda: now + wall_later_ms)
        phones = Phones(random.Random(1))
        started = take_up(settings, checked_site(settings, load_catalogue()), files, phones)
        started.begin()
        files.notes.tell(StoreProblem("it is full", code="full", operation="committing"))
        started.runtime.finish()


def test_stores_notes_follow_the_engine_clock_after_a_restart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asyncio.run(lived(tmp_path, wall_later_ms=0, monkeypatch=monkeypatch))
    asyncio.run(lived(tmp_path, wall_later_ms=FAR_MS, monkeypatch=monkeypatch))
    noted = [line for line in read_lines(tmp_path / TRACE_FILE) if line.get("note") == "store"]
    first, second = (line["at"] for line in noted)
    assert isinstance(first, int)
    assert isinstance(second, int)
    assert FAR_MS - 1_000 <= second - first <= FAR_MS + 60_000
