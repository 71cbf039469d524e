"""What Asterisk says, as the call core's events.

What Asterisk does not promise (an end for every leg and playback, exactly once, in order) the
leg book adds. Events of channels that are not ours are passed over.
"""

from collections.abc import Callable

from ivr.adapters.ari import events as ari
from ivr.adapters.ari.edges import Edges
from ivr.adapters.ari.legs import LEGS_MAX, HeldLeg, LegBook
from ivr.call.events import (
    CallArrived,
    DigitReceived,
    LegAnswered,
    LegEnded,
    LegsBridged,
    PlaybackFinished,
)
from ivr.call.model import BridgeId, LegId, PlaybackId, PlaybackOutcome
from ivr.ports import EventSink


class Translation:
    """Turns one Asterisk's events into ours."""

    def __init__(
        self,
        legs: LegBook,
        edges: Edges,
        *,
        sink: EventSink,
        refuse: Callable[[str], None],
    ) -> None:
        self.sink = sink
        self._legs = legs
        self._edges = edges
        self._refuse = refuse

    def on_event(self, event: ari.AriEvent) -> None:
        """Take one event; what it means to us goes to the sink at once."""
        match event:
            case ari.StasisStart():
                self._on_stasis_start(event)
            case ari.PlaybackFinished(playback):
                self.finish_playback(PlaybackId(playback.id), failed=playback.state == "failed")
            case ari.ChannelEnteredBridge(bridge, channel) if channel is not None:
                self._on_entered(bridge.id, channel.id)
            case (
                ari.ChannelStateChange()
                | ari.ChannelDtmfReceived()
                | ari.ChannelHangupRequest()
                | ari.StasisEnd()
                | ari.ChannelDestroyed()
            ):
                held = self._legs.by_channel(event.channel.id)
                if held is not None:
                    self._on_leg_event(held, event)
            case _:
                pass  # nothing follows from it here

    def _on_leg_event(
        self,
        held: HeldLeg,
        event: ari.ChannelStateChange
        | ari.ChannelDtmfReceived
        | ari.ChannelHangupRequest
        | ari.StasisEnd
        | ari.ChannelDestroyed,
    ) -> None:
        match event:
            case ari.ChannelStateChange(channel):
                if channel.state == "Up":
                    self.answered(held)
            case ari.ChannelDtmfReceived(digit=digit):
                self.sink(DigitReceived(held.leg, digit))
            case ari.ChannelHangupRequest(cause=cause):
                held.cause = cause
            case ari.StasisEnd():
                # Measured: of a caller who hangs up outside a bridge no ChannelDestroyed follows.
                self.end(held, held.cause)
            case ari.ChannelDestroyed(cause=cause):
                self.end(held, cause)

    def _on_stasis_start(self, event: ari.StasisStart) -> None:
        if self._legs.by_channel(event.channel.id) is not None or len(event.args) < 2:
            return
        self.arrive(event.channel, dialled=event.args[1])

    def arrive(self, channel: ari.Channel, *, dialled: str) -> None:
        """A caller's channel is ours now: a new contact."""
        contact = self._edges.new_contact()
        if len(self._legs) >= LEGS_MAX:
            self._edges.note("node_full", {"legs": str(len(self._legs))})
            self._refuse(channel.id)
            return
        held = self._legs.add(LegId(f"{contact}.0"), channel.id)
        self._edges.note("leg_registered", {"leg": held.leg, "channel": channel.id})
        caller = self._edges.parties.refer(channel.caller.number)
        self.sink(CallArrived(contact, held.leg, dialled, caller))

    def answered(self, held: HeldLeg) -> None:
        """A leg is up; a second report of it is passed over."""
        if not held.up and self._legs.by_leg(held.leg) is held:
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

    def _on_entered(self, bridge: str, channel: str) -> None:
        complete = self._legs.entered(BridgeId(bridge), channel)
        if complete is not None:
            self.sink(LegsBridged(complete.bridge, complete.leg))

    def end(self, held: HeldLeg, cause: int | None) -> None:
        """A leg is gone: its playbacks end first; a second report of it is passed over."""
        if self._legs.by_leg(held.leg) is not held:
            return
        for playback in self._legs.end(held):
            self.sink(PlaybackFinished(held.leg, playback, PlaybackOutcome.FAILED))
        self.sink(LegEnded(held.leg, cause))
