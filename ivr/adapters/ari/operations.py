"""The ARI operations we use, each as a value that either transport can carry.

Paths and parameters are Asterisk's (its ``rest-api/api-docs``). Ids of channels, bridges and
playbacks are ours, chosen and registered before the request leaves, and never used twice.

``joins`` marks the operations that wait for the channel's own thread (measured on 22.10.1:
answer, add to a bridge, remove from a bridge, set a variable): over the event WebSocket one such
request behind a playing prompt would delay every other request of the node.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import quote

from ivr.adapters.ari.device_names import LEG_KIND

CONNECTED_NAME, CONNECTED_NUMBER = "CONNECTEDLINE(name,i)", "CONNECTEDLINE(num,i)"
"""Set without an update being sent: the channel has not been dialled yet."""

Method = Literal["GET", "POST", "PUT", "DELETE"]


@dataclass(frozen=True, slots=True)
class Operation:
    """One REST request, independent of how it travels."""

    method: Method
    path: str
    query: Mapping[str, str] = field(default_factory=dict[str, str])
    body: Mapping[str, object] | None = None
    joins: bool = False
    retry_safe: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back; ``status`` is HTTP's, also over the WebSocket."""

    status: int
    body: bytes = b""

    @property
    def ok(self) -> bool:
        """Whether Asterisk did, or accepted, what was asked."""
        return 200 <= self.status < 300


def answer(channel: str) -> Operation:
    """Answer a channel."""
    return Operation("POST", f"channels/{_safe(channel)}/answer", joins=True)


def play(channel: str, *, playback: str, media: tuple[str, ...]) -> Operation:
    """Play a list of media as one playback."""
    path = f"channels/{_safe(channel)}/play/{_safe(playback)}"
    return Operation("POST", path, query={"media": ",".join(media)})


def stop_playback(playback: str) -> Operation:
    """Cut a playback."""
    return Operation("DELETE", f"playbacks/{_safe(playback)}", retry_safe=True)


def get_playback(playback: str) -> Operation:
    """Ask whether a playback still exists."""
    return Operation("GET", f"playbacks/{_safe(playback)}", retry_safe=True)


def record(channel: str, *, recording: str, max_s: int, silence_s: int) -> Operation:
    """Record what the channel's party says, till ``#``, silence or the longest time."""
    query = {
        "name": recording,
        "format": "wav",
        "maxDurationSeconds": str(max_s),
        "maxSilenceSeconds": str(silence_s),
        "terminateOn": "#",
        "ifExists": "fail",
    }
    return Operation("POST", f"channels/{_safe(channel)}/record", query=query)


def stop_recording(recording: str) -> Operation:
    """End a recording; what was recorded stays."""
    return Operation("POST", f"recordings/live/{_safe(recording)}/stop", retry_safe=True)


def get_recording(recording: str) -> Operation:
    """Ask whether something is still being recorded."""
    return Operation("GET", f"recordings/live/{_safe(recording)}", retry_safe=True)


def start_music(channel: str, *, music_class: str) -> Operation:
    """Music on hold."""
    return Operation("POST", f"channels/{_safe(channel)}/moh", query={"mohClass": music_class})


def stop_music(channel: str) -> Operation:
    """No more music."""
    return Operation("DELETE", f"channels/{_safe(channel)}/moh", retry_safe=True)


@dataclass(frozen=True, slots=True)
class Callee:
    """Where to ring, and what is shown there as the name of who calls; nothing of ours if empty.

    ``number`` is the caller's, which has to be shown beside it.
    """

    endpoint: str
    shown: str = ""
    number: str = field(default="", repr=False)


def create_channel(channel: str, *, callee: Callee, app: str, originator: str) -> Operation:
    """Make an outgoing channel that enters our application soon, not yet dialled.

    The display name of an outgoing INVITE is that of the channel's connected line.
    """
    query = {
        "endpoint": callee.endpoint,
        "app": app,
        "appArgs": LEG_KIND,
        "channelId": channel,
        "originator": originator,
    }
    if not callee.shown:
        return Operation("POST", "channels/create", query=query)
    shown = {CONNECTED_NAME: callee.shown, CONNECTED_NUMBER: callee.number}
    variables = {name: text for name, text in shown.items() if text}
    return Operation("POST", "channels/create", query=query, body={"variables": variables})


def dial(channel: str, *, caller: str | None, timeout_s: int) -> Operation:
    """Ring a created channel; without a timeout Asterisk would ring for ever.

    With a ``caller`` that channel's name and number replace whatever the created one was to show
    (measured on 22.10.1).
    """
    query = {"timeout": str(timeout_s)} | ({} if caller is None else {"caller": caller})
    return Operation("POST", f"channels/{_safe(channel)}/dial", query=query)


def hang_up(channel: str, *, reason: str) -> Operation:
    """End a channel."""
    return Operation(
        "DELETE", f"channels/{_safe(channel)}", query={"reason": reason}, retry_safe=True
    )


def create_bridge(bridge: str) -> Operation:
    """Make a two-party bridge in which keys are told.

    Measured on 22.10.1: in a plain ``mixing`` bridge two RTP legs are joined natively, and no key
    of either is told. Going without that costs Asterisk a fifth more CPU for each talk.
    """
    return Operation(
        "POST", f"bridges/{_safe(bridge)}", query={"type": "mixing,dtmf_events", "name": bridge}
    )


def add_to_bridge(bridge: str, channels: tuple[str, ...]) -> Operation:
    """Put channels into a bridge."""
    path = f"bridges/{_safe(bridge)}/addChannel"
    return Operation("POST", path, query={"channel": ",".join(channels)}, joins=True)


def destroy_bridge(bridge: str) -> Operation:
    """Take a bridge down; its channels stay."""
    return Operation("DELETE", f"bridges/{_safe(bridge)}", retry_safe=True)


def get_channel(channel: str) -> Operation:
    """Ask what is true of one channel."""
    return Operation("GET", f"channels/{_safe(channel)}", retry_safe=True)


def get_bridge(bridge: str) -> Operation:
    """Ask what is true of one bridge."""
    return Operation("GET", f"bridges/{_safe(bridge)}", retry_safe=True)


def list_channels() -> Operation:
    """All channels of the node."""
    return Operation("GET", "channels", retry_safe=True)


def list_bridges() -> Operation:
    """All bridges of the node."""
    return Operation("GET", "bridges", retry_safe=True)


def list_endpoints() -> Operation:
    """All PJSIP endpoints with their state."""
    return Operation("GET", "endpoints/PJSIP", retry_safe=True)


def subscribe_endpoints(app: str) -> Operation:
    """Be told when a device registers or is lost."""
    path = f"applications/{_safe(app)}/subscription"
    return Operation("POST", path, query={"eventSource": "endpoint:PJSIP"}, retry_safe=True)


def filter_events(app: str, *, allowed: tuple[str, ...]) -> Operation:
    """Be sent events of these types only."""
    body = {"allowed": [{"type": name} for name in allowed]}
    path = f"applications/{_safe(app)}/eventFilter"
    return Operation("PUT", path, body=body, retry_safe=True)


def asterisk_info() -> Operation:
    """Version and status of the server."""
    return Operation("GET", "asterisk/info", retry_safe=True)


def reload_module(module: str) -> Operation:
    """Let a module read its configuration again; calls go on."""
    return Operation("PUT", f"asterisk/modules/{_safe(module)}", retry_safe=True)


def ping() -> Operation:
    """The cheapest request there is."""
    return Operation("GET", "asterisk/ping", retry_safe=True)


def _safe(identifier: str) -> str:
    return quote(identifier, safe="")
