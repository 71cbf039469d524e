"""``make run``: the sample hotline stays up until Ctrl-C, for a softphone on this machine."""

import asyncio
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from ivr.settings import repository_root
from simulator.live.back_office import BackOffice
from simulator.live.demo.stage import NUMBER
from simulator.live.hotline import LiveHotline
from simulator.live.refusals import REFUSALS
from simulator.live.sample_systems import PORT, SAMPLE_ACCOUNT, SAMPLE_PIN, sample_systems
from simulator.live.witness import processes_left

FORGET = "--forget"
"""Begin with nobody signed in, where an engine of other code was killed."""


async def run(*, forget: bool) -> int:
    """Bring the hotline up, tell how to call it, wait for SIGINT or SIGTERM; the exit status."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stopping.set)
    data_dir = repository_root() / "build" / "run"
    async with _office() as office, LiveHotline(data_dir, forget=forget) as hotline:
        _say(hotline.ready + ".")
        _tell_how_to_call(hotline)
        _tell_of(office)
        _say("Ctrl-C stops everything.")
        ended = asyncio.create_task(hotline.engine_ended())
        asked = asyncio.create_task(stopping.wait())
        await asyncio.wait((ended, asked), return_when=asyncio.FIRST_COMPLETED)
        died = ended.done() and not stopping.is_set()
        status = ended.result() if died else None
        for task in (ended, asked):
            task.cancel()
        _say(_why_it_ended(status) if died else "Stopping.")
        marker = str(hotline.run_dir)
    left = processes_left(marker=marker)
    _say(f"Stopped; {len(left)} processes left.")
    return 1 if died or left else 0


@asynccontextmanager
async def _office() -> AsyncGenerator[BackOffice | None]:
    """The systems that the sample hotlines ask; None where somebody else has their port."""
    office = BackOffice(sample_systems(), port=PORT)
    try:
        await office.open()
    except OSError:
        yield None
        return
    try:
        yield office
    finally:
        await office.close()


def _why_it_ended(status: int | None) -> str:
    """In words; a process that a signal ended says nothing itself."""
    if status is not None and status < 0:
        return f"The engine was ended by {signal.Signals(-status).name}."
    return f"The engine ended by itself with status {status}: see build/run/engine.log."


def _tell_how_to_call(hotline: LiveHotline) -> None:
    numbers = sorted({n for one in hotline.site.hotlines.values() for n in one.numbers})
    _say(f"Call {' or '.join(numbers)} from a softphone on this machine (loopback only, UDP):")
    _say(f"  server {hotline.sip_address}")
    seats = {agent.device: agent.name for agent in hotline.site.agents.values() if agent.device}
    for name in sorted(hotline.site.devices, key=lambda name: (name in seats, name)):
        label = hotline.site.devices[name].label
        what = f"expert {seats[name]}'s phone" if name in seats else label or "to call from"
        _say(f"  user {name:<10} password {hotline.device(name).password}   ({what})")
    code, desk = hotline.site.feature_codes.sign_in, min(seats)
    _say(f"An expert is offered calls once she has signed in: dial {code} on her phone, or type")
    _say(f"  .venv/bin/expertline agent sign-in {seats[desk]} --data-dir {hotline.data_dir}")
    _say("Without softphones: an expert who answers, and in another window a caller for her:")
    _say(
        f"  .venv/bin/python -m simulator.live.phone.expert {desk} --server {hotline.sip_address}"
        f" --password={hotline.device(desk).password}"
    )
    _say(
        f"  .venv/bin/python -m simulator.live.phone.call {hotline.uri_of(NUMBER)} "
        "--from 13800138000 --press 1@2.0 --press 0@6.5 --hang-up-at 20 --record out.wav"
    )
    _say(f"What the engine does: {hotline.trace_file}")


def _tell_of(office: BackOffice | None) -> None:
    if office is None:
        _say(
            f"Port {PORT} is in use: whoever has it is asked about customers, accounts and orders."
        )
        return
    _say(
        f"Invented customers, accounts and orders answer at port {PORT}. Call 95558 and prove with"
    )
    _say(f"  account {SAMPLE_ACCOUNT} and PIN {SAMPLE_PIN} whose it is.")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> int:
    """The exit status of the whole run."""
    try:
        return asyncio.run(run(forget=FORGET in sys.argv[1:]))
    except REFUSALS as refusal:
        _say(f"make run: {refusal}")
        if FORGET in str(refusal):
            _say(f"Here that is: make run FORGET={FORGET}")
        return 1


if __name__ == "__main__":
    sys.exit(main())
