"""The engine's end of the control socket against clients of every kind."""

from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from fake_desk import FakeDesk, RawClient, served, view, whoever

from ivr.adapters.control.client import ControlClient
from ivr.adapters.control.problem import ControlCode, ControlProblem
from ivr.adapters.control.server import ControlLimits
from ivr.adapters.control.wire import AgentLine
from router.model import Origin, PresenceAnswer, PresenceChange

pytestmark = pytest.mark.unit

SITE = b'{"v": 1, "id": "s", "do": "site"}\n'
SIGN_IN = b'{"v": 1, "id": "p", "do": "presence", "change": "sign_in", "agent": "1001"}\n'

Dial = Callable[[], RawClient]


@pytest.fixture
def dial(tmp_path: Path) -> Iterator[Dial]:
    """Connects to the server in ``tmp_path``, as often as wanted."""
    clients: list[RawClient] = []

    def connect() -> RawClient:
        clients.append(RawClient(tmp_path))
        return clients[-1]

    yield connect
    for client in clients:
        client.close()


def test_request_becomes_one_event_from_the_command_line(tmp_path: Path) -> None:
    desk = FakeDesk()
    with served(tmp_path, desk), ControlClient(tmp_path) as client:
        line = client.presence(PresenceChange.SIGN_IN, "1010", device="desk-3")
        client.presence(PresenceChange.PAUSE, "main:1002", reason="meal")
    assert (line.answer, line.agent) == (PresenceAnswer.DONE, "1010")
    first, second = desk.asked
    assert (first.agent, first.device, first.origin) == ("main:1010", "main:desk-3", Origin.COMMAND)
    assert (second.agent, second.device, second.reason) == ("main:1002", None, "meal")
    assert first.request != second.request


def test_engine_that_tells_nothing_of_phones_in_use_is_understood(tmp_path: Path) -> None:
    with (
        served(tmp_path, FakeDesk(views=[view("1001", phone_in_use=True)])),
        ControlClient(tmp_path) as client,
    ):
        (told,) = client.agents()
    assert told.phone_in_use
    older = msgspec.to_builtins(told)
    del older["phone_in_use"]
    assert not msgspec.convert(older, AgentLine).phone_in_use


def test_views_are_told_with_names_of_the_site_and_wall_times(tmp_path: Path) -> None:
    with (
        served(tmp_path, FakeDesk(views=[view("1002"), view("gone")])),
        ControlClient(tmp_path) as client,
    ):
        known, gone = client.agents()
        (queue,) = client.queues()
        site = client.site()
    assert (known.agent, known.title, known.seat) == ("1002", "Data expert 1", "desk-2")
    assert known.queues == ("10086/data",)
    assert known.since == 1_767_225_601_500
    assert (gone.agent, gone.title, gone.queues) == ("gone", "", ())
    assert (queue.queue, queue.waiting, queue.offered, queue.staffed) == ("10086/data", 3, 1, 2)
    assert site.reasons == ("meal", "training")
    assert [each.device for each in site.devices] == ["desk-1", "desk-2", "desk-3"]


@pytest.mark.parametrize(
    ("line", "id_told", "code"),
    [
        (b"\n", None, "not_understood"),
        (b"hello\n", None, "not_understood"),
        (b"\xff\xfe\x00\n", None, "not_understood"),
        (b"[]\n", None, "not_understood"),
        (b'{"v": 1}\n', None, "not_understood"),
        (b'{"v": 1, "id": ""}\n', None, "not_understood"),
        (b'{"v": 1, "id": 5, "do": "site"}\n', None, "not_understood"),
        (b'{"v": 1, "id": "a\xff", "do": "site"}\n', None, "not_understood"),
        (b'{"x":' * 3000 + b"\n", None, "not_understood"),
        (b'{"v": 2, "id": "7", "what": "comes"}\n', "7", "other_version"),
        (b'{"v": 1, "id": "7"}\n', "7", "not_understood"),
        (b'{"v": 1, "id": "7", "do": "explode"}\n', "7", "not_understood"),
        (b'{"v": 1, "id": "7", "do": "presence"}\n', "7", "not_understood"),
        (SIGN_IN.replace(b"sign_in", b"vanish"), "p", "not_understood"),
        (SIGN_IN.replace(b'"1001"', b'"%s"' % (b"x" * 300)), "p", "not_understood"),
        (SIGN_IN.replace(b"sign_in", b"pause"), "p", "unknown_reason"),
        (SIGN_IN.replace(b"}", b', "device": "desk-9"}'), "p", "unknown_device"),
    ],
)
def test_bad_line_gets_an_error_and_the_next_is_served(
    tmp_path: Path, dial: Dial, line: bytes, id_told: str | None, code: str
) -> None:
    desk = FakeDesk()
    with served(tmp_path, desk):
        client = dial()
        client.send(line + SITE)
        answer = client.answer()
        assert answer is not None
        assert answer.get("id") == id_told
        assert code in str(answer["error"])
        # Answers may overtake each other, so the id says which is which.
        following = client.answer()
        assert following is not None
        assert (following["id"], "ok" in following) == ("s", True)
    assert desk.asked == []


