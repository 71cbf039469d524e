"""What Asterisk says, as the call core's events.

What Asterisk does not promise (an end for every leg and playback, exactly once, in order) the
leg book adds. Of channels that are not ours only the strangers' ends matter.
"""

from collections.abc import Callable

from ivr.adapters.ari import events as ari
from ivr.adapters.ari.bridge_exit import BridgeExits
from ivr.adapters.ari.caller_number import is_known
from ivr.adapters.ari.device_names import DEVICE_KIND, device_of
from ivr.adapters.ari.edges import Edges
from ivr.adapters.ari.legs import LEGS_MAX, HeldLeg, LegBook
from ivr.adapters.ari.recording import Recordings
from ivr.adapters.ari.strangers import Strangers
from ivr.call.events import (
    CallArrived,
    DigitReceived,
    LegAnswered,
    LegEnded,
    LegsBridged,
    PlaybackFinished,
)
from ivr.call.model import BridgeId, LegId, PlaybackId, PlaybackOutcome
from ivr.call.voice import RecordingId
from ivr.ports import EventSink

ARRIVAL_KINDS = ("inbound", DEVICE_KIND)
"""First argument of ``Stasis()`` for somebody who dialled; the second is what was dialled."""

UP = "Up"
"""The state of a channel that has been answered."""

LegNews = (
    ari.ChannelStateChange
    | ari.ChannelDtmfReceived
    | ari.ChannelHangupRequest
    | ari.StasisEnd
    | ari.ChannelDestroyed
)


class Translation:
    """Turns one Asterisk's events into ours."""

    def __init__(
        self,
        legs: LegBook,
        edges: Edges,
        strangers: Strangers,
        *,
        sink: EventSink,
        refuse: Callable[[str], None],
    ) -> None:
        self.sink = sink
        self.exits = BridgeExits(legs, edges.note)
        self.recordings = Recordings(edges, sink)
        self._legs = legs
        self._edges = edges
        self._strangers = strangers
        self._refuse = refuse

    def on_event(self, event: ari.AriEvent) -> None:
        """Take one event; what it means to us goes to the sink at once."""
        match event:
            case ari.StasisStart():
                self._strangers.saw(event.channel.id)
                self._on_stasis_start(event)
            case ari.PlaybackFinished(playback):
                self.recordings.beep_over(PlaybackId(playback.id))
                self.finish_playback(PlaybackId(playback.id), failed=playback.state == "failed")
            case ari.RecordingFinished(recording):
                self.recordings.finish(RecordingId(recording.name))
            case ari.RecordingFailed(recording):
                self.recordings.fail(RecordingId(recording.name))
            case ari.ChannelEnteredBridge(bridge, channel):
                if channel is not None:
                    self.entered(bridge.id, channel.id)
            case ari.ChannelLeftBridge(bridge, channel):
                self._on_left(bridge.id, channel.id)
            case ari.ContactStatusChange() | ari.ApplicationReplaced():
                pass  # the device watch's, and the line's own
            case _:
                self._on_channel_news(event)

    def _on_channel_news(self, event: LegNews) -> None:
        channel = event.channel.id
        if isinstance(event, ari.StasisEnd | ari.ChannelDestroyed):
            self._strangers.saw(channel)
            self._strangers.gone(channel)
        held = self._legs.by_channel(channel)
        if held is not None:
            self._on_leg_news(held, event)

    def _on_leg_news(self, held: HeldLeg, event: LegNews) -> None:
        match event:
            case ari.ChannelStateChange(channel):
                self.state_is(held, channel.state)
            case ari.ChannelDtmfReceived(digit=digit):
                self.sink(DigitReceived(held.leg, digit))
            case ari.ChannelHangupRequest(soft=True):
                held.hung_up = True  # our own asking, with a flag of Asterisk's for a cause
            case ari.ChannelHangupRequest(cause=cause):
                held.hung_up, held.cause = True, cause
            case ari.StasisEnd():
                # Measured: of a caller who hangs up outside a bridge no ChannelDestroyed follows.
                self.end(held, held.cause)
            case ari.ChannelDestroyed(cause=cause):
                self.end(held, cause)

    def _on_stasis_start(self, event: ari.StasisStart) -> None:
        held = self._legs.by_channel(event.channel.id)
        if held is not None:
            if held.on_app is not None:
                held.on_app()
        elif len(event.args) >= 2 and event.args[0] in ARRIVAL_KINDS:
            self.arrive(event.channel, kind=event.args[0], dialled=event.args[1])
        else:  # a leg that was given up before it was there, or somebody's mistake
            self._edges.note("unknown_channel", {"channel": event.channel.id})
            self._refuse(event.channel.id)

    def arrive(
        self, channel: ari.Channel, *, kind: str, dialled: str, taken_in: bool = False
    ) -> None:
        """A caller's channel is ours now: a new contact. ``kind`` is one of ``ARRIVAL_KINDS``."""
        if len(self._legs) >= LEGS_MAX:
            self._edges.note("node_full", {"legs": str(len(self._legs))})
            self._refuse(channel.id)
            return
        contact = self._edges.new_contact()
        held = self._legs.add(LegId(f"{contact}.0"), channel.id)
        held.arrived_up = channel.state == UP
        held.number = channel.caller.number
        self._edges.note("leg_registered", {"leg": held.leg, "channel": channel.id})
        caller = self._edges.parties.refer(channel.caller.number)
        device = device_of(channel.name, kind=kind)
        if device is None and kind == DEVICE_KIND:
            self._edges.note("device_unknown", {"leg": held.leg, "channel": channel.id})
        known = is_known(channel.caller.number)
        served = self._edges.last_served(channel.caller.number) if known else None
        agent, ago_ms = served or (None, None)
        self.sink(
            CallArrived(
                *(contact, held.leg, dialled, caller, device, known, taken_in),
                last_agent=agent,
                last_agent_ago_ms=ago_ms,
            )
        )

    def state_is(self, held: HeldLeg, state: str) -> None:
        """A leg's channel is in this state; the first time it is up is its answer."""
        if state == UP and not held.up:
            held.up = True
            self.sink(LegAnswered(held.leg))

    def finish_playback(self, playback: PlaybackId, *, failed: bool) -> None:
        """A playback is over; a second report of it is passed over."""
        ended = self._legs.end_playback(playback)
        if ended is None:
            return
        held, stopping = ended
        outcome = PlaybackOutcome.FAILED if failed else PlaybackOutcome.PLAYED
        self.sink(
            PlaybackFinished(held.leg, playback, PlaybackOutcome.STOPPED if stopping else outcome)
        )

    def entered(self, bridge: str, channel: str) -> None:
        """A channel is in a bridge; said twice, it counts once."""
        complete = self._legs.entered(BridgeId(bridge), channel)
        if complete is not None:
            self.sink(LegsBridged(complete.bridge, complete.leg))

    def _on_left(self, bridge: str, channel: str) -> None:
        self._strangers.left(channel)
        self._legs.left(BridgeId(bridge), channel)
        held = self._legs.by_channel(channel)
        if held is not None:
            self.exits.left(held, bridge)

    def end(self, held: HeldLeg, cause: int | None) -> None:
        """A leg is gone: its playbacks end first; a second report of it is passed over."""
        if not self._legs.lives(held):
            return
        self.recordings.end_of(held)
        for playback in self._legs.end(held):
            self.sink(PlaybackFinished(held.leg, playback, PlaybackOutcome.FAILED))
        self.sink(LegEnded(held.leg, cause))
