"""The line itself: how it is made, kept, lost and given up."""

import asyncio

import fake_ari
import pytest
from fake_ari import FakeAri, about_channel
from line_harness import Heard, Pacing, connected

from ivr.adapters.ari import line, requests
from ivr.adapters.ari import operations as op
from ivr.adapters.ari.backoff import FIRST_S, LONGEST_S, Backoff
from ivr.adapters.ari.connection import (
    HTTP_KEEPALIVE_S,
    HTTP_POOL,
    JOINING_MAX,
    AriConnection,
)
from ivr.adapters.ari.events import RestResponse
from ivr.adapters.ari.requests import NO_REPLY, NOT_SENT, PendingRequests
from ivr.ports import PeerError
from ivr.provision.asterisk import CHECKOUT

pytestmark = pytest.mark.contract

CLOSES = 100


def test_back_off_doubles_within_its_bounds() -> None:
    longest, shortest = Backoff(lambda: 0.999_999), Backoff(lambda: 0.0)
    delays = [longest.next_delay_s() for _ in range(10)]
    assert delays == sorted(delays)
    assert delays[0] == pytest.approx(FIRST_S, rel=0.01)
    assert delays[-1] == pytest.approx(LONGEST_S, rel=0.01)
    assert {shortest.next_delay_s() for _ in range(10)} == {FIRST_S / 2}


def test_back_off_begins_anew_after_a_connection_that_held() -> None:
    backoff = Backoff(lambda: 1.0)
    for _ in range(8):
        backoff.next_delay_s(held_s=1.0)
    assert backoff.next_delay_s(held_s=1.0) == LONGEST_S
    assert backoff.next_delay_s(held_s=60.0) == FIRST_S


async def test_line_closed_at_once_again_and_again_is_not_hammered() -> None:
    heard, pacing = Heard(), Pacing(chance=1.0, naps_max=CLOSES)
    async with FakeAri() as server:
        server.close_at_once = True
        connection = AriConnection(server.settings(), heard.callbacks(), pace=pacing.pace())
        running = asyncio.create_task(connection.run())
        async with asyncio.timeout(20):
            await pacing.enough.wait()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await connection.close()
        assert server.connects == CLOSES
    assert len(heard.downs) == CLOSES
    assert min(pacing.naps) >= FIRST_S / 2
    assert max(pacing.naps) <= LONGEST_S
    assert pacing.naps[10:] == [LONGEST_S] * (CLOSES - 10)


async def test_replaced_engine_sends_nothing_more_and_stays_away() -> None:
    heard, pacing = Heard(), Pacing()
    async with FakeAri() as server, connected(server, heard, pace=pacing.pace()) as connection:
        await server.say({"type": "ApplicationReplaced", "application": fake_ari.APP})
        await server.until(lambda: heard.replaced == 1 and not connection.connected)
        before = len(server.asked)
        replies: list[op.Reply] = []
        connection.send(op.hang_up("c1", reason="normal"), replies.append)
        assert replies == [NOT_SENT]
        assert await connection.over_http(op.ping()) == NOT_SENT
        assert await connection.join(op.answer("c1")) == NOT_SENT
        assert (len(server.asked), server.connects, pacing.naps) == (before, 1, [])


async def test_request_queued_when_replaced_does_not_leave() -> None:
    heard = Heard()
    async with FakeAri() as server:
        connection = AriConnection(server.settings(), heard.callbacks(), pace=Pacing().pace())
        running = asyncio.create_task(connection.run())
        await server.until(lambda: bool(server.lines) and connection.connected)
        replies: list[op.Reply] = []
        connection.cease()
        connection.send(op.ping(), replies.append)
        assert replies == [NOT_SENT]
        await server.lines[-1].close()
        async with asyncio.timeout(5):
            await running
        await connection.close()
        assert server.paths("GET") == []


async def test_request_without_answer_ends_at_its_deadline_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(requests, "WS_DEADLINE_S", 0.05)
    monkeypatch.setattr(line, "SWEEP_S", 0.01)
    heard, replies = Heard(), list[op.Reply]()
    async with FakeAri() as server, connected(server, heard) as connection:

        async def silent(method: str, path: str, query: dict[str, str]) -> None:
            del method, path, query

        server.answers = silent
        connection.send(op.ping(), replies.append)
        await server.until(lambda: bool(replies))
        late = {"type": "RESTResponse", "request_id": "1", "status_code": 200}
        await server.say(late, about_channel("StasisEnd", "c1"))
        await server.until(lambda: bool(heard.events))
        assert replies == [NO_REPLY]
        assert heard.downs == []


