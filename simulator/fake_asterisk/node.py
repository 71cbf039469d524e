"""One Asterisk node on a virtual clock, behind the port ``Telephony``.

Held to the real Asterisk by the contract tests: what is modelled here was measured there first.
Not modelled: audio, codecs, registration traffic, Asterisk's own load.
"""

import random

from ivr.call.effects import (
    JOINS_CHANNEL,
    ReleaseLeg,
    StopPlayback,
    StopRecording,
    TelephonyEffect,
)
from ivr.call.events import CallArrived, LegEnded, TelephonyEvent
from ivr.call.model import BridgeId, CommandFailure, LegId, PartyRef, PlaybackId
from ivr.call.voice import RecordingId
from ivr.ports import EventSink, ReachabilitySink
from router.model import ContactId, DeviceId, Millis, qualified
from simulator.fake_asterisk.client import ClientSide, failed, leg_of
from simulator.fake_asterisk.exchange import Exchange, PromptDurations
from simulator.fake_asterisk.phone import (
    NORMAL_CLEARING,
    Answers,
    CallerScript,
    Phone,
    PhoneScript,
)
from simulator.fake_asterisk.settings import NodeSettings
from simulator.fake_asterisk.transport import EventWire, JoiningLanes, SerialLane
from simulator.virtual_time import VirtualTime

SILENT_ON_A_GONE_LEG = (StopPlayback, StopRecording, ReleaseLeg)
"""Asking twice for an end is no failure (the port's last promise)."""


