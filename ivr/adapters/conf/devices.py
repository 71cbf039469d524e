"""Devices as Asterisk's configuration knows them: a name to register under and a password."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

from ivr.adapters.conf.problem import ConfProblem
from ivr.adapters.conf.settings import check_name

PASSWORD = re.compile(r"[A-Za-z0-9_.~+/=@-]{12,128}")
DEVICES_MAX = 20_000
# Sections that pjsip.conf itself uses: a device of that name would change them.
RESERVED_NAMES = frozenset(
    {"device-aor", "device-auth", "device-endpoint", "global", "media", "system", "trunk", "udp"}
)


@dataclass(frozen=True)
class Device:
    """One phone's account. The first letter of its name is never a digit: no caller's number

    can then be taken for a device (pjsip.conf looks for the claimed name first).
    """

    name: str
    password: str = field(repr=False)

    def __post_init__(self) -> None:
        check_name(self.name, what="device")
        if self.name in RESERVED_NAMES:
            raise ConfProblem(f"device {self.name!r} is a name pjsip.conf uses: choose another")
        if not PASSWORD.fullmatch(self.password):
            raise ConfProblem(
                f"the password of device {self.name} is refused: 12 to 128 letters, digits "
                "or _ . ~ + / = @ -"
            )
        if self.password == self.name:
            raise ConfProblem(f"the password of device {self.name} is its name: change it")


def checked_devices(devices: Iterable[Device]) -> tuple[Device, ...]:
    """The devices in the order of their names, each once."""
    ordered = tuple(sorted(devices, key=lambda device: device.name))
    for first, second in pairwise(ordered):
        if first.name == second.name:
            raise ConfProblem(f"device {first.name} is given twice: leave one out")
    if len(ordered) > DEVICES_MAX:
        raise ConfProblem(f"{len(ordered)} devices are more than {DEVICES_MAX}: use another node")
    return ordered
