"""The test phone: scripted SIP phones for proofs, and what each of them heard.

`PhoneRack` is the door; `docs/decisions/0004-test-phone.md` tells why it is built on pjsua2
for SIP and on its own RTP sockets for sound.
"""

from simulator.live.phone.calls import EndInfo, PlacedCall, ReceivedCall
from simulator.live.phone.client import Phone, PhoneRack
from simulator.live.phone.ear import HeardTimeline
from simulator.live.phone.process import PhoneRackError
from simulator.live.phone.wire import Answer, Behaviour, Reject, RingOut

__all__ = [
    "Answer",
    "Behaviour",
    "EndInfo",
    "HeardTimeline",
    "Phone",
    "PhoneRack",
    "PhoneRackError",
    "PlacedCall",
    "ReceivedCall",
    "Reject",
    "RingOut",
]
