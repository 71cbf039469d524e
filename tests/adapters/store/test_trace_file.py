"""The trace: lines that come back, and a disk that refuses them."""

import contextlib
import json
import resource
import signal
from collections.abc import Generator
from pathlib import Path

import pytest

from ivr.adapters.store.json_lines import JsonLines
from simulator.live.trace_lines import read_lines

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


@contextlib.contextmanager
def files_end_at(size: int) -> Generator[None]:
    """A disk on which files grow to this many bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)


@pytest.mark.parametrize("room", range(10, 20))
def test_half_a_line_on_a_full_disk_damages_no_other(tmp_path: Path, room: int) -> None:
    path = tmp_path / "trace.jsonl"
    trace = JsonLines(path)
    trace.append({"at": 1})
    with files_end_at(room):
        trace.append({"at": 2222})
        trace.append({"at": 3333})
    trace.append({"at": 4})
    trace.append({"at": 5})
    trace.close()
    assert read_lines(path) == [{"at": 1}, {"lost_lines": 2}, {"at": 4}, {"at": 5}]
    assert b"\n\n" not in path.read_bytes()


def test_file_that_ends_within_a_line_is_gone_on_with_in_a_new_one(tmp_path: Path) -> None:
    path = tmp_path / "trace.jsonl"
    path.write_bytes('{"at":1}\n{"words":"您'.encode()[:-1])
    trace = JsonLines(path)
    trace.append({"at": 2})
    trace.close()
    assert read_lines(path) == [{"at": 1}, {"at": 2}]
    assert path.read_bytes().endswith(b'\n{"at":2}\n')


def test_set_aside_file_that_cannot_be_begun_anew_costs_lines_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "trace.jsonl"
    trace = JsonLines(path, bytes_max=20)
    trace.append({"at": 1})
    trace.append({"at": 2})

    def refuse(*_: object, **__: object) -> None:
        raise OSError("no room for a name")

    with monkeypatch.context() as full:
        full.setattr(Path, "touch", refuse)
        trace.append({"at": 3})
        trace.append({"at": 4})
    assert trace.lost == 2
    trace.append({"at": 5})
    trace.close()
    assert lines(path)[-1] == {"at": 5}


def test_damaged_lines_are_passed_over_by_who_reads_the_trace(tmp_path: Path) -> None:
    path = tmp_path / "trace.jsonl"
    path.write_bytes(b'{"at":1}\n{"at":2{"at":3}\n\xe6\x82\n17\n\n{"at":4,"x":"\xe2\x80\xa8"}\n{"a')
    assert read_lines(path) == [{"at": 1}, {"at": 4, "x": "\u2028"}]
