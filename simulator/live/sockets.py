"""The sockets that processes really hold, read from the kernel and not from anybody's settings."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
TABLES = ("tcp", "tcp6", "udp", "udp6")
TCP_LISTENING = "0A"
SOCKET_LINK = re.compile(r"socket:\[(\d+)\]")
HEX_DIGITS_PER_WORD = 8


@dataclass(frozen=True, order=True)
class OpenSocket:
    """A local address that accepts something from outside: a TCP listener or any UDP socket."""

    protocol: str
    "tcp or udp"
    address: str
    port: int
    inode: int

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach it."""
        return ipaddress.ip_address(self.address).is_loopback

    def __str__(self) -> str:
        return f"{self.protocol} {self.address}:{self.port}"


def listening_sockets(pids: Iterable[int]) -> tuple[OpenSocket, ...]:
    """Every address at which these processes can be reached, sorted.

    A process that has ended meanwhile holds none; one we may not look into raises
    PermissionError, because "no socket seen" would then prove nothing.
    """
    inodes = {inode for pid in pids for inode in socket_inodes(pid)}
    return tuple(sorted(row for row in all_sockets() if row.inode in inodes))


def all_sockets() -> Iterator[OpenSocket]:
    """Every such address of this machine's network namespace."""
    for table in TABLES:
        path = PROC / "net" / table
        if path.exists():
            yield from parse_table(path.read_text(), protocol=table[:3])


def parse_table(text: str, *, protocol: str) -> Iterator[OpenSocket]:
    """The rows of one /proc/net table that can be reached; connected TCP rows are left out.

    Columns as in proc(5): number, local address, remote address, state ... inode (the tenth).
    """
    for line in text.splitlines()[1:]:
        columns = line.split()
        if len(columns) < 10 or (protocol == "tcp" and columns[3] != TCP_LISTENING):
            continue
        address, port = columns[1].rsplit(":", 1)
        yield OpenSocket(protocol, _address(address), int(port, 16), int(columns[9]))


def socket_inodes(pid: int) -> set[int]:
    """The inodes of the sockets a process has open; none when it is gone."""
    folder = PROC / str(pid) / "fd"
    inodes: set[int] = set()
    try:
        for entry in folder.iterdir():
            match = SOCKET_LINK.fullmatch(_link(entry))
            if match:
                inodes.add(int(match[1]))
    except FileNotFoundError:
        return set()
    return inodes


def holder_of(protocol: str, port: int) -> str | None:
    """Who holds a port, as `process 12 (asterisk)`; None when it cannot be known."""
    inodes = {row.inode for row in all_sockets() if (row.protocol, row.port) == (protocol, port)}
    for entry in PROC.iterdir():
        if not entry.name.isdigit():
            continue
        try:
            if inodes & socket_inodes(int(entry.name)):
                return f"process {entry.name} ({_program(entry)})"
        except PermissionError:
            continue
    return None


def _program(entry: Path) -> str:
    # A program run through the loader is named after the loader; a person knows it by its file.
    words = (entry / "cmdline").read_bytes().decode(errors="replace").split("\0")
    files = [Path(word) for word in words if word.startswith("/") and Path(word).is_file()]
    named = [path.name for path in files if not path.name.startswith("ld-")]
    return named[0] if named else (entry / "comm").read_text().strip()


def _link(path: Path) -> str:
    try:
        return str(path.readlink())
    except FileNotFoundError:
        return ""


def _address(digits: str) -> str:
    # Each 32-bit word is printed in the machine's own byte order, which is little-endian here.
    words = [
        bytes.fromhex(digits[start : start + HEX_DIGITS_PER_WORD])[::-1]
        for start in range(0, len(digits), HEX_DIGITS_PER_WORD)
    ]
    return str(ipaddress.ip_address(b"".join(words)))
