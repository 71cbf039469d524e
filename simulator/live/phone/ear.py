"""What one phone hears, kept exactly: a recording, a timeline of levels, the digits.

No jitter buffer: a packet's place in the recording follows from its RTP timestamp, its place
in the timeline from when it arrived. A hole in the stream is silence of its true length.
"""

import struct
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ivr.prompts import g711
from simulator.live.phone.limits import RECORDING_S_MAX, TIMELINE_PACKETS_MAX
from simulator.live.phone.rtp import CODECS, SAMPLES_PER_SECOND, RtpPacket

SILENCE_DBFS = -96.0
"""The level given to a packet of pure zeros."""
LOUD_DBFS = -45.0
"""Above this a packet counts as sound; a G.711 encoder's own silence is -72."""

_BYTES_PER_SAMPLE = 2
_RECORDING_BYTES_MAX = RECORDING_S_MAX * SAMPLES_PER_SECOND * _BYTES_PER_SAMPLE
"""What comes later is counted, not kept."""
_OUT_OF_STEP_SAMPLES = SAMPLES_PER_SECOND
_NS_PER_SAMPLE = 1_000_000_000 // SAMPLES_PER_SECOND
_ROW = struct.Struct("<qf")
_FULL_SCALE = 32768


@dataclass(frozen=True, slots=True)
class HeardTimeline:
    """When each audio packet arrived (CLOCK_MONOTONIC ns, by the kernel) and how loud it was.

    The level is the packet's root mean square against full scale (32768), in dBFS.
    """

    packets: tuple[tuple[int, float], ...]

    def __iter__(self) -> Iterator[tuple[int, float]]:
        return iter(self.packets)

    def __len__(self) -> int:
        return len(self.packets)

    def first_above(self, dbfs: float = LOUD_DBFS, *, since_ns: int = 0) -> int | None:
        """When the first packet louder than this arrived, at or after `since_ns`."""
        return next((at for at, level in self.packets if at >= since_ns and level > dbfs), None)

    @classmethod
    def read(cls, path: Path) -> "HeardTimeline":
        """The timeline that a rack process wrote."""
        return cls(tuple(_ROW.iter_unpack(path.read_bytes())))


def level_dbfs(samples: g711.Samples) -> float:
    """The level of some samples: root mean square against full scale, in dBFS."""
    power = float(np.mean(np.square(samples / _FULL_SCALE))) if samples.size else 0.0
    return 10 * float(np.log10(power)) if power else SILENCE_DBFS


class Ear:
    """Takes datagrams with their arrival times; gives digits, a WAV file and a timeline."""

    def __init__(self) -> None:
        self._sound = bytearray()
        self._rows: list[tuple[int, float]] = []
        self._event_type: int | None = None
        self._last_event: tuple[int, int] | None = None
        self._ssrc: int | None = None
        self._zero_timestamp = 0
        self._began_ns = 0
        self.packets = 0
        self.packets_not_kept = 0

    def expect(self, *, event_type: int | None) -> None:
        """Read this payload type as RFC 4733 events, as negotiated in the SDP."""
        self._event_type = event_type

    def hear(self, datagram: bytes, at_ns: int) -> str | None:
        """Take one datagram; the digit if it begins a new key press."""
        packet = RtpPacket.parse(datagram)
        if packet is None:
            return None
        if packet.payload_type == self._event_type:
            return self._digit(packet)
        if packet.payload_type in CODECS and packet.payload:
            self._keep(packet, at_ns)
        return None

    def write(self, recording: Path, timeline: Path) -> None:
        """Write what was heard: WAV 8 kHz mono 16 bit, and the timeline's rows."""
        with wave.open(str(recording), "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(_BYTES_PER_SAMPLE)
            out.setframerate(SAMPLES_PER_SECOND)
            out.writeframes(bytes(self._sound))
        timeline.write_bytes(b"".join(_ROW.pack(at, level) for at, level in self._rows))

    def _digit(self, packet: RtpPacket) -> str | None:
        """All packets of one press share a timestamp: only the first of them is news."""
        event = packet.event()
        press = (packet.ssrc, packet.timestamp)
        if event is None or press == self._last_event:
            return None
        self._last_event = press
        return event[0]

    def _keep(self, packet: RtpPacket, at_ns: int) -> None:
        self.packets += 1
        start = self._place(packet, at_ns) * _BYTES_PER_SAMPLE
        end = start + len(packet.payload) * _BYTES_PER_SAMPLE
        too_long = end > _RECORDING_BYTES_MAX or len(self._rows) >= TIMELINE_PACKETS_MAX
        if start < 0 or too_long:
            self.packets_not_kept += 1
            return
        samples = g711.decode(packet.payload, CODECS[packet.payload_type])
        self._rows.append((at_ns, level_dbfs(samples)))
        if start > len(self._sound):
            self._sound.extend(bytes(start - len(self._sound)))
        self._sound[start:end] = samples.astype("<i2").tobytes()

    def _place(self, packet: RtpPacket, at_ns: int) -> int:
        """The sample where this packet belongs.

        A new source (SSRC), or timestamps over a second out of step with the clock, cannot be
        placed by timestamp: Asterisk begins anew when a leg moves from a prompt to a bridge.
        Such a packet is placed by its arrival, never over what is already there.
        """
        if self._ssrc is None:
            self._began_ns = at_ns
        by_arrival = (at_ns - self._began_ns) // _NS_PER_SAMPLE
        by_timestamp = _signed(packet.timestamp - self._zero_timestamp)
        in_step = abs(by_timestamp - by_arrival) <= _OUT_OF_STEP_SAMPLES
        if packet.ssrc == self._ssrc and in_step:
            return by_timestamp
        place = max(by_arrival, len(self._sound) // _BYTES_PER_SAMPLE)
        self._ssrc = packet.ssrc
        self._zero_timestamp = packet.timestamp - place
        return place


def _signed(difference: int) -> int:
    """A difference of 32-bit timestamps, over the wrap."""
    return (difference + 0x80000000) % 0x100000000 - 0x80000000
