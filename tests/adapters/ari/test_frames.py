"""What comes over the line: odd frames, floods, our own faults, and the order of the wire."""

import asyncio
import json
from typing import Any, Self

import aiohttp
import pytest
from fake_ari import FakeAri, about_channel
from hypothesis import given
from hypothesis import strategies as st
from line_harness import Heard, Pacing, connected

from ivr.adapters.ari import line
from ivr.adapters.ari import operations as op
from ivr.adapters.ari.events import (
    KNOWN_TYPES,
    AriEvent,
    OddFrameError,
    OtherEvent,
    RestResponse,
    StasisEnd,
    decode,
)
from ivr.adapters.ari.line import ODD_FRAMES_NOTED_MAX
from ivr.adapters.ari.requests import PendingRequests

pytestmark = pytest.mark.contract

ODD_FRAMES = (
    "",
    "no json",
    "null",
    "[]",
    "7",
    '{"channel": {}}',
    '{"type": null}',
    '{"type": 5}',
    '{"type": "StasisEnd"',
    '{"type": "StasisEnd", "channel": null}',
    '{"type": "StasisEnd", "channel": {"id": 5}}',
    '{"type": "RESTResponse", "request_id": 7, "status_code": "x"}',
    "[" * 5_000,
)
UNKNOWN_FRAMES = ('{"type": "ChannelVarset", "value": 1}', '{"type": "NewIn99", "x": [1]}')


async def test_odd_frames_are_noted_and_end_nothing() -> None:
    heard = Heard()
    async with FakeAri() as server, connected(server, heard) as connection:
        for frame in (*ODD_FRAMES, *UNKNOWN_FRAMES):
            await server.say_raw(frame)
        await server.lines[-1].send_bytes(b"\x00\xff")
        await server.say(about_channel("StasisEnd", "c1"))
        await server.until(lambda: bool(heard.events))
        assert connection.connected
    assert [type(event) for event in heard.events] == [StasisEnd]
    assert heard.downs == []
    noted = heard.noted("odd_frame")
    assert len(noted) == ODD_FRAMES_NOTED_MAX
    assert [int(details["count"]) for details in noted] == list(range(1, 11))


async def test_our_own_fault_is_noted_with_its_exception_and_the_line_made_anew() -> None:
    heard, pacing = Heard(), Pacing()

    def broken(event: AriEvent) -> None:
        raise OSError(f"disk full at {type(event).__name__}")

    async with FakeAri() as server, connected(server, heard, pace=pacing.pace()):
        heard.work = broken
        await server.say(about_channel("StasisEnd", "c1"))
        await server.until(lambda: server.connects == 2)
        heard.work = None
        await server.until(lambda: heard.ups == 2 and len(server.lines) == 2)
        await server.say(about_channel("StasisEnd", "c2"))
        await server.until(lambda: len(heard.events) == 2)
    (bug,) = heard.noted("ari_bug")
    assert "disk full at StasisEnd" in bug["bug"]
    assert bug["line"].startswith("broken:")


async def test_events_and_answers_are_worked_in_the_order_of_the_wire() -> None:
    heard, order = Heard(), list[str]()
    async with FakeAri() as server, connected(server, heard) as connection:
        heard.work = lambda event: order.append(event.channel.id)  # type: ignore[union-attr]

        async def between(method: str, path: str, query: dict[str, str]) -> tuple[int, object]:
            del method, path, query
            await server.say(*(about_channel("StasisEnd", f"c{n}") for n in range(50)))
            return 204, None

        server.answers = between
        connection.send(op.ping(), lambda _: order.append("answer"))
        await server.until(lambda: "answer" in order)
    assert order == [*(f"c{n}" for n in range(50)), "answer"]


class Burst:
    """A socket that has more frames at hand than the line may keep."""

    def __init__(self, frames: int, text: str) -> None:
        self._frames = frames
        self._text = text

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> aiohttp.WSMessage:
        if self._frames == 0:
            raise StopAsyncIteration
        self._frames -= 1
        return aiohttp.WSMessage(aiohttp.WSMsgType.TEXT, self._text, None)

    async def send_str(self, frame: str) -> None:
        raise AssertionError(frame)


@pytest.mark.parametrize(("frames", "kept"), [(3, True), (4, False)])
async def test_events_that_pile_up_end_the_line(
    monkeypatch: pytest.MonkeyPatch, frames: int, kept: bool
) -> None:
    monkeypatch.setattr(line, "EVENTS_PENDING_MAX", 3)
    socket: Any = Burst(frames, FRAME)
    one = line.Line(socket, PendingRequests(), asyncio.Queue(), Heard().callbacks())
    if kept:
        await one.run()
    else:
        with pytest.raises(line.LineLostError, match="faster than we work"):
            await one.run()


FRAME = json.dumps(about_channel("StasisEnd", "c1"))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


async def test_what_waits_to_be_sent_when_replaced_does_not_leave() -> None:
    socket: Any = Burst(1, '{"type": "ApplicationReplaced"}')
    outgoing: asyncio.Queue[str] = asyncio.Queue()
    outgoing.put_nowait("a request that was given before")
    heard = Heard()
    await line.Line(socket, PendingRequests(), outgoing, heard.callbacks()).run()
    assert heard.replaced == 1
    assert outgoing.qsize() == 1


def check_decodes(frame: str | bytes) -> None:
    try:
        event = decode(frame)
    except OddFrameError:
        return
    assert isinstance(event, AriEvent | RestResponse | OtherEvent)


@given(frame=st.binary() | st.text())
def test_any_frame_is_an_event_or_one_named_error(frame: str | bytes) -> None:
    check_decodes(frame)


@given(
    kind=st.sampled_from(sorted(KNOWN_TYPES)),
    fields=st.dictionaries(
        st.sampled_from(["channel", "args", "playback", "bridge", "cause", "digit", "endpoint"]),
        JSON,
    ),
)
def test_any_fields_are_an_event_or_one_named_error(kind: str, fields: dict[str, Any]) -> None:
    check_decodes(json.dumps({"type": kind, **fields}))


def test_error_of_an_odd_frame_does_not_tell_its_content() -> None:
    with pytest.raises(OddFrameError) as odd:
        decode('{"caller": "13900000001"')
    assert "139" not in str(odd.value)
