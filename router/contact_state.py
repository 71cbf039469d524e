"""Where a contact stands with the router: waiting, offered, connected; or it is not there.

A contact enters by ``ENQUEUE`` and leaves by one of four doors: the caller left, the queue gave
it up (overflow), the conversation ended, or it never got in. While an offer is out, the contact
keeps its place: an offer that fails puts it back with its old entry time, so whoever came later
stays behind it. A wait that runs out during an offer lets the offer finish first: an agent whose
phone already rings is the best thing that can happen to this caller.

``None`` means "ignore and count"; a missing pair is a bug; a test walks all pairs.
"""

from collections.abc import Mapping
from enum import Enum


class ContactPhase(Enum):
    """Where a contact stands."""

    ABSENT = "absent"
    WAITING = "waiting"
    OFFERED = "offered"
    CONNECTED = "connected"

    # An enum's own hash is that of its name, made anew in Python each time; the table is asked
    # several times in each event. The members are single, so their identity does as well.
    __hash__ = object.__hash__


class ContactStep(Enum):
    """What can happen to a contact."""

    ENQUEUE = "enqueue"
    OFFER = "offer"
    RETURN = "return"
    ACCEPT = "accept"
    LEAVE = "leave"
    OVERFLOW = "overflow"
    END = "end"

    __hash__ = object.__hash__


_P, _S = ContactPhase, ContactStep

CONTACT: Mapping[tuple[ContactPhase, ContactStep], ContactPhase | None] = {
    (_P.ABSENT, _S.ENQUEUE): _P.WAITING,
    (_P.ABSENT, _S.OFFER): None,
    (_P.ABSENT, _S.RETURN): None,
    (_P.ABSENT, _S.ACCEPT): None,
    (_P.ABSENT, _S.LEAVE): None,
    (_P.ABSENT, _S.OVERFLOW): None,
    (_P.ABSENT, _S.END): None,
    (_P.WAITING, _S.ENQUEUE): None,
    (_P.WAITING, _S.OFFER): _P.OFFERED,
    (_P.WAITING, _S.RETURN): None,
    (_P.WAITING, _S.ACCEPT): None,
    (_P.WAITING, _S.LEAVE): _P.ABSENT,
    (_P.WAITING, _S.OVERFLOW): _P.ABSENT,
    (_P.WAITING, _S.END): None,
    (_P.OFFERED, _S.ENQUEUE): None,
    (_P.OFFERED, _S.OFFER): None,
    (_P.OFFERED, _S.RETURN): _P.WAITING,
    (_P.OFFERED, _S.ACCEPT): _P.CONNECTED,
    (_P.OFFERED, _S.LEAVE): _P.ABSENT,
    (_P.OFFERED, _S.OVERFLOW): None,
    (_P.OFFERED, _S.END): None,
    (_P.CONNECTED, _S.ENQUEUE): None,
    (_P.CONNECTED, _S.OFFER): None,
    (_P.CONNECTED, _S.RETURN): _P.WAITING,
    (_P.CONNECTED, _S.ACCEPT): None,
    (_P.CONNECTED, _S.LEAVE): None,
    (_P.CONNECTED, _S.OVERFLOW): None,
    (_P.CONNECTED, _S.END): _P.ABSENT,
}