def test_line_in_pieces_is_one_request(tmp_path: Path, dial: Dial) -> None:
    with served(tmp_path, FakeDesk()):
        client = dial()
        for number in range(len(SITE)):
            client.send(SITE[number : number + 1])
        answer = client.answer()
    assert answer is not None
    assert answer["id"] == "s"


def test_half_a_line_is_told_when_the_client_stops(tmp_path: Path, dial: Dial) -> None:
    desk = FakeDesk()
    with served(tmp_path, desk):
        client = dial()
        client.send(SIGN_IN.rstrip())
        client.end()
        assert client.code() == "not_understood"
        assert client.answer() is None
    assert desk.asked == []


def test_who_stops_writing_still_gets_the_answers(tmp_path: Path, dial: Dial) -> None:
    with served(tmp_path, FakeDesk()):
        client = dial()
        client.send(SITE)
        client.end()
        answer = client.answer()
        assert answer is not None
        assert "ok" in answer
        assert client.answer() is None


def test_line_of_a_megabyte_ends_the_connection_only(tmp_path: Path, dial: Dial) -> None:
    with served(tmp_path, FakeDesk()):
        long, other = dial(), dial()
        long.send_all_there_is(b"x" * 1_000_000 + b"\n")
        assert long.code() == "too_long"
        assert long.answer() is None
        other.send(SITE)
        assert other.answer() is not None


def test_client_without_a_whole_line_is_ended(tmp_path: Path, dial: Dial) -> None:
    with served(tmp_path, FakeDesk(), limits=ControlLimits(idle_s_max=0.05)):
        client = dial()
        client.send(b'{"v": 1,')
        assert client.code() == "too_slow"
        assert client.answer() is None


def test_client_that_does_not_read_is_cut_off(tmp_path: Path, dial: Dial) -> None:
    with served(tmp_path, FakeDesk(), limits=ControlLimits(write_s_max=0.05)):
        client = dial()
        # Far more answers than the buffers between the two hold.
        client.send_all_there_is(SITE * 20_000)
        other = dial()
        other.send(SITE)
        assert other.answer() is not None
        seen = 0
        while client.answer() is not None:
            seen += 1
        assert seen < 20_000


def test_one_client_too_many_is_told(tmp_path: Path, dial: Dial) -> None:
    with served(tmp_path, FakeDesk(), limits=ControlLimits(connections_max=2)):
        first, second = dial(), dial()
        for client in (first, second):
            client.send(SITE)
            assert client.answer() is not None
        third = dial()
        assert third.code() == "busy"
        assert third.answer() is None
        second.send(SITE)
        assert second.answer() is not None


def test_one_request_too_many_is_told_and_the_others_time_out(tmp_path: Path, dial: Dial) -> None:
    limits = ControlLimits(under_way_max=2, request_s_max=0.2)
    desk = FakeDesk(mute=True)
    with served(tmp_path, desk, limits=limits):
        client = dial()
        client.send(SIGN_IN * 3)
        assert [client.code() for _ in range(3)] == ["busy", "no_answer", "no_answer"]
        client.send(SITE)
        assert client.answer() is not None, "the places of the timed-out ones are free again"
    assert len(desk.asked) == 2


@pytest.mark.parametrize(("uid", "allowed"), [(0, True), (4242, False)])
def test_another_user_is_refused_and_root_is_not(tmp_path: Path, uid: int, allowed: bool) -> None:
    with served(tmp_path, FakeDesk(), uid_of=lambda _: uid):
        if allowed:
            with ControlClient(tmp_path) as client:
                assert client.site().reasons
            return
        with ControlClient(tmp_path) as client, pytest.raises(ControlProblem) as refused:
            client.site()
        assert refused.value.code is ControlCode.NOT_ALLOWED
        assert "4242" in str(refused.value)


def test_client_that_vanishes_leaves_the_server_well(tmp_path: Path, dial: Dial) -> None:
    desk = FakeDesk(mute=True)
    with served(tmp_path, desk, limits=ControlLimits(request_s_max=0.05), uid_of=whoever):
        gone = dial()
        gone.send(SIGN_IN * 5)
        gone.close()
        client = dial()
        client.send(SITE)
        assert client.answer() is not None


def test_stop_cuts_off_who_waits(tmp_path: Path, dial: Dial) -> None:
    with served(tmp_path, FakeDesk()):
        client = dial()
        client.send(SITE)
        assert client.answer() is not None
    assert client.answer() is None
    assert not (tmp_path / "control.sock").exists()
