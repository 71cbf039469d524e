"""Ringing a device, or a number outside: create a channel, see it in our application, dial it.

Measured on 22.10.1: ``channels/create`` can answer 200 before the channel is in the application
(7 of 40); a dial sent straight after is then refused with 409. So the dial waits for the leg's
own ``StasisStart``, and whatever fails leaves no channel behind.
"""

import asyncio
import re

from ivr.adapters.ari import operations as op
from ivr.adapters.ari.connection import AriConnection
from ivr.adapters.ari.device_names import is_device_name
from ivr.adapters.ari.edges import Edges
from ivr.adapters.ari.legs import LEGS_MAX, HeldLeg, LegBook
from ivr.adapters.ari.translation import Translation
from ivr.call.effects import DialDevice, DialOutside
from ivr.call.events import CommandFailed, LegEnded
from ivr.call.model import CommandFailure, LegId
from ivr.flow.queue_context import displayed
from router.model import Millis, local_name

DIAL_GRACE_S = 5
"""Asterisk's own ring limit lies this much behind the router's, as a backstop."""

IN_APP_S_MAX = 5.0
"""How long a created channel may take to be in our application; measured are milliseconds."""

SUBSCRIBER_ABSENT = 20
"""Q.850 cause given to a leg that could not even be dialled."""

TRUNK = "trunk"
"""The endpoint of asterisk-conf/pjsip.conf by which callers come, and calls outside go."""

OUTSIDE_NUMBER = re.compile(r"\+?[0-9]{3,20}")
"""What may be dialled at all; the site's check says the same. Nothing else reaches Asterisk."""

NUMBER_SHOWN = re.compile(r"[+0-9A-Za-z*#._-]{1,64}")
"""Numbers of callers, and names of devices, that can stand in a SIP address as they are."""

_TIMER = "in_app"


class Dialling:
    """Makes the legs of agents, and of whoever is called outside."""

    def __init__(
        self,
        connection: AriConnection,
        translation: Translation,
        legs: LegBook,
        edges: Edges,
        *,
        app: str,
    ) -> None:
        self._connection = connection
        self._translation = translation
        self._legs = legs
        self._edges = edges
        self._app = app

    def begin(self, effect: DialDevice | DialOutside) -> None:
        """Ring there; ``LegAnswered`` or ``LegEnded`` follows."""
        if self._legs.by_leg(effect.leg) is not None:
            self._translation.sink(
                CommandFailed(effect.leg, type(effect).__name__, CommandFailure.REFUSED)
            )
            return
        caller = self._legs.by_leg(LegId(f"{effect.contact}.0"))
        callee = None if caller is None else self._callee(effect, caller)
        if caller is None or len(self._legs) >= LEGS_MAX or callee is None:
            self._edges.note("dial_refused", {"leg": effect.leg, "legs": str(len(self._legs))})
            self._translation.sink(LegEnded(effect.leg, SUBSCRIBER_ABSENT))
            return
        self._create(self._legs.add(effect.leg, effect.leg), caller, callee, effect.ring_ms_max)

    def _callee(self, effect: DialDevice | DialOutside, caller: HeldLeg) -> op.Callee | None:
        """Where to ring; None where nobody may be rung.

        A number outside is looked up here and now, in the allow-list of the site that holds: what
        is not on it can not be dialled, whatever a flow that began earlier would have.
        """
        if isinstance(effect, DialOutside):
            number = self._edges.outside(effect.to)
            may_be = number is not None and OUTSIDE_NUMBER.fullmatch(number) is not None
            return op.Callee(f"PJSIP/{number}@{TRUNK}") if may_be else None
        device = local_name(effect.device)
        if not is_device_name(device):
            return None
        number = caller.number if NUMBER_SHOWN.fullmatch(caller.number) is not None else ""
        return op.Callee(f"PJSIP/{device}", displayed(effect.context), number)

    def _create(
        self, held: HeldLeg, caller: HeldLeg, callee: op.Callee, ring_ms_max: Millis
    ) -> None:
        def in_app() -> None:
            held.on_app = None
            held.stop_timer(_TIMER)
            if held.releasing is None:
                self._ring(held, None if callee.shown else caller.channel, ring_ms_max)

        def created(reply: op.Reply) -> None:
            if not reply.ok:
                self._fail(held, "create", reply)

        held.on_app = in_app
        held.timers[_TIMER] = asyncio.get_running_loop().call_later(
            IN_APP_S_MAX, self._fail, held, "enter the application", op.Reply(0)
        )
        create = op.create_channel(
            held.channel, callee=callee, app=self._app, originator=caller.channel
        )
        self._connection.send(create, created)

    def _ring(self, held: HeldLeg, caller: str | None, ring_ms_max: Millis) -> None:
        def dialled(reply: op.Reply) -> None:
            if not reply.ok:
                self._fail(held, "dial", reply)

        timeout_s = ring_ms_max // 1000 + DIAL_GRACE_S
        self._connection.send(op.dial(held.channel, caller=caller, timeout_s=timeout_s), dialled)

    def _fail(self, held: HeldLeg, step: str, reply: op.Reply) -> None:
        if not self._legs.lives(held):
            return
        details = {"leg": held.leg, "step": step, "status": str(reply.status)}
        self._edges.note("dial_failed", details)
        # A late or lost answer does not say that there is no channel.
        self._connection.send(op.hang_up(held.channel, reason="failure"), lambda _: None)
        self._translation.end(held, SUBSCRIBER_ABSENT)
