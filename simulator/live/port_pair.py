"""A pair of UDP ports for one party's media: an even one for RTP, the odd one above for RTCP."""

import socket
from typing import Final

LOOPBACK: Final = "127.0.0.1"
PORT_PAIR_TRIES_MAX: Final = 50
"""Random ports looked at before it is said that too many are taken."""


class NoPortPairError(OSError):
    """Too many ports are taken; one sentence."""


def port_pair() -> tuple[socket.socket, socket.socket]:
    """Both open and not blocking, so that RTCP meets no closed port. Raises ``NoPortPairError``."""
    for _ in range(PORT_PAIR_TRIES_MAX):
        rtp = _bound(0)
        if rtp is not None and rtp.getsockname()[1] % 2 == 0:
            rtcp = _bound(rtp.getsockname()[1] + 1)
            if rtcp is not None:
                return rtp, rtcp
        if rtp is not None:
            rtp.close()
    raise NoPortPairError(
        f"no free pair of UDP ports on {LOOPBACK} after {PORT_PAIR_TRIES_MAX} tries; "
        "end other programs that hold many ports"
    )


def _bound(port: int) -> socket.socket | None:
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.setblocking(False)
    try:
        udp.bind((LOOPBACK, port))
    except OSError:
        udp.close()
        return None
    return udp
