"""Which of our devices a channel belongs to, and which names may stand in an endpoint.

Asterisk itself names a channel, ``PJSIP/<endpoint>-<eight hexadecimal digits>``; the endpoint is
who proved itself, or whom we dialled. No word of a caller's is in it. But a caller over the trunk
has an endpoint too: so what kind of channel it is says the first argument of ``Stasis()``, which
our dialplan sets for an arrival and we ourselves for a leg.
"""

import re

from router.model import DeviceId, qualified

DEVICE_KIND = "device"
"""A device of ours that dials; set by the context of its endpoint (asterisk-conf)."""

LEG_KIND = "leg"
"""A device that we dial; set by ``operations.create_channel``."""

_NAME = r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}"
_DEVICE_NAME = re.compile(_NAME)
_CHANNEL_NAME = re.compile(rf"PJSIP/({_NAME})-[0-9a-f]{{8}}")


def is_device_name(name: str) -> bool:
    """Whether this may stand in an endpoint: nothing in it can name a host or a header."""
    return _DEVICE_NAME.fullmatch(name) is not None


def device_of(channel_name: str, *, kind: str) -> DeviceId | None:
    """The device at the far end of this channel; None for a caller, and for a name that is odd."""
    found = _CHANNEL_NAME.fullmatch(channel_name)
    if kind not in (DEVICE_KIND, LEG_KIND) or found is None:
        return None
    return DeviceId(qualified(found.group(1)))
