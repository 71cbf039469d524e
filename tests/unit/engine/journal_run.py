"""An engine on a real store, with phones that answer at once: `journal_run.py FOLDER SEED END`.

``END`` is ``stop`` (in order), ``kill`` (the process dies amid its writes) or ``forget`` (a start
that forgets, then a stop). Engine time is made to pass at each look at the clock.
"""

import asyncio
import os
import random
import signal
import sys
from collections import deque
from pathlib import Path

from ivr import app_start
from ivr.adapters.clock import SystemClock
from ivr.app_start import checked_site, open_files, take_up
from ivr.call.effects import (
    AnswerLeg,
    BridgeLegs,
    DialDevice,
    PlayPrompts,
    ReleaseLeg,
    StopPlayback,
    TelephonyEffect,
)
from ivr.call.events import (
    CallArrived,
    DigitReceived,
    LegAnswered,
    LegEnded,
    LegsBridged,
    PlaybackFinished,
    TelephonyEvent,
)
from ivr.call.model import LegId, PartyRef, PlaybackOutcome
from ivr.engine.driver import DeadlineReached
from ivr.prompts.catalogue import load_catalogue
from ivr.runtime import Runtime
from ivr.settings import EngineSettings, repository_root
from router.events import DeviceReachabilityChanged, PresenceRequested
from router.model import (
    AgentId,
    ContactId,
    DeviceId,
    Millis,
    Origin,
    PresenceChange,
    RequestId,
    qualified,
)

STEPS = 250
TICK_MS = 40


class HastyClock(SystemClock):
    """Each look at it takes a while."""

    looks = 0

    def now(self) -> Millis:
        self.looks += 1
        return super().now() + self.looks * TICK_MS


def settings_in(folder: Path, *, forget: bool = False) -> EngineSettings:
    return EngineSettings(
        site=repository_root() / "dialplans",
        run_dir=folder,
        ari_host="127.0.0.1",
        ari_port=1,
        ari_app="expertline",
        ari_user="expertline",
        audio=folder,
        data_dir=folder,
        forget=forget,
    )


class Phones:
    """Stands for Asterisk: everything that is asked for happens, a little later."""

    def __init__(self, chance: random.Random) -> None:
        self.coming: deque[TelephonyEvent] = deque()
        self.legs: list[LegId] = []
        self._chance = chance

    def perform(self, effect: TelephonyEffect) -> None:
        match effect:
            case AnswerLeg(leg):
                self.coming.append(LegAnswered(leg))
            case PlayPrompts(leg, playback) if self._chance.random() < 0.5:
                self.coming.append(PlaybackFinished(leg, playback, PlaybackOutcome.PLAYED))
            case StopPlayback(leg, playback):
                self.coming.append(PlaybackFinished(leg, playback, PlaybackOutcome.STOPPED))
            case DialDevice(leg) if self._chance.random() < 0.7:
                self.legs.append(leg)
                self.coming.append(LegAnswered(leg))
            case BridgeLegs(bridge, legs):
                self.coming.append(LegsBridged(bridge, legs[0]))
            case ReleaseLeg(leg):
                self.coming.append(LegEnded(leg, 16))
            case _:
                pass


def people(runtime: Runtime, chance: random.Random, step: int) -> None:
    """Somebody signs in, pauses, signs out; a device comes or goes."""
    agent = chance.choice(runtime.agents()).agent
    name = agent.partition(":")[2]
    if step < 40 or chance.random() < 0.3:
        device = DeviceId(qualified(f"desk-8{name[1:]}"))
        runtime.submit(DeviceReachabilityChanged(device, chance.random() < 0.9))
    change = chance.choice(tuple(PresenceChange)) if step > 60 else PresenceChange.SIGN_IN
    request = RequestId(f"r{step}.{chance.random()}")
    runtime.submit(
        PresenceRequested(request, change, AgentId(agent), None, "lunch", Origin.COMMAND)
    )


async def live(folder: Path, seed: int, end: str) -> None:
    """One life of the engine."""
    settings = settings_in(folder, forget=end == "forget")
    chance = random.Random(seed)
    phones = Phones(chance)
    app_start.SystemClock = HastyClock  # pyright: ignore[reportPrivateImportUsage]
    with open_files(settings) as files:
        started = take_up(settings, checked_site(settings, load_catalogue()), files, phones)
        runtime = started.runtime
        started.begin()
        for step in range(STEPS):
            while phones.coming and chance.random() < 0.8:
                runtime.submit(phones.coming.popleft())
            match chance.randrange(6):
                case 0:
                    contact = ContactId(f"c{seed}-{step}")
                    phones.legs.append(LegId(f"{contact}.0"))
                    party = PartyRef(f"party-{step}")
                    runtime.submit(CallArrived(contact, phones.legs[-1], "10086", party))
                case 1 | 2:
                    runtime.submit(DigitReceived(chance.choice(phones.legs or [LegId("x")]), "1"))
                case 3:
                    runtime.submit(LegEnded(chance.choice(phones.legs or [LegId("x")]), 16))
                case 4:
                    people(runtime, chance, step)
                case _:
                    runtime.submit(DeadlineReached())
            if step % 20 == 0:
                await asyncio.sleep(0.002)
        if end == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        runtime.finish()


if __name__ == "__main__":
    asyncio.run(live(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]))
