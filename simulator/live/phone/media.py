"""The RTP socket of one call: sends a mouth's packets, gives an ear each datagram's arrival.

Arrival is the kernel's own time stamp of the datagram, so a busy rack process does not make
the far end look late.
"""

import socket
import struct
import time
from collections.abc import Iterator

from simulator.live.phone.ear import Ear
from simulator.live.phone.limits import DATAGRAMS_PER_TURN_MAX
from simulator.live.phone.rtp import Mouth
from simulator.live.port_pair import LOOPBACK as LOOPBACK
from simulator.live.port_pair import NoPortPairError, port_pair

_SO_TIMESTAMPNS = 35
_TIMESPEC = struct.Struct("@ll")
_DATAGRAM_BYTES_MAX = 2048
"""RTP fits into one Ethernet frame; what is larger is not RTP."""


class PhoneFault(Exception):
    """The phone cannot do what was asked; the message is one sentence for the person."""


class MediaPort:
    """An even UDP port on loopback for RTP, and the odd one above it for the far end's RTCP.

    RTCP is received and dropped: no proof needs it, and an open port spares the far end the
    ICMP errors of a closed one.
    """

    def __init__(self, *, ssrc: int) -> None:
        try:
            self._rtp, self._rtcp = port_pair()
        except NoPortPairError as error:
            raise PhoneFault(str(error)) from error
        self._rtp.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        self._remote: tuple[str, int] | None = None
        self.port: int = self._rtp.getsockname()[1]
        self.mouth = Mouth(ssrc=ssrc)
        self.ear = Ear()

    def fileno(self) -> int:
        """The RTP socket, for a selector."""
        return self._rtp.fileno()

    def connect(self, remote: tuple[str, int]) -> None:
        """Send to this address, taken from the far end's SDP."""
        self._remote = remote

    def send_tick(self) -> None:
        """Send the packets of one 20 ms step; a full socket drops them, as a network would."""
        if self._remote is None:
            return
        for packet in self.mouth.packets():
            try:
                self._rtp.sendto(packet, self._remote)
            except BlockingIOError:
                return

    def receive(self) -> Iterator[tuple[str, int]]:
        """Hear what has arrived; gives each newly pressed digit with its arrival time."""
        for _ in range(DATAGRAMS_PER_TURN_MAX):
            try:
                datagram, notes, _, _ = self._rtp.recvmsg(_DATAGRAM_BYTES_MAX, 64)
            except BlockingIOError:
                return
            at_ns = _arrival_ns(notes)
            digit = self.ear.hear(datagram, at_ns)
            if digit is not None:
                yield digit, at_ns

    def close(self) -> None:
        """Give both ports back."""
        self._rtp.close()
        self._rtcp.close()


def _arrival_ns(notes: list[tuple[int, int, bytes]]) -> int:
    """The kernel's wall-clock stamp, turned into monotonic time by the difference of now."""
    now_ns = time.monotonic_ns()
    for level, kind, data in notes:
        if level == socket.SOL_SOCKET and kind == _SO_TIMESTAMPNS:
            seconds, nanoseconds = _TIMESPEC.unpack_from(data)
            age_ns = time.time_ns() - (seconds * 1_000_000_000 + nanoseconds)
            return now_ns - max(age_ns, 0)
    return now_ns
