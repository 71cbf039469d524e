"""One expert's phone from the command line, for a person who wants to see a hotline serve somebody.

`python -m simulator.live.phone.expert desk-8001 --password ... --server 127.0.0.1:5060` registers,
signs in with `*11`, and answers every call after a second with a tone, until Ctrl-C.
"""

import argparse
import asyncio
import signal
import sys

from simulator.live.phone.client import Phone, PhoneRack
from simulator.live.phone.process import PhoneRackError
from simulator.live.phone.wire import Answer

ANSWERS_AFTER_MS = 1_000
TONE_HZ = 440
CODE_S_MAX = 15.0
"""A feature code is carried out, confirmed in words and hung up within this time."""
WATCH_S = 3_600.0
"""How long the phone waits for one call before it looks again."""


def _arguments(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m simulator.live.phone.expert",
        description="Register a phone, sign its expert in, and answer calls until Ctrl-C.",
    )
    parser.add_argument("device", help="the phone's account, such as desk-8001")
    parser.add_argument("--password", required=True)
    parser.add_argument("--server", required=True, metavar="127.0.0.1:PORT")
    parser.add_argument("--dial", default="*11", metavar="CODE", help="how she signs in")
    parser.add_argument(
        "--hang-up-after", type=float, default=None, metavar="SECONDS", help="default: never"
    )
    return parser.parse_args(words)


async def _run(arguments: argparse.Namespace) -> None:
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    hang_up_s: float | None = arguments.hang_up_after
    behaviour = Answer(
        after_ms=ANSWERS_AFTER_MS,
        tone_hz=TONE_HZ,
        hang_up_after_ms=None if hang_up_s is None else round(hang_up_s * 1_000),
    )
    async with PhoneRack() as rack:
        phone = await rack.register(
            arguments.device, arguments.password, registrar=arguments.server, behaviour=behaviour
        )
        code = await rack.dial(phone, f"sip:{arguments.dial}@{arguments.server}")
        await code.ended(CODE_S_MAX)
        print(f"{arguments.device} dialled {arguments.dial} and waits for calls; Ctrl-C ends it")
        answering = asyncio.create_task(_answer_all(phone))
        asked = asyncio.create_task(stopping.wait())
        await asyncio.wait((answering, asked), return_when=asyncio.FIRST_COMPLETED)
        for task in (answering, asked):
            task.cancel()
        if answering.done():
            answering.result()


async def _answer_all(phone: Phone) -> None:
    while True:
        call = await phone.next_call(WATCH_S)
        print(f"rings: {call.from_uri}")
        end = await call.ended(WATCH_S)
        print(f"ended {'by us' if end.by_us else 'by the far end'}: {end.status} {end.reason}")


def main(words: list[str]) -> int:
    """Be the expert; the exit status: 0 ended by Ctrl-C, 1 failed, 2 wrong usage."""
    try:
        asyncio.run(_run(_arguments(words)))
    except (PhoneRackError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
