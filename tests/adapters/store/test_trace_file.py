"""The trace: lines that come back, and a disk that refuses them."""

import json
from pathlib import Path

import pytest

from ivr.adapters.store.json_lines import JsonLines

pytestmark = pytest.mark.unit


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_lines_come_back_in_order_and_are_private(tmp_path: Path) -> None:
    path = tmp_path / "new" / "trace.jsonl"
    trace = JsonLines(path)
    trace.append({"at": 1})
    trace.append({"at": 2, "words": "您好"})
    trace.close()
    assert lines(path) == [{"at": 1}, {"at": 2, "words": "您好"}]
    assert path.stat().st_mode & 0o077 == 0


def test_full_file_is_set_aside_and_begun_anew(tmp_path: Path) -> None:
    path = tmp_path / "trace.jsonl"
    trace = JsonLines(path, bytes_max=20)
    for at in range(4):
        trace.append({"at": at, "x": 0})
    trace.close()
    assert lines(tmp_path / "trace.jsonl.1") == [{"at": 2, "x": 0}]
    assert lines(path) == [{"at": 3, "x": 0}]


def test_disk_that_refuses_costs_lines_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "trace.jsonl"
    path.symlink_to("/dev/full")
    trace = JsonLines(path)
    trace.append({"at": 1})
    trace.append({"at": 2})
    assert trace.lost == 2
    trace.close()


def test_number_of_lost_lines_is_told_once_writing_works_again(tmp_path: Path) -> None:
    path = tmp_path / "trace.jsonl"
    trace = JsonLines(path)
    trace.lost = 3
    trace.append({"at": 4})
    trace.append({"at": 5})
    trace.close()
    assert lines(path) == [{"lost_lines": 3}, {"at": 4}, {"at": 5}]
