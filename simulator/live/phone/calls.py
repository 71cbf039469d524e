"""One call as a proof sees it: what it can do, when things happened, what was heard."""

from dataclasses import dataclass
from pathlib import Path

from simulator.live.phone import limits, wire
from simulator.live.phone.ear import LOUD_DBFS, HeardTimeline
from simulator.live.phone.process import Milestone, PhoneRackError, RackProcess

_NS_PER_MS = 1_000_000


@dataclass(frozen=True, slots=True)
class EndInfo:
    """How a call ended: the final SIP status, its phrase, whether we ended it, and when."""

    status: int
    reason: str
    by_us: bool
    at_ns: int


class PhoneCall:
    """What placed and received calls share."""

    def __init__(self, name: str, *, about: str, process: RackProcess) -> None:
        self.name = name
        self.about = about
        self.process = process
        self.digits: list[tuple[str, int]] = []
        """Keys the other side pressed, each with its arrival."""
        self._answered: Milestone[int] = Milestone()
        self._ended: Milestone[wire.Ended] = Milestone()

    async def answered(self, timeout_s: float = 10.0) -> int:
        """When the 200 OK was received (placed call) or sent (received call)."""
        return await self._answered.wait(timeout_s, otherwise=f"{self.about} was not answered")

    async def ended(self, timeout_s: float = 10.0) -> EndInfo:
        """How the call ended; the recording and the timeline are then on disk."""
        end = await self._ended.wait(timeout_s, otherwise=f"{self.about} did not end")
        return EndInfo(status=end.status, reason=end.reason, by_us=end.by_us, at_ns=end.at_ns)

    async def press(self, digits: str) -> int:
        """Press keys (RFC 4733, 120 ms each); back when the last packet is out."""
        return await self._ask(lambda n: wire.Press(n=n, call=self.name, digits=digits))

    async def tone(self, hz: int | None) -> int:
        """Play a tone from now on; None is silence."""
        checked = checked_tone(hz)
        return await self._ask(lambda n: wire.Tone(n=n, call=self.name, hz=checked))

    async def hang_up(self) -> None:
        """End the call: CANCEL before the answer, BYE after it. Nothing if it is over."""
        if self._ended.value is None:
            await self._ask(lambda n: wire.HangUp(n=n, call=self.name))

    @property
    def answered_at_ns(self) -> int | None:
        """When it was answered, if it was."""
        return self._answered.value

    @property
    def is_over(self) -> bool:
        """The call has ended, or its process is gone."""
        return self._ended.decided

    @property
    def recording(self) -> Path:
        """What was received: WAV, 8 kHz, mono, 16 bit. Sample 0 is the first packet."""
        return Path(self._end().recording)

    @property
    def timeline(self) -> HeardTimeline:
        """Arrival and level of each audio packet received."""
        return HeardTimeline.read(Path(self._end().timeline))

    def event(self, event: wire.Event) -> None:
        """Take what the rack process tells of this call."""
        match event:
            case wire.Answered():
                self._answered.reach(event.at_ns)
            case wire.Digit() if len(self.digits) < limits.DIGITS_HEARD_MAX:
                self.digits.append((event.digit, event.at_ns))
            case wire.Ended():
                self._answered.fail(
                    PhoneRackError(
                        f"{self.about} ended with {event.status} {event.reason} "
                        "before it was answered"
                    )
                )
                self._ended.reach(event)
            case _:
                pass

    def lost(self, error: PhoneRackError) -> None:
        """The rack process is gone: nobody waits in vain."""
        self._answered.fail(error)
        self._ended.fail(error)

    async def _ask(self, make: "wire.MakeCommand") -> int:
        return await self.process.ask(make, timeout_s=limits.COMMAND_S_MAX)

    def _end(self) -> wire.Ended:
        if self._ended.value is None:
            raise PhoneRackError(f"{self.about} is not over yet; await ended() first")
        return self._ended.value


class PlacedCall(PhoneCall):
    """A call that a caller of ours placed; from a phone of the rack it is in that phone's place."""

    def __init__(
        self, name: str, *, about: str, process: RackProcess, from_phone: bool = False
    ) -> None:
        super().__init__(name, about=about, process=process)
        self.from_phone = from_phone

    def answer_to_first_audio_ms(self, dbfs: float = LOUD_DBFS) -> float:
        """From the 200 OK at the caller to the first louder RTP packet there, after the end.

        Measured in the strict direction: when the process was busy, the 200 OK is taken as
        early as it can have come, while the packet's arrival is the kernel's.
        """
        answered_at_ns = self.answered_at_ns
        if answered_at_ns is None:
            raise PhoneRackError(f"{self.about} was never answered; there is nothing to measure")
        first_ns = self.timeline.first_above(dbfs, since_ns=answered_at_ns)
        if first_ns is None:
            raise PhoneRackError(f"{self.about} heard nothing above {dbfs:g} dBFS")
        return (first_ns - answered_at_ns) / _NS_PER_MS


class ReceivedCall(PhoneCall):
    """A call that reached one of our phones."""

    def __init__(self, offer: wire.Offered, process: RackProcess) -> None:
        super().__init__(
            offer.call, about=f"the call to {offer.phone} from {offer.from_uri}", process=process
        )
        self.from_uri = offer.from_uri
        self.offered_at_ns = offer.at_ns


def checked_tone(hz: int | None) -> int | None:
    """The tone, if a phone line carries it."""
    if hz is not None and not limits.TONE_HZ_MIN <= hz <= limits.TONE_HZ_MAX:
        raise PhoneRackError(
            f"a tone of {hz} Hz does not fit a phone line; "
            f"use {limits.TONE_HZ_MIN} to {limits.TONE_HZ_MAX}"
        )
    return hz
