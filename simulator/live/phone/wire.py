"""What parent and rack process say to each other: one JSON object a line.

Each command has a number `n` and is answered exactly once, by `Done` or `Refused`, when it
has taken effect (a REGISTER was answered, the digit's last packet was sent). What happens to
calls comes as events. All `at_ns` are CLOCK_MONOTONIC, which all processes of a host share.
"""

from collections.abc import Callable
from typing import Literal, TypeVar

import msgspec

ToneFrom = Literal["answer", "command"]
"""When the tone starts: by itself at the 200 OK, or only when told."""


class Answer(msgspec.Struct, frozen=True, tag="answer", tag_field="behaviour"):
    """Ring for `after_ms`, answer, play `tone_hz` (None: silence), perhaps hang up later."""

    after_ms: int = 0
    tone_hz: int | None = None
    hang_up_after_ms: int | None = None


class Reject(msgspec.Struct, frozen=True, tag="reject", tag_field="behaviour"):
    """Refuse at once with a final SIP status."""

    status: int = 486


class RingOut(msgspec.Struct, frozen=True, tag="ring_out", tag_field="behaviour"):
    """Ring and do nothing, until the other side gives up."""


Behaviour = Answer | Reject | RingOut


class Listen(msgspec.Struct, frozen=True, tag="listen", tag_field="do"):
    """Be reachable as `user` without registering: for calls from phone to phone."""

    n: int
    phone: str
    user: str
    behaviour: Behaviour


class Register(msgspec.Struct, frozen=True, tag="register", tag_field="do"):
    """Register `user` at a registrar, with digest authentication."""

    n: int
    phone: str
    user: str
    password: str
    registrar: str
    behaviour: Behaviour


class Behave(msgspec.Struct, frozen=True, tag="behave", tag_field="do"):
    """What the phone does with calls from now on."""

    n: int
    phone: str
    behaviour: Behaviour


class Unregister(msgspec.Struct, frozen=True, tag="unregister", tag_field="do"):
    """Take the phone away; its call, if any, ends."""

    n: int
    phone: str


class Place(msgspec.Struct, frozen=True, tag="place", tag_field="do"):
    """Call `to_uri` as sip:`from_number`@127.0.0.1, unregistered and without credentials.

    With `phone` the call is made by that registered phone, on its account and with its password;
    while it lasts the phone is busy.
    """

    n: int
    call: str
    from_number: str
    to_uri: str
    tone_hz: int | None
    tone_from: ToneFrom
    phone: str | None = None


class Press(msgspec.Struct, frozen=True, tag="press", tag_field="do"):
    """Send digits as RFC 4733 events, one after the other."""

    n: int
    call: str
    digits: str


class Tone(msgspec.Struct, frozen=True, tag="tone", tag_field="do"):
    """Play this tone from now on; None is silence, which is sent too."""

    n: int
    call: str
    hz: int | None


class HangUp(msgspec.Struct, frozen=True, tag="hang_up", tag_field="do"):
    """CANCEL, BYE or a refusal, whichever the call's state asks for."""

    n: int
    call: str


Command = Listen | Register | Behave | Unregister | Place | Press | Tone | HangUp
MakeCommand = Callable[[int], Command]
C = TypeVar("C", Listen, Register, Place)


def numbered(command: C, n: int) -> C:
    """The same command under its number."""
    return msgspec.structs.replace(command, n=n)


class Ready(msgspec.Struct, frozen=True, tag="ready", tag_field="event"):
    """The process listens at this SIP port."""

    sip_port: int
    library: str


class Done(msgspec.Struct, frozen=True, tag="done", tag_field="event"):
    """Command `n` has taken effect."""

    n: int
    at_ns: int


class Refused(msgspec.Struct, frozen=True, tag="refused", tag_field="event"):
    """Command `n` could not be carried out; `why` is one sentence."""

    n: int
    why: str


class Offered(msgspec.Struct, frozen=True, tag="offered", tag_field="event"):
    """An INVITE reached the phone."""

    call: str
    phone: str
    from_uri: str
    at_ns: int


class Ringing(msgspec.Struct, frozen=True, tag="ringing", tag_field="event"):
    """The placed call got its first 180 or 183."""

    call: str
    status: int
    at_ns: int


class Answered(msgspec.Struct, frozen=True, tag="answered", tag_field="event"):
    """The 200 OK to the INVITE was received (placed call) or sent (received call)."""

    call: str
    at_ns: int


class Digit(msgspec.Struct, frozen=True, tag="digit", tag_field="event"):
    """The other side pressed a key: the first packet of an RFC 4733 event."""

    call: str
    digit: str
    at_ns: int


class Ended(msgspec.Struct, frozen=True, tag="ended", tag_field="event"):
    """The call is over and its files are written."""

    call: str
    status: int
    reason: str
    by_us: bool
    at_ns: int
    recording: str
    timeline: str
    packets: int
    packets_not_kept: int


Event = Ready | Done | Refused | Offered | Ringing | Answered | Digit | Ended

encode = msgspec.json.Encoder().encode
decode_command = msgspec.json.Decoder(Command).decode
decode_event = msgspec.json.Decoder(Event).decode
DecodeError = msgspec.DecodeError
