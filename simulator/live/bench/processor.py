"""The processor time of one process, as the kernel counts it."""

import os

from simulator.live.sockets import PROC

MS_PER_TICK = 1000 / os.sysconf("SC_CLK_TCK")


def cpu_ms(pid: int) -> float:
    """User and system time of a process since its start, children not included (10 ms steps)."""
    return cpu_ms_in((PROC / str(pid) / "stat").read_text())


def cpu_ms_in(stat: str) -> float:
    """The same from the text of ``/proc/PID/stat``.

    proc(5): after the name, which stands in brackets and may contain anything, the state is the
    first field, user time the twelfth and system time the thirteenth.
    """
    fields = stat[stat.rindex(")") + 1 :].split()
    return (int(fields[11]) + int(fields[12])) * MS_PER_TICK
