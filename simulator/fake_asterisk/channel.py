"""One channel and its serial thread.

Asterisk gives each channel a thread that works its commands off one after another. A playback
occupies it until it ends; hold music does not, and is gone for good once a playback sounds. A
joining command waits for its turn behind the playbacks before it: that is the whole of the
head-of-line trap (docs/asterisk.md).
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ivr.call.model import BridgeId, LegId, PlaybackId, PlaybackOutcome
from router.model import DeviceId, Millis
from simulator.virtual_time import Appointment, VirtualTime

JOBS_MAX: Final = 1000
"""Commands waiting for one channel's thread."""


@dataclass(frozen=True, slots=True)
class Playing:
    """A playback: how long it would take, and whether it then turns out to lack a file."""

    playback: PlaybackId
    duration_ms: Millis
    fails: bool


@dataclass(frozen=True, slots=True)
class Step:
    """Something the thread does in no time; ``lost`` is called instead when the channel ends."""

    run: Callable[[], None]
    lost: Callable[[], None]


Finished = Callable[[PlaybackId, PlaybackOutcome], None]


class ChannelThread:
    """Works one channel's commands off in order.

    ``begun`` hears that a playback begins to sound, ``finished`` how each one ended.
    """

    def __init__(self, time: VirtualTime, finished: Finished, *, begun: Callable[[], None]) -> None:
        self._time = time
        self._finished = finished
        self._begun = begun
        self._jobs: deque[Playing | Step] = deque()
        self._current: Playing | None = None
        self._end: Appointment | None = None
        self._stopped: set[PlaybackId] = set()
        self._working = False

    def put(self, job: Playing | Step) -> bool:
        """Queue this behind what is there already; refused when the queue is full."""
        if len(self._jobs) >= JOBS_MAX:
            return False
        self._jobs.append(job)
        self._work()
        return True

    def stop(self, playback: PlaybackId) -> None:
        """Cut this playback, also one that waits; one that is over is left alone."""
        if self._current is not None and self._current.playback == playback:
            self._end_current(PlaybackOutcome.STOPPED)
        elif playback in self.playbacks():
            self._stopped.add(playback)

    @property
    def sounds(self) -> bool:
        """Whether a playback is being heard."""
        return self._current is not None

    def playbacks(self) -> tuple[PlaybackId, ...]:
        """The one that sounds, then those that wait."""
        waiting = (job.playback for job in self._jobs if isinstance(job, Playing))
        current = () if self._current is None else (self._current.playback,)
        return (*current, *waiting)

    def end(self) -> None:
        """The channel is gone: everything fails in its order, the sounding playback first."""
        self._working = True
        current, self._current = self._current, None
        if self._end is not None:
            self._end.cancel()
        if current is not None:
            self._finished(current.playback, PlaybackOutcome.FAILED)
        while self._jobs:
            job = self._jobs.popleft()
            if isinstance(job, Playing):
                self._finished(job.playback, PlaybackOutcome.FAILED)
            else:
                job.lost()

    def _work(self) -> None:
        """Do what can be done now. A job may queue another; the outermost call does them all."""
        if self._working:
            return
        self._working = True
        while self._current is None and self._jobs:
            job = self._jobs.popleft()
            if isinstance(job, Step):
                job.run()
            else:
                self._begin(job)
        self._working = False

    def _begin(self, job: Playing) -> None:
        if job.playback in self._stopped:
            self._stopped.discard(job.playback)
            self._finished(job.playback, PlaybackOutcome.STOPPED)
            return
        self._begun()
        outcome = PlaybackOutcome.FAILED if job.fails else PlaybackOutcome.PLAYED
        self._current = job
        self._end = self._time.after(job.duration_ms, lambda: self._end_current(outcome))

    def _end_current(self, outcome: PlaybackOutcome) -> None:
        current, self._current = self._current, None
        if self._end is not None:
            self._end.cancel()
        if current is not None:
            self._finished(current.playback, outcome)
        self._work()


@dataclass(slots=True)
class Channel:
    """A leg as Asterisk holds it."""

    leg: LegId
    thread: ChannelThread
    device: DeviceId | None = None
    answered: bool = False
    ended: bool = False
    hold_music: bool = False
    bridge: BridgeId | None = None
    heard_until: Millis = 0
    """When the last thing the far party did has arrived."""
    far_phone: Appointment | None = None
    """The next thing the far phone does; called off when the leg ends."""
    backstop: Appointment | None = None
    """The dial's own time limit."""
