"""The ARI events we use, typed; any other is kept as ``OtherEvent``.

Field names are Asterisk's (its ``rest-api/api-docs/events.json``); a contract test compares them
with what the live server publishes, so that a renamed field is a red test and not a quiet None.
Fields we do not read are left out and ignored in decoding.
"""

from typing import get_args

from msgspec import DecodeError, Struct
from msgspec.json import Decoder


class CallerId(Struct, frozen=True):
    """Who calls, as signalled; never trusted."""

    number: str = ""
    name: str = ""


class Channel(Struct, frozen=True):
    """Asterisk's snapshot of a channel."""

    id: str
    name: str = ""
    state: str = ""
    caller: CallerId = CallerId()


class Bridge(Struct, frozen=True):
    """Asterisk's snapshot of a bridge."""

    id: str
    channels: list[str] = []
    creator: str = ""
    """``Stasis`` for one made over ARI."""


class Playback(Struct, frozen=True):
    """Asterisk's snapshot of a playback; ``state`` is queued, playing, done or failed."""

    id: str
    state: str = ""
    target_uri: str = ""


class LiveRecording(Struct, frozen=True):
    """Asterisk's snapshot of a recording; ``state`` is done or failed when it is over.

    Its durations are whole seconds, and say 1 of nothing but silence: they are of no use.
    """

    name: str
    state: str = ""


class Endpoint(Struct, frozen=True):
    """An endpoint; ``state`` is unknown, offline or online."""

    technology: str
    resource: str
    state: str | None = None


class ContactInfo(Struct, frozen=True):
    """A registration; ``contact_status`` is Reachable, Unreachable, NonQualified, Removed ..."""

    aor: str
    uri: str
    contact_status: str


class StasisStart(Struct, frozen=True, tag_field="type", tag="StasisStart"):
    """A channel came under our control."""

    channel: Channel
    args: list[str] = []


class StasisEnd(Struct, frozen=True, tag_field="type", tag="StasisEnd"):
    """A channel left our control: hung up, or continued in the dialplan."""

    channel: Channel


class ChannelHangupRequest(Struct, frozen=True, tag_field="type", tag="ChannelHangupRequest"):
    """A party, or we, asked for the channel's end; comes before ``StasisEnd``.

    ``cause`` is Q.850 when a party asked. When we did, the request is *soft*, and what stands there
    is Asterisk's own flag (32, explicit).
    """

    channel: Channel
    cause: int | None = None
    soft: bool = False


class ChannelDestroyed(Struct, frozen=True, tag_field="type", tag="ChannelDestroyed"):
    """A channel is gone; ``cause`` is Q.850, sometimes 0."""

    channel: Channel
    cause: int = 0


class ChannelStateChange(Struct, frozen=True, tag_field="type", tag="ChannelStateChange"):
    """A channel's state (Down, Ring, Ringing, Up ...) changed."""

    channel: Channel


class ChannelDtmfReceived(Struct, frozen=True, tag_field="type", tag="ChannelDtmfReceived"):
    """A key was pressed and let go."""

    channel: Channel
    digit: str
    duration_ms: int = 0


class PlaybackFinished(Struct, frozen=True, tag_field="type", tag="PlaybackFinished"):
    """A playback is over; its state says whether it was heard."""

    playback: Playback


class RecordingFinished(Struct, frozen=True, tag_field="type", tag="RecordingFinished"):
    """A recording is over; also one that could not be written."""

    recording: LiveRecording


class RecordingFailed(Struct, frozen=True, tag_field="type", tag="RecordingFailed"):
    """A recording was not begun, or went wrong."""

    recording: LiveRecording


class ChannelEnteredBridge(Struct, frozen=True, tag_field="type", tag="ChannelEnteredBridge"):
    """A channel is in a bridge."""

    bridge: Bridge
    channel: Channel | None = None


class ChannelLeftBridge(Struct, frozen=True, tag_field="type", tag="ChannelLeftBridge"):
    """A channel is out of a bridge; only now may it be played to again (measured)."""

    bridge: Bridge
    channel: Channel


class ContactStatusChange(Struct, frozen=True, tag_field="type", tag="ContactStatusChange"):
    """A registration came, went, or changed its qualification."""

    endpoint: Endpoint
    contact_info: ContactInfo


class ApplicationReplaced(Struct, frozen=True, tag_field="type", tag="ApplicationReplaced"):
    """Another WebSocket took our application: we must stop acting."""

    application: str = ""


class RestResponse(Struct, frozen=True, tag_field="type", tag="RESTResponse"):
    """The answer to a REST request sent over the event WebSocket."""

    request_id: str
    status_code: int
    reason_phrase: str = ""
    message_body: str = ""


class OtherEvent(Struct, frozen=True):
    """An event we have no use for."""

    type: str


AriEvent = (
    StasisStart
    | StasisEnd
    | ChannelHangupRequest
    | ChannelDestroyed
    | ChannelStateChange
    | ChannelDtmfReceived
    | PlaybackFinished
    | RecordingFinished
    | RecordingFailed
    | ChannelEnteredBridge
    | ChannelLeftBridge
    | ContactStatusChange
    | ApplicationReplaced
)

USED_EVENTS: tuple[type[Struct], ...] = get_args(AriEvent)

KNOWN_TYPES = frozenset(event.__name__ for event in USED_EVENTS) | {"RESTResponse"}
"""Types that must not come as ``OtherEvent``: such a one has lost news of a call."""

_KNOWN: Decoder[AriEvent | RestResponse] = Decoder(AriEvent | RestResponse)
_OTHER = Decoder(OtherEvent)


class OddFrameError(ValueError):
    """A frame that is no event at all; the text says why, without the frame's content."""


def decode(frame: str | bytes) -> AriEvent | RestResponse | OtherEvent:
    """One frame of the event WebSocket.

    A known event with a wrong field is given as ``OtherEvent``, for one odd event must not end
    all calls. Raises ``OddFrameError`` when it is no JSON object with a ``type``.
    """
    try:
        return _KNOWN.decode(frame)
    except (DecodeError, UnicodeError, RecursionError):
        pass
    try:
        return _OTHER.decode(frame)
    except (DecodeError, UnicodeError, RecursionError) as odd:
        raise OddFrameError(f"a frame that is no event ({type(odd).__name__})") from None
