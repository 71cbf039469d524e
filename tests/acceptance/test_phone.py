"""The test phone proves itself: phones call phones over loopback, no Asterisk needed.

The judges of the recordings are those of the demo, so these tests also show that a wrong
recording is refused.
"""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Awaitable
from pathlib import Path

import pytest

from simulator.live import hearing
from simulator.live.phone import (
    Answer,
    EndInfo,
    PhoneRack,
    PhoneRackError,
    PlacedCall,
    ReceivedCall,
    Reject,
    RingOut,
)
from simulator.live.sockets import listening_sockets

pytestmark = pytest.mark.acceptance

CALLER_HZ, EXPERT_HZ = 1300, 1700


def heard_only(call: PlacedCall | ReceivedCall, hz: int, *, not_hz: int, min_ms: int) -> bool:
    heard = hearing.read_wav(call.recording)
    return hearing.heard_tone(heard, hz, other_hz=not_hz, min_ms=min_ms)


def is_running(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


async def test_two_phones_hear_each_others_tone_and_only_that() -> None:
    async with PhoneRack() as rack:
        expert = await rack.listen("8001", behaviour=Answer(after_ms=100, tone_hz=EXPERT_HZ))
        call = await rack.place("13800138000", expert.uri, tone_hz=CALLER_HZ)
        answered_ns = await call.answered()
        received = await expert.next_call()
        await asyncio.sleep(0.8)
        await call.hang_up()
        end, other_end = await call.ended(), await received.ended()
        assert "13800138000@127.0.0.1" in received.from_uri
        assert (answered_ns - received.offered_at_ns) / 1e6 >= 100
        assert end.by_us
        assert not other_end.by_us
        assert heard_only(call, EXPERT_HZ, not_hz=CALLER_HZ, min_ms=500)
        assert heard_only(received, CALLER_HZ, not_hz=EXPERT_HZ, min_ms=500)
        assert not heard_only(call, CALLER_HZ, not_hz=EXPERT_HZ, min_ms=50)
        assert 0 <= call.answer_to_first_audio_ms() < 200
        (first_ns, _), *_, (last_ns, _) = call.timeline.packets
        assert 19 < (last_ns - first_ns) / 1e6 / (len(call.timeline) - 1) < 21


async def test_pressed_keys_arrive_in_order_and_at_their_time() -> None:
    async with PhoneRack() as rack:
        expert = await rack.listen("8001")
        call = await rack.place("13800138000", expert.uri)
        await call.answered()
        received = await expert.next_call()
        before_ns = time.monotonic_ns()
        await call.press("1")
        after_ns = time.monotonic_ns()
        await call.press("1*")
        await call.hang_up()
        await received.ended()
        assert [digit for digit, _ in received.digits] == ["1", "1", "*"]
        assert before_ns < received.digits[0][1] < after_ns


async def test_the_tone_starts_and_stops_only_when_told() -> None:
    async with PhoneRack() as rack:
        expert = await rack.listen("8001")
        call = await rack.place("1", expert.uri, tone_hz=CALLER_HZ, tone_from="command")
        await call.answered()
        received = await expert.next_call()
        await asyncio.sleep(0.3)
        told_ns = await call.tone(CALLER_HZ)
        await asyncio.sleep(0.3)
        stopped_ns = await call.tone(None)
        await asyncio.sleep(0.5)
        await call.hang_up()
        await received.ended()
        loud = [at_ns for at_ns, level in received.timeline if level > hearing.LOUD_DBFS]
        assert told_ns <= loud[0] < told_ns + 250e6
        assert loud[-1] < stopped_ns + 250e6


async def test_a_rejecting_phone_gives_its_status_to_the_caller() -> None:
    async with PhoneRack() as rack:
        expert = await rack.listen("8001", behaviour=Reject())
        call = await rack.place("13800138000", expert.uri)
        with pytest.raises(PhoneRackError, match="486"):
            await call.answered()
        end = await call.ended()
        assert (end.status, end.by_us) == (486, False)
        await expert.behave(Reject(status=603))
        again = await rack.place("13800138000", expert.uri)
        assert (await again.ended()).status == 603


async def test_a_ringing_phone_is_given_up_by_the_caller() -> None:
    async with PhoneRack() as rack:
        expert = await rack.listen("8001", behaviour=RingOut())
        call = await rack.place("13800138000", expert.uri)
        received = await expert.next_call()
        with pytest.raises(PhoneRackError, match="was not answered within"):
            await call.answered(timeout_s=0.3)
        await call.hang_up()
        assert (await call.ended()).status == 487
        assert not (await received.ended()).by_us


async def test_the_called_phone_hangs_up_by_itself() -> None:
    async with PhoneRack() as rack:
        expert = await rack.listen("8001", behaviour=Answer(hang_up_after_ms=300))
        call = await rack.place("13800138000", expert.uri)
        answered_ns = await call.answered()
        end = await call.ended()
        assert not end.by_us
        assert 250 < (end.at_ns - answered_ns) / 1e6 < 1000
        assert (await expert.calls[0].ended()).by_us


async def test_a_phone_in_a_call_is_busy_for_the_next() -> None:
    async with PhoneRack() as rack:
        expert = await rack.listen("8001")
        first = await rack.place("1", expert.uri)
        await first.answered()
        second = await rack.place("2", expert.uri)
        assert (await second.ended()).status == 486
        await first.hang_up()
        await first.ended()
        third = await rack.place("3", expert.uri)
        await third.answered()


async def test_twenty_calls_at_once_hear_each_other() -> None:
    async with PhoneRack() as rack:
        await rack.reserve(40)
        experts = [
            await rack.listen(f"80{n:02}", behaviour=Answer(tone_hz=EXPERT_HZ)) for n in range(20)
        ]
        calls = await asyncio.gather(
            *(rack.place(f"138{n:08}", e.uri, tone_hz=CALLER_HZ) for n, e in enumerate(experts))
        )
        await asyncio.gather(*(call.answered() for call in calls))
        received = await asyncio.gather(*(expert.next_call() for expert in experts))
        await asyncio.sleep(1)
        await asyncio.gather(*(call.press("7") for call in calls))
        await asyncio.gather(*(call.hang_up() for call in calls))
        ends: list[EndInfo] = await asyncio.gather(*(c.ended() for c in (*calls, *received)))
        assert {end.status for end in ends} == {200}
        assert all(heard_only(c, EXPERT_HZ, not_hz=CALLER_HZ, min_ms=500) for c in calls)
        assert all(heard_only(c, CALLER_HZ, not_hz=EXPERT_HZ, min_ms=500) for c in received)
        assert [[digit for digit, _ in c.digits] for c in received] == [["7"]] * 20


async def test_everything_is_on_loopback_and_nothing_is_left() -> None:
    async with PhoneRack() as rack:
        expert = await rack.listen("8001")
        call = await rack.place("13800138000", expert.uri)
        await call.answered()
        pids = rack.pids
        assert {socket.address for socket in listening_sockets(pids)} == {"127.0.0.1"}
    assert pids
    assert not [pid for pid in pids if is_running(pid)]


async def test_a_dead_process_is_one_clear_error_for_every_waiter() -> None:
    async with PhoneRack() as rack:
        expert = await rack.listen("8001", behaviour=RingOut())
        call = await rack.place("13800138000", expert.uri)
        await expert.next_call()

        async def error_of(waiting: Awaitable[object]) -> str:
            with pytest.raises(PhoneRackError) as caught:
                await waiting
            return str(caught.value)

        waiters = [call.answered(), call.ended(), expert.next_call(), expert.next_call()]
        errors = [asyncio.create_task(error_of(waiter)) for waiter in waiters]
        await asyncio.sleep(0)
        killed_ns = time.monotonic_ns()
        os.kill(rack.pids[0], signal.SIGKILL)
        (error,) = {await one for one in errors}
        assert "exit status -9" in error
        assert "start a new rack" in error
        assert (time.monotonic_ns() - killed_ns) / 1e9 < 3
        assert "exit status -9" in await error_of(call.press("1"))


async def test_phones_do_not_outlive_a_killed_parent(tmp_path: Path) -> None:
    program = (
        "import asyncio, pathlib, sys\n"
        "from simulator.live.phone import PhoneRack\n"
        "async def main():\n"
        "    async with PhoneRack(folder=pathlib.Path(sys.argv[1])) as rack:\n"
        "        await rack.listen('8001')\n"
        "        print(*rack.pids, flush=True)\n"
        "        await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )
    parent = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", program, str(tmp_path)), stdout=asyncio.subprocess.PIPE
    )
    assert parent.stdout is not None
    pid = int(await parent.stdout.readline())
    assert is_running(pid)
    parent.kill()
    await parent.wait()
    async with asyncio.timeout(3):
        while is_running(pid):  # noqa: ASYNC110 (another program ends)
            await asyncio.sleep(0.05)


async def test_sigterm_says_goodbye_to_the_other_side() -> None:
    async with PhoneRack() as rack, PhoneRack() as other:
        expert = await other.listen("8001")
        call = await rack.place("13800138000", expert.uri)
        await call.answered()
        os.kill(rack.pids[0], signal.SIGTERM)
        received = await expert.next_call()
        assert not (await received.ended()).by_us


async def test_a_registrar_that_is_not_there_is_a_clear_error() -> None:
    async with PhoneRack() as rack:
        with pytest.raises(
            PhoneRackError, match=r"phone 8001 could not register at 127\.0\.0\.1:9"
        ):
            await rack.register("8001", "x", registrar="127.0.0.1:9", timeout_s=0.5)


@pytest.mark.parametrize(
    ("number", "uri"),
    [
        ("1", "sip:2@192.0.2.1"),
        ("1", "sip:2@127.0.0.1\r\nX: y"),
        ("1>", "sip:2@127.0.0.1"),
        ("1", "tel:2"),
    ],
)
async def test_a_call_that_leaves_loopback_or_smuggles_is_refused(number: str, uri: str) -> None:
    async with PhoneRack() as rack:
        with pytest.raises(PhoneRackError):
            await rack.place(number, uri)
        assert rack.pids == []
