"""One call from the command line, for a person who wants to try a hotline.

`python -m simulator.live.phone.call sip:10086@127.0.0.1:5060 --from 13800138000
--press 1@2.0 --hang-up-at 8 --record out.wav` (seconds are counted from the answer).
"""

import argparse
import asyncio
import re
import shutil
import sys
import time
from pathlib import Path

from simulator.live.phone.calls import PlacedCall
from simulator.live.phone.client import PhoneRack
from simulator.live.phone.limits import RECORDING_S_MAX
from simulator.live.phone.process import PhoneRackError

_PRESS = re.compile(r"([0-9*#A-D]+)@(\d+(?:\.\d+)?)")


def _press(text: str) -> tuple[float, str]:
    """When to press which keys, from KEYS@SECONDS."""
    match = _PRESS.fullmatch(text)
    if match is None:
        raise argparse.ArgumentTypeError(f"{text!r} is not KEYS@SECONDS, such as 1@2.0")
    return float(match[2]), match[1]


def _arguments(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m simulator.live.phone.call",
        description="Place one SIP call, press keys, record what is heard.",
    )
    parser.add_argument("to_uri", help="whom to call: sip:NUMBER@127.0.0.1:PORT")
    parser.add_argument("--from", dest="from_number", default="13800138000", metavar="NUMBER")
    parser.add_argument("--press", type=_press, action="append", default=[], metavar="KEYS@S")
    parser.add_argument("--hang-up-at", type=float, default=10.0, metavar="SECONDS")
    parser.add_argument("--tone", type=int, default=None, metavar="HZ", help="default: silence")
    parser.add_argument("--record", type=Path, default=None, metavar="FILE.wav")
    arguments = parser.parse_args(words)
    if not 0 < arguments.hang_up_at <= RECORDING_S_MAX:
        parser.error(f"--hang-up-at must lie between 0 and {RECORDING_S_MAX} s")
    return arguments


async def _until(moment_s: float, *, call: PlacedCall) -> None:
    """Wait for a moment of the call, counted from its answer, or for its end."""
    answered_at_ns = call.answered_at_ns or time.monotonic_ns()
    while not call.is_over:
        left_s = moment_s - (time.monotonic_ns() - answered_at_ns) / 1e9
        if left_s <= 0:
            return
        await asyncio.sleep(min(left_s, 0.1))


async def _run(arguments: argparse.Namespace) -> None:
    async with PhoneRack() as rack:
        call = await rack.place(arguments.from_number, arguments.to_uri, tone_hz=arguments.tone)
        print(f"calling {arguments.to_uri} as {arguments.from_number}")
        await call.answered(timeout_s=60)
        print("answered")
        for moment_s, keys in sorted(arguments.press):
            await _until(moment_s, call=call)
            if not call.is_over:
                await call.press(keys)
                print(f"{moment_s:6.2f} s  pressed {keys}")
        await _until(arguments.hang_up_at, call=call)
        await call.hang_up()
        end = await call.ended()
        print(f"ended {'by us' if end.by_us else 'by the far end'}: {end.status} {end.reason}")
        _tell_heard(call)
        if arguments.record is not None:
            shutil.copyfile(call.recording, arguments.record)
            print(f"recording: {arguments.record}")


def _tell_heard(call: PlacedCall) -> None:
    try:
        print(f"first sound {call.answer_to_first_audio_ms():.0f} ms after the answer")
    except PhoneRackError as silence:
        print(silence)
    if call.digits:
        print("keys pressed by the far end:", "".join(digit for digit, _ in call.digits))


def main(words: list[str]) -> int:
    """Place the call; the exit status: 0 served, 1 failed, 2 wrong usage."""
    try:
        asyncio.run(_run(_arguments(words)))
    except (PhoneRackError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
