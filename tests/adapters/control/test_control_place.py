"""Where the control socket lies: long paths, dead engines, second engines, unsafe folders."""

import asyncio
import os
import socket
import stat
from pathlib import Path

import pytest
from fake_desk import FakeDesk, RawClient, bound, served

from ivr.adapters.control import place
from ivr.adapters.control.client import ControlClient
from ivr.adapters.control.problem import ControlCode, ControlProblem
from ivr.adapters.control.server import ControlServer

pytestmark = pytest.mark.unit

NAME = place.SOCKET_NAME


def refused_start(folder: Path) -> ControlProblem:
    """What a server says that cannot start here."""
    with pytest.raises(ControlProblem) as refused:
        asyncio.run(ControlServer(folder, FakeDesk()).start())
    sentence = str(refused.value)
    assert "\n" not in sentence
    assert str(folder) in sentence
    return refused.value


@pytest.fixture
def dead_socket(tmp_path: Path) -> None:
    """What an engine leaves that was killed: a socket to which nobody listens."""
    bound(tmp_path).close()


def test_long_data_folder_is_served(tmp_path: Path) -> None:
    folder = tmp_path.joinpath(*["a folder with a rather long name, 50 characters of"] * 4)
    folder.mkdir(parents=True)
    assert len(str(folder / NAME).encode()) > 200
    with served(folder, FakeDesk()), ControlClient(folder) as client:
        assert client.site().reasons
    assert not (folder / NAME).exists()


def test_socket_is_private_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        with served(tmp_path, FakeDesk()):
            found = (tmp_path / NAME).stat()
    finally:
        os.umask(before)
    assert stat.S_ISSOCK(found.st_mode)
    assert stat.S_IMODE(found.st_mode) == 0o600


def test_folder_of_ours_that_others_may_write_is_closed_to_them(tmp_path: Path) -> None:
    tmp_path.chmod(0o775)
    with served(tmp_path, FakeDesk()):
        assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755


@pytest.mark.parametrize(
    ("owner", "mode", "safe"), [(0, 0o755, True), (0, 0o775, False), (77, 0o700, False)]
)
def test_folder_of_another_user_is_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, owner: int, mode: int, safe: bool
) -> None:
    found = os.stat_result((stat.S_IFDIR | mode, 1, 1, 1, owner, owner, 0, 0, 0, 0))

    def stated(_descriptor: int) -> os.stat_result:
        return found

    monkeypatch.setattr(os, "geteuid", lambda: 1234)
    monkeypatch.setattr(os, "fstat", stated)
    if not safe:
        assert refused_start(tmp_path).code is ControlCode.UNSAFE
        return
    with place.opened_folder(tmp_path) as folder:
        place.listening(folder, tmp_path, backlog=1).close()


@pytest.mark.usefixtures("dead_socket")
def test_socket_of_a_dead_engine_is_replaced(tmp_path: Path) -> None:
    with served(tmp_path, FakeDesk()), ControlClient(tmp_path) as client:
        assert client.site().reasons


def test_second_engine_is_refused_and_the_first_goes_on(tmp_path: Path) -> None:
    with served(tmp_path, FakeDesk()):
        assert refused_start(tmp_path).code is ControlCode.IN_USE
        with ControlClient(tmp_path) as client:
            assert client.site().reasons


def test_engine_that_hangs_keeps_its_socket(tmp_path: Path) -> None:
    hanging = bound(tmp_path)
    hanging.listen(1)
    try:
        assert refused_start(tmp_path).code is ControlCode.IN_USE
    finally:
        hanging.close()


def test_engine_with_a_full_backlog_keeps_its_socket(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(place, "PROBE_S_MAX", 0.01)
    hanging = bound(tmp_path)
    hanging.listen(0)
    waiting = RawClient(tmp_path)
    try:
        assert refused_start(tmp_path).code is ControlCode.IN_USE
        with pytest.raises(ControlProblem) as refused:
            ControlClient(tmp_path, timeout_s=0.01)
        assert refused.value.code is ControlCode.BUSY
    finally:
        waiting.close()
        hanging.close()


def test_two_that_start_at_once_cannot_both_begin(tmp_path: Path) -> None:
    with place.opened_folder(tmp_path) as first, place.opened_folder(tmp_path) as second:
        place.fcntl.flock(first, place.fcntl.LOCK_EX)
        with pytest.raises(ControlProblem) as refused:
            place.listening(second, tmp_path, backlog=1)
    assert refused.value.code is ControlCode.IN_USE


def test_what_is_no_socket_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text("precious")
    assert refused_start(tmp_path).code is ControlCode.UNSAFE
    assert (tmp_path / NAME).read_text() == "precious"


def test_missing_folder_is_one_sentence(tmp_path: Path) -> None:
    assert refused_start(tmp_path / "none").code is ControlCode.FAILED


def test_stop_leaves_a_socket_that_is_no_longer_its_own(tmp_path: Path) -> None:
    with served(tmp_path, FakeDesk()):
        (tmp_path / NAME).unlink()
        (tmp_path / NAME).write_text("another one's")
    assert (tmp_path / NAME).read_text() == "another one's"


def refused_client(folder: Path) -> ControlProblem:
    with pytest.raises(ControlProblem) as refused:
        ControlClient(folder)
    assert str(folder) in str(refused.value)
    return refused.value


@pytest.mark.usefixtures("dead_socket")
def test_client_of_a_dead_engine_is_told(tmp_path: Path) -> None:
    assert refused_client(tmp_path).code is ControlCode.NOT_RUNNING


@pytest.mark.parametrize("folder", ["", "none"])
def test_client_without_a_socket_is_told(tmp_path: Path, folder: str) -> None:
    problem = refused_client(tmp_path / folder)
    assert problem.code is ControlCode.NOT_RUNNING
    assert "--data-dir" in str(problem)


def test_client_of_another_users_engine_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(*_: object, **__: object) -> socket.socket:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(place, "connected", forbidden)
    problem = refused_client(tmp_path)
    assert problem.code is ControlCode.NOT_ALLOWED
    assert f"uid {os.geteuid()}" in str(problem)


def answered_by(folder: Path, answer: bytes | None) -> ControlProblem:
    """What a client says of an engine that answers so; None is never."""
    listener = bound(folder)
    listener.listen(1)
    with ControlClient(folder, timeout_s=20.0 if answer is not None else 0.05) as client:
        line, _ = listener.accept()
        if answer is not None:
            line.sendall(answer)
            line.shutdown(socket.SHUT_WR)
        with pytest.raises(ControlProblem) as refused:
            client.site()
        line.close()
    listener.close()
    return refused.value


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (None, ControlCode.NO_ANSWER),
        (b"", ControlCode.NO_ANSWER),
        (b'{"v": 1, "id": "1", "ok"', ControlCode.NO_ANSWER),
        (b"garbage\n", ControlCode.OTHER_VERSION),
        (b'{"v": 1, "id": "1"}\n', ControlCode.OTHER_VERSION),
        (b'{"v": 1, "id": "1", "ok": {"version": 5}}\n', ControlCode.OTHER_VERSION),
        (b'{"v": 1, "id": "9", "ok": {}}\n', ControlCode.NO_ANSWER),
        (
            b'{"v": 1, "id": "1", "error": {"code": "busy", "sentence": "Wait."}}\n',
            ControlCode.BUSY,
        ),
    ],
)
def test_strange_engine_is_one_sentence(
    tmp_path: Path, answer: bytes | None, code: ControlCode
) -> None:
    problem = answered_by(tmp_path, answer)
    assert problem.code is code
    assert "\n" not in str(problem)
