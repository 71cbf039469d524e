"""Becomes another program that dies with its parent and has no IPv6 sockets (Linux only).

Run as `python -I -S launch.py PARENT_PID PROGRAM ...` it sets two promises of the kernel on itself
and then becomes the program, which inherits them:

* SIGKILL when the parent thread ends, so that a killed test run leaves no Asterisk behind;
* `socket(AF_INET6, ...)` is refused. Asterisk's SIP module opens a DNS client of its own on
  0.0.0.0 and [::], at random ports, on every machine that has a name server; no setting turns it
  off. When its IPv6 half cannot be had (any error but "family not supported", which it forgives)
  it closes both and uses the C library instead. We need neither: on loopback nothing is looked up.

Here and not between fork and exec, because there a threaded parent may run no code of its own.
It uses the standard library alone and imports nothing of ours, to start in a few milliseconds.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import signal
import socket
import struct
import sys

# As numbered in prctl(2) of Linux.
PR_SET_PDEATHSIG = 1
PR_SET_SECCOMP = 22
PR_SET_NO_NEW_PRIVS = 38
SECCOMP_MODE_FILTER = 2

# seccomp(2): struct seccomp_data is nr, arch, instruction pointer, six arguments of 64 bits.
OFFSET_NUMBER, OFFSET_ARCH, OFFSET_FIRST_ARGUMENT = 0, 4, 16
RETURN_ALLOW = 0x7FFF0000
RETURN_ERRNO = 0x00050000
# bpf(4) in its classic form: load a word, jump if equal, return.
LOAD, JUMP_EQUAL, RETURN = 0x20, 0x15, 0x06
# <linux/audit.h> and each machine's number of socket(2).
MACHINES = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}


def no_ipv6_filter(machine: str) -> bytes | None:
    """The kernel's program that refuses IPv6 sockets, or None for a machine we do not know."""
    known = MACHINES.get(machine)
    if known is None:
        return None
    arch, socket_number = known
    rows = [
        (LOAD, 0, 0, OFFSET_ARCH),
        (JUMP_EQUAL, 0, 5, arch),
        (LOAD, 0, 0, OFFSET_NUMBER),
        (JUMP_EQUAL, 0, 3, socket_number),
        (LOAD, 0, 0, OFFSET_FIRST_ARGUMENT),
        (JUMP_EQUAL, 0, 1, int(socket.AF_INET6)),
        (RETURN, 0, 0, RETURN_ERRNO | errno.EACCES),
        (RETURN, 0, 0, RETURN_ALLOW),
    ]
    return b"".join(struct.pack("HBBI", *row) for row in rows)


def become(parent: int, argv: list[str]) -> None:
    """Turns this process into `argv`; returns only by an exception."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_PDEATHSIG, ctypes.c_ulong(signal.SIGKILL), 0, 0, 0)
    if os.getppid() != parent:
        sys.exit("the parent ended before its child began")
    os.umask(0o077)  # Asterisk makes its logs readable to all else
    _refuse_ipv6(libc)
    os.execv(argv[0], argv)  # noqa: S606 - becoming that program is the purpose


def _refuse_ipv6(libc: ctypes.CDLL) -> None:
    rows = no_ipv6_filter(platform.machine())
    if rows is None:
        return
    # struct sock_fprog: the number of instructions and where they are.
    code = ctypes.create_string_buffer(rows, len(rows))
    program = struct.pack("HxxxxxxQ", len(rows) // 8, ctypes.addressof(code))
    held = ctypes.create_string_buffer(program, len(program))
    libc.prctl(PR_SET_NO_NEW_PRIVS, ctypes.c_ulong(1), 0, 0, 0)
    # A kernel that refuses leaves the sockets open; whoever started us reads them and says so.
    libc.prctl(PR_SET_SECCOMP, ctypes.c_ulong(SECCOMP_MODE_FILTER), held, 0, 0)


if __name__ == "__main__":
    become(int(sys.argv[1]), sys.argv[2:])
