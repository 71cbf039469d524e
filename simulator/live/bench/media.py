"""The callers' media: one socket a caller, read and fed by one thread.

Each caller hums a tone of her own all the time, presses her key once she has heard the hotline
for a while, and counts how many packets of her own tone come back: the agent's phone echoes, so
they prove both ways of the path, caller by caller. The first packet is stamped by the kernel: a
busy machine does not make the hotline look late.
"""

import selectors
import socket
import struct
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

from simulator.live.phone.rtp import PCMA, SAMPLES_PER_PACKET, Mouth, RtpPacket, tone_second
from simulator.live.port_pair import port_pair

KEY = "1"
EVENT_TYPE = 101
"""The payload type of digits that the scenarios offer."""

TICK_NS: Final = 20_000_000
TICKS_BEHIND_MAX = 5
"""A thread that was held up longer lets time pass unsaid, rather than send a burst."""

CALL_TICKS_MAX = 4_500
"""A caller falls silent after 90 s, whatever became of her call."""

DATAGRAMS_PER_TURN_MAX = 32
DATAGRAM_BYTES_MAX = 2048
TONE_FIRST_HZ = 301
TONE_STEP_HZ = 13
"""200 callers stay below the 3,500 Hz of a phone line, and no two packets of a tone are alike."""

_SO_TIMESTAMPNS = 35
_TIMESPEC = struct.Struct("@ll")


@dataclass(frozen=True, slots=True)
class Heard:
    """What one caller heard; wall-clock nanoseconds, by the kernel."""

    first_packet_ns: int | None
    own_packets: int
    "Packets of her own tone that came back: 50 a second of talk."


class CallersMedia:
    """The sockets of all callers; use as ``with CallersMedia(numbers, key_after_ms=500) as media``.

    The thread ends with the block.
    """

    def __init__(self, callers: Sequence[str], *, key_after_ms: int) -> None:
        self._key_ticks = key_after_ms * 1_000_000 // TICK_NS
        self._callers: dict[str, _Caller] = {}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="callers' media", daemon=True)
        try:
            for index, number in enumerate(callers):
                self._callers[number] = _Caller(index)
        except BaseException:
            self._close()
            raise

    @property
    def ports(self) -> Mapping[str, int]:
        """Each caller's media port."""
        return {number: caller.port for number, caller in self._callers.items()}

    def heard(self) -> Mapping[str, Heard]:
        """What each caller heard till now."""
        return {
            number: Heard(caller.first_packet_ns, caller.own_packets)
            for number, caller in self._callers.items()
        }

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stopping.set()
        self._thread.join()
        self._close()

    def _run(self) -> None:
        with selectors.DefaultSelector() as selector:
            for caller in self._callers.values():
                selector.register(caller.rtp, selectors.EVENT_READ, caller)
            due_ns = time.monotonic_ns() + TICK_NS
            while not self._stopping.is_set():
                for key, _ in selector.select(max(0, due_ns - time.monotonic_ns()) / 1e9):
                    key.data.receive()
                due_ns = self._tick(due_ns)

    def _tick(self, due_ns: int) -> int:
        """Send what is due; when the next tick is."""
        late = (time.monotonic_ns() - due_ns) // TICK_NS + 1
        for _ in range(min(late, TICKS_BEHIND_MAX)):
            for caller in self._callers.values():
                caller.tick(self._key_ticks)
        return due_ns + max(late, 0) * TICK_NS

    def _close(self) -> None:
        for caller in self._callers.values():
            caller.close()


class _Caller:
    """One caller's socket, mouth and count."""

    def __init__(self, index: int) -> None:
        hz = TONE_FIRST_HZ + index * TONE_STEP_HZ
        second = tone_second(hz, PCMA)
        self._own = frozenset(
            second[at : at + SAMPLES_PER_PACKET] for at in range(0, len(second), SAMPLES_PER_PACKET)
        )
        self._mouth = Mouth(ssrc=index + 1)
        self._mouth.speak(payload_type=PCMA, event_type=EVENT_TYPE)
        self._mouth.tone(hz)
        self.rtp, self._rtcp = port_pair()
        self.rtp.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        self.port: int = self.rtp.getsockname()[1]
        self._ticks = 0
        self._talking = False
        self.first_packet_ns: int | None = None
        self.own_packets = 0

    def receive(self) -> None:
        """Hear what has arrived; the first packet tells where to send."""
        for _ in range(DATAGRAMS_PER_TURN_MAX):
            try:
                datagram, notes, _, sender = self.rtp.recvmsg(DATAGRAM_BYTES_MAX, 64)
            except BlockingIOError:
                return
            except ConnectionRefusedError:
                self._talking = False
                return
            packet = RtpPacket.parse(datagram)
            if packet is None:
                continue
            if self.first_packet_ns is None:
                self.first_packet_ns = _arrival_ns(notes)
                self.rtp.connect(sender)
                self._talking = True
            self.own_packets += packet.payload in self._own

    def tick(self, key_ticks: int) -> None:
        """Send the packets of one 20 ms step, the key when it is time."""
        if not self._talking:
            return
        self._ticks += 1
        if self._ticks == max(1, key_ticks):
            self._mouth.press(KEY)
        self._talking = self._ticks < CALL_TICKS_MAX
        for packet in self._mouth.packets():
            try:
                self.rtp.send(packet)
            except BlockingIOError:
                return
            except ConnectionRefusedError:  # the call is over: Asterisk has closed its port
                self._talking = False
                return

    def close(self) -> None:
        """Give both ports back."""
        self.rtp.close()
        self._rtcp.close()


def _arrival_ns(notes: list[tuple[int, int, bytes]]) -> int:
    for level, kind, data in notes:
        if level == socket.SOL_SOCKET and kind == _SO_TIMESTAMPNS:
            seconds, nanoseconds = _TIMESPEC.unpack_from(data)
            return seconds * 1_000_000_000 + nanoseconds
    return time.time_ns()