class FakeAsterisk:
    """Answers, plays, rings and bridges on virtual time; phones and callers follow scripts.

    ``joining_over_websocket`` shows the mistake the transports exist to avoid: then one joining
    command behind a prompt stalls every other command of the node.
    """

    def __init__(
        self,
        time: VirtualTime,
        *,
        prompt_ms: PromptDurations,
        joining_over_websocket: bool = False,
        settings: NodeSettings | None = None,
        chance: random.Random | None = None,
    ) -> None:
        self._time = time
        self._settings = settings or NodeSettings()
        self._chance = chance
        self._joining_over_websocket = joining_over_websocket
        self._events: EventSink = _no_one_listens
        self._reachability: ReachabilitySink | None = None
        self._callers = 0
        latencies = self._settings.latencies
        self._client = ClientSide(
            lambda event: self._events(event), copies=self._settings.faults.event_copies
        )
        self._wire = EventWire(
            time, latency_ms=lambda: latencies.event.draw(chance), deliver=self._client.tell
        )
        self._exchange = Exchange(
            time,
            prompt_ms=prompt_ms,
            signalling_ms=lambda: latencies.signalling.draw(chance),
            joining_deadline_ms=self._settings.joining_deadline_ms,
            beep_ms=self._settings.beep_ms,
            emit=self._wire.send,
        )
        execute = self._exchange.execute
        self._websocket = SerialLane(time, latency_ms=self._websocket_ms, execute=execute)
        self._http = JoiningLanes(time, latency_ms=self._http_ms, execute=execute)

    def attach(self, *, events: EventSink, reachability: ReachabilitySink | None = None) -> None:
        """Who is told what happens from here on, and which devices can be reached now."""
        self._events = events
        self._reachability = reachability
        for device, phone in self._exchange.phones.items():
            self._tell_reachability(device, phone.registered)

    def perform(self, effect: TelephonyEffect) -> None:
        """Have this done; what came of it arrives at the sink."""
        refusal = self._client.admit(effect)
        if refusal is CommandFailure.GONE and isinstance(effect, SILENT_ON_A_GONE_LEG):
            return
        if refusal is not None:
            self._answer_later(effect, refusal, delay_ms=self._websocket_ms(effect))
        elif not self._wire.connected:
            deadline_ms = self._settings.command_deadline_ms
            self._answer_later(effect, CommandFailure.TIMED_OUT, delay_ms=deadline_ms)
        elif not self._submit(effect):
            self._answer_later(effect, CommandFailure.OVERLOADED, delay_ms=0)

    def _submit(self, effect: TelephonyEffect) -> bool:
        if isinstance(effect, JOINS_CHANNEL) and not self._joining_over_websocket:
            return self._http.submit(leg_of(effect), effect)
        return self._websocket.submit(effect)

    def _answer_later(
        self, effect: TelephonyEffect, failure: CommandFailure, *, delay_ms: Millis
    ) -> None:
        self._time.after(delay_ms, lambda: self._client.answer(failed(effect, failure)))

    def arrive(
        self,
        script: CallerScript | None = None,
        *,
        dialled: str = "10086",
        caller: PartyRef | None = None,
        device: DeviceId | None = None,
        caller_known: bool = True,
    ) -> LegId:
        """Somebody dials us now and then does what the script says; gives his leg.

        With ``device`` it is the one at this device of ours, whose phone is busy meanwhile.
        """
        self._callers += 1
        contact = ContactId(qualified(f"c{self._callers}"))
        leg = LegId(f"{contact}.0")
        party = caller or PartyRef(f"party-{contact}")
        arrived = CallArrived(contact, leg, dialled, party, device, caller_known)
        self._exchange.add_channel(leg, device)
        if device is not None:
            self._exchange.on_call.setdefault(device, leg)
        self._enter_application(arrived, tries_left=self._settings.retry_into_application_s)
        script = script or CallerScript()
        for at_ms, digit in script.presses:
            self._time.after(at_ms, lambda digit=digit: self.press(leg, digit))
        for at_ms, for_ms in script.speaks:
            self._time.after(at_ms, lambda for_ms=for_ms: self.speak(leg, for_ms))
        if script.hangs_up_at_ms is not None:
            self._time.after(script.hangs_up_at_ms, lambda: self.hang_up(leg))
        return leg

    def _enter_application(self, arrived: CallArrived, *, tries_left: int) -> None:
        """The dialplan: into the application, else ring and try again, else the fallback."""
        channel = self._exchange.channels.get(arrived.leg)
        if channel is None:
            return
        if self._wire.connected:
            self._wire.send(arrived)
        elif tries_left > 0:
            self._time.after(
                1000, lambda: self._enter_application(arrived, tries_left=tries_left - 1)
            )
        else:
            self._exchange.end(channel, NORMAL_CLEARING)

    def hang_up_outside(self, name: str) -> None:
        """Who was called outside by this name hangs up."""
        leg = self._exchange.outside_legs.get(name)
        if leg is not None:
            self._exchange.hang_up(leg)

    def set_outside(self, name: str, script: PhoneScript) -> None:
        """Somebody outside who can be called by this name does this with calls from now on."""
        self._exchange.outside[name] = script

    def press(self, leg: LegId, digit: str) -> None:
        """The party at the far end of this leg presses a key."""
        self._exchange.press(leg, digit)

    def speak(self, leg: LegId, for_ms: Millis) -> None:
        """The party at the far end of this leg speaks from now on, for so long."""
        self._exchange.recorders.speak(leg, for_ms)

    def hang_up(self, leg: LegId) -> None:
        """The party at the far end of this leg hangs up."""
        self._exchange.hang_up(leg)

    def hang_up_device(self, device: DeviceId) -> None:
        """The agent at this device hangs up the call she has, if any."""
        leg = self._exchange.on_call.get(device)
        if leg is not None:
            self._exchange.hang_up(leg)

    def press_device(self, device: DeviceId, digit: str) -> None:
        """The agent at this device presses a key in the call she has, if any."""
        leg = self._exchange.on_call.get(device)
        if leg is not None:
            self._exchange.press(leg, digit)

    def set_phone(self, device: DeviceId, script: PhoneScript | None = None) -> None:
        """This device is registered, and its phone follows this script from its next call on."""
        self._exchange.phones[device] = Phone(script or Answers(), registered=True)
        self._tell_reachability(device, True)

    def unregister(self, device: DeviceId) -> None:
        """This device can not be reached any more; a call that it has goes on."""
        phone = self._exchange.phones.setdefault(device, Phone(Answers(), registered=False))
        phone.registered = False
        self._tell_reachability(device, False)

    def _tell_reachability(self, device: DeviceId, reachable: bool) -> None:
        sink = self._reachability
        if sink is not None:
            delay_ms = self._settings.latencies.event.ms
            self._time.after(delay_ms, lambda: sink(device, reachable))

    def disconnect(self) -> None:
        """The connection breaks: events are lost, commands time out, the calls stay up."""
        self._wire.cut()

    def reconnect(self) -> None:
        """The connection is back: what was lost is found by asking, as the adapter does."""
        self._wire.mend()
        for leg in self._client.living_legs():
            channel = self._exchange.channels.get(leg)
            if channel is None:
                self._client.tell(LegEnded(leg, cause=None))
                continue
            playing = channel.thread.playbacks()
            lost = (name for name in self._client.open_playbacks(leg) if name not in playing)
            self._client.give_up(leg, lost)
            recorded = self._exchange.recorders.under_way()
            gone = [name for name in self._client.open_recordings(leg) if name not in recorded]
            self._client.give_up_recordings(leg, gone, leg_is_ending=False)

    def live_channels(self) -> tuple[LegId, ...]:
        """Legs whose channel exists, oldest first."""
        return tuple(self._exchange.channels)

    def live_bridges(self) -> tuple[BridgeId, ...]:
        """Bridges that exist, oldest first."""
        return tuple(self._exchange.bridges)

    def live_recordings(self) -> tuple[RecordingId, ...]:
        """Recordings that are not over."""
        return self._exchange.recorders.under_way()

    def live_playbacks(self) -> tuple[PlaybackId, ...]:
        """Playbacks that sound or wait for their turn."""
        return self._exchange.playbacks()

    def reused_ids(self) -> tuple[str, ...]:
        """Ids that somebody wanted to use a second time."""
        return tuple(self._client.reused_ids)

    def hears_hold_music(self, leg: LegId) -> bool:
        """Whether this party hears hold music."""
        channel = self._exchange.channels.get(leg)
        return channel is not None and channel.hold_music and channel.bridge is None

    def hears_prompt(self, leg: LegId) -> bool:
        """Whether this party hears a prompt."""
        channel = self._exchange.channels.get(leg)
        return channel is not None and channel.thread.sounds

    def hears(self, leg: LegId) -> tuple[LegId, ...]:
        """The other parties in this party's bridge."""
        channel = self._exchange.channels.get(leg)
        if channel is None or channel.bridge is None:
            return ()
        return tuple(other for other in self._exchange.bridges[channel.bridge] if other != leg)

    def _websocket_ms(self, effect: TelephonyEffect) -> Millis:
        slow_ms = self._settings.faults.command_delay_ms(effect)
        return self._settings.latencies.websocket.draw(self._chance) + slow_ms

    def _http_ms(self, effect: TelephonyEffect) -> Millis:
        slow_ms = self._settings.faults.command_delay_ms(effect)
        return self._settings.latencies.http.draw(self._chance) + slow_ms


def _no_one_listens(event: TelephonyEvent) -> None:
    del event