def test_pending_request_expires_exactly_at_its_due_time() -> None:
    pending, replies = PendingRequests(), list[op.Reply]()
    pending.register(replies.append, 100.0)
    second = pending.register(replies.append, 101.0)
    pending.expire(100.0 + requests.WS_DEADLINE_S - 0.001)
    assert replies == []
    pending.expire(100.0 + requests.WS_DEADLINE_S)
    assert replies == [NO_REPLY]
    pending.answer(RestResponse(second, 204))
    pending.answer(RestResponse(second, 204))
    pending.fail_all()
    assert [reply.status for reply in replies] == [0, 204]


async def test_requests_under_way_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests, "REQUESTS_PENDING_MAX", 3)
    heard, replies = Heard(), list[op.Reply]()
    async with FakeAri() as server, connected(server, heard) as connection:
        for _ in range(5):
            connection.send(op.ping(), replies.append)
        assert replies == [NOT_SENT, NOT_SENT]
        await server.until(lambda: len(replies) == 5)
        assert [reply.ok for reply in replies[2:]] == [True] * 3


async def test_line_that_breaks_answers_all_that_was_asked() -> None:
    heard, replies = Heard(), list[op.Reply]()
    pacing = Pacing()
    async with FakeAri() as server, connected(server, heard, pace=pacing.pace()) as connection:

        async def silent(method: str, path: str, query: dict[str, str]) -> None:
            del method, path, query

        server.answers = silent
        for _ in range(3):
            connection.send(op.ping(), replies.append)
        await server.until(lambda: bool(server.asked))
        await server.lines[-1].close()
        await server.until(lambda: server.connects == 2 and connection.connected)
        assert replies == [NO_REPLY] * 3
        assert len(heard.downs) == 1


async def test_wrong_password_is_one_sentence() -> None:
    async with FakeAri() as server:
        settings = server.settings(password="not-the-password")
        connection = AriConnection(settings, Heard().callbacks())
        with pytest.raises(PeerError) as refused:
            await connection.open()
        await connection.close()
    told = str(refused.value)
    assert "password is wrong" in told
    assert "not-the-password" not in told
    assert "\n" not in told


async def test_absent_server_is_one_sentence() -> None:
    async with FakeAri() as server:
        settings = server.settings()
    connection = AriConnection(settings, Heard().callbacks())
    with pytest.raises(
        PeerError, match=r"does not answer \(no connection\)\. Is Asterisk running there"
    ):
        await connection.open()
    await connection.close()


async def test_server_that_is_no_asterisk_is_one_sentence() -> None:
    async with FakeAri() as server:

        async def chatty(method: str, path: str, query: dict[str, str]) -> tuple[int, object]:
            del method, path, query
            return 200, "welcome"

        server.answers = chatty
        connection = AriConnection(server.settings(), Heard().callbacks())
        with pytest.raises(PeerError, match="not as Asterisk does"):
            await connection.open()
        await connection.close()


async def test_unreachable_server_is_noted_once_while_it_stays_away() -> None:
    heard, pacing = Heard(), Pacing(naps_max=20)
    async with FakeAri() as server:
        settings = server.settings()
    connection = AriConnection(settings, heard.callbacks(), pace=pacing.pace())
    running = asyncio.create_task(connection.run())
    async with asyncio.timeout(5):
        await pacing.enough.wait()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await connection.close()
    assert len(heard.noted("asterisk_unreachable")) == 1
    assert heard.downs == []


async def test_joining_requests_are_few_at_a_time_and_questions_still_pass() -> None:
    heard, gate = Heard(), asyncio.Event()
    async with FakeAri() as server, connected(server, heard) as connection:

        async def slow(method: str, path: str, query: dict[str, str]) -> tuple[int, object] | None:
            if path.endswith("/answer"):
                await gate.wait()
            return await fake_ari.all_well(method, path, query)

        server.answers = slow
        joins = [asyncio.create_task(connection.join(op.answer(f"c{n}"))) for n in range(40)]
        await server.until(lambda: server.http_now == JOINING_MAX)
        async with asyncio.timeout(2):
            assert (await connection.over_http(op.list_channels())).ok
        assert server.http_now == JOINING_MAX
        gate.set()
        assert all(reply.ok for reply in await asyncio.gather(*joins))
    assert server.http_most <= HTTP_POOL


def test_keep_alive_is_shorter_than_the_servers() -> None:
    text = (CHECKOUT / "asterisk-conf" / "http.conf").read_text()
    (line_of_it,) = [row for row in text.splitlines() if row.startswith("session_keep_alive")]
    assert int(line_of_it.partition("=")[2]) > HTTP_KEEPALIVE_S * 1000
