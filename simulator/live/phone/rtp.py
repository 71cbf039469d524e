"""RTP packets as bytes, no sockets: what a phone says, one packet each 20 ms.

RFC 3550 section 5.1 (header), RFC 3551 (payload types), RFC 4733 section 2 (digits).
"""

import struct
from collections import deque
from functools import cache
from typing import Final

import numpy as np

from ivr.prompts import g711
from simulator.live.phone.limits import DIGITS_WAITING_MAX, TICK_MS

SAMPLES_PER_SECOND: Final = 8000
PCMU: Final = 0
"""RTP payload type of mu-law (RFC 3551, table 4)."""
PCMA: Final = 8
"""RTP payload type of A-law (RFC 3551, table 4)."""
CODECS: Final[dict[int, g711.Codec]] = {PCMA: "alaw", PCMU: "ulaw"}
DIGITS = "0123456789*#ABCD"
"""The key of each RFC 4733 event code, 0 to 15."""
SAMPLES_PER_PACKET = SAMPLES_PER_SECOND * TICK_MS // 1000
TONE_AMPLITUDE = 9000
"""About -14 dBFS: loud for a phone line, far from clipping."""

_HEADER = struct.Struct("!BBHII")
_EVENT = struct.Struct("!BBH")
_EVENT_VOLUME = 10
_PRESS_PACKETS = 6
_END_PACKETS = 3
_GAP_PACKETS = 4


class RtpPacket:
    """One parsed packet; `None` from `parse` is what is no RTP (RTCP, a stray datagram)."""

    __slots__ = ("marker", "payload", "payload_type", "sequence", "ssrc", "timestamp")

    def __init__(self, datagram: bytes) -> None:
        _, second, self.sequence, self.timestamp, self.ssrc = _HEADER.unpack_from(datagram)
        self.marker = bool(second & 0x80)
        self.payload_type = second & 0x7F
        self.payload = datagram[_payload_start(datagram) :]

    @classmethod
    def parse(cls, datagram: bytes) -> "RtpPacket | None":
        """The packet, or None where the datagram is too short or not RTP version 2."""
        if len(datagram) < _HEADER.size or datagram[0] >> 6 != 2:
            return None
        if 72 <= datagram[1] & 0x7F <= 76 or _payload_start(datagram) > len(datagram):
            return None
        return cls(datagram)

    def event(self) -> tuple[str, bool] | None:
        """The digit and whether this is an end packet, reading the payload as RFC 4733."""
        if len(self.payload) < _EVENT.size:
            return None
        code, flags, _ = _EVENT.unpack_from(self.payload)
        return (DIGITS[code], bool(flags & 0x80)) if code < len(DIGITS) else None


def _payload_start(datagram: bytes) -> int:
    start = _HEADER.size + 4 * (datagram[0] & 0x0F)
    if datagram[0] & 0x10:
        words = int.from_bytes(datagram[start + 2 : start + 4], "big")
        start += 4 + 4 * words
    return start


@cache
def tone_second(hz: int | None, payload_type: int) -> bytes:
    """One second of a tone as G.711; whole Hertz, so that it joins itself without a click."""
    at = np.arange(SAMPLES_PER_SECOND)
    wave = np.sin(2 * np.pi * (hz or 0) * at / SAMPLES_PER_SECOND)
    return g711.encode((TONE_AMPLITUDE * wave).round().astype(np.int16), CODECS[payload_type])


class Mouth:
    """What one phone sends: its tone, silence or a digit, as the packets of each 20 ms.

    Silence is sent as packets too, as a desk phone without silence suppression does: so
    whoever receives can tell a silent phone from a dead path.
    """

    def __init__(self, *, ssrc: int) -> None:
        self._ssrc = ssrc
        self._sequence = ssrc & 0xFFFF
        self._timestamp = (ssrc * 7919) & 0xFFFFFFFF
        self._phase = 0
        self._payload_type = PCMA
        self._event_type = 101
        self._tone_hz: int | None = None
        self._first = True
        self._digits: deque[str] = deque()
        self._digit_step = 0
        self._digit_began = 0
        self.digits_sent = 0

    def speak(self, *, payload_type: int, event_type: int) -> None:
        """Use these payload types, as negotiated in the SDP."""
        self._payload_type = payload_type
        self._event_type = event_type

    def tone(self, hz: int | None) -> None:
        """Play this tone from the next packet on; None is silence."""
        self._tone_hz = hz

    def press(self, digits: str) -> int:
        """Queue digits; they are out once `digits_sent` has reached the number given back.

        Raises ValueError for an unknown key or a full queue.
        """
        unknown = [digit for digit in digits if digit not in DIGITS]
        if unknown or not digits:
            raise ValueError(f"{digits!r} is no row of telephone keys; use {DIGITS}")
        if len(self._digits) + len(digits) > DIGITS_WAITING_MAX:
            raise ValueError(f"more than {DIGITS_WAITING_MAX} digits wait; press fewer at once")
        self._digits.extend(digits)
        return self.digits_sent + len(self._digits)

    def packets(self) -> list[bytes]:
        """The packets of the next 20 ms: one, or three at the end of a digit."""
        out = self._digit_packets() if self._digits else [self._audio_packet()]
        self._first = False
        self._timestamp = (self._timestamp + SAMPLES_PER_PACKET) & 0xFFFFFFFF
        self._phase = (self._phase + SAMPLES_PER_PACKET) % SAMPLES_PER_SECOND
        return out

    def skip(self, packets: int) -> None:
        """Let time pass without sending: the timestamps stay true to the clock."""
        self._timestamp = (self._timestamp + packets * SAMPLES_PER_PACKET) & 0xFFFFFFFF

    def _packet(self, kind: int, *, marker: bool, timestamp: int, payload: bytes) -> bytes:
        second = kind | (0x80 if marker else 0)
        header = _HEADER.pack(0x80, second, self._sequence, timestamp, self._ssrc)
        self._sequence = (self._sequence + 1) & 0xFFFF
        return header + payload

    def _audio_packet(self) -> bytes:
        second = tone_second(self._tone_hz, self._payload_type)
        return self._packet(
            self._payload_type,
            marker=self._first,
            timestamp=self._timestamp,
            payload=second[self._phase : self._phase + SAMPLES_PER_PACKET],
        )

    def _digit_packets(self) -> list[bytes]:
        """RFC 4733 2.5.1: one timestamp, growing duration, the end said three times."""
        if self._digit_step >= _PRESS_PACKETS:
            return self._gap_packets()
        if self._digit_step == 0:
            self._digit_began = self._timestamp
        self._digit_step += 1
        ends = self._digit_step == _PRESS_PACKETS
        payload = _EVENT.pack(
            DIGITS.index(self._digits[0]),
            _EVENT_VOLUME | (0x80 if ends else 0),
            self._digit_step * SAMPLES_PER_PACKET,
        )
        return [
            self._packet(
                self._event_type,
                marker=self._digit_step == 1,
                timestamp=self._digit_began,
                payload=payload,
            )
            for _ in range(_END_PACKETS if ends else 1)
        ]

    def _gap_packets(self) -> list[bytes]:
        """A pause after each digit, so that two equal digits in a row stay two."""
        self._digit_step += 1
        if self._digit_step == _PRESS_PACKETS + _GAP_PACKETS:
            self._digit_step = 0
            self._digits.popleft()
            self.digits_sent += 1
        return [self._audio_packet()]
