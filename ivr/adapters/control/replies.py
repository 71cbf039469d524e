"""Turns one request line into one answer line, by asking the desk. Knows no socket."""

import asyncio
import secrets
from collections.abc import Awaitable, Mapping
from typing import TypeVar

import msgspec

from ivr.adapters.control.closing import closed_lines, closing_event
from ivr.adapters.control.commanding import channel_trouble, command_of
from ivr.adapters.control.desk import Desk, DeskBusy
from ivr.adapters.control.problem import ControlCode
from ivr.adapters.control.transferring import transfer_event
from ivr.adapters.control.waiting import waiting_line
from ivr.adapters.control.wire import (
    VERSION,
    AgentLine,
    Ask,
    AskAgents,
    AskClose,
    AskClosed,
    AskCrisisEnd,
    AskCrisisStart,
    AskMove,
    AskOpen,
    AskPauseAfter,
    AskPresence,
    AskQueues,
    AskReload,
    AskSite,
    AskTransfer,
    AskWaiting,
    AskWrapUp,
    ClosureLine,
    CommandLine,
    Head,
    KnownAgent,
    KnownDevice,
    PresenceLine,
    QueueLine,
    SiteLine,
    TransferLine,
    Trouble,
    answer_line,
    trouble_line,
)
from ivr.engine.crises_declared import CrisisStarted
from ivr.flow.site import AgentEntry, Site
from router.events import PresenceRequested, WrapUpRequested
from router.model import (
    AgentId,
    DeviceId,
    Origin,
    PresenceChange,
    RequestId,
    as_qualified,
    local_name,
    qualified,
)
from router.views import AgentView, QueueView

Change = (
    AskPresence
    | AskPauseAfter
    | AskWrapUp
    | AskClose
    | AskOpen
    | AskTransfer
    | AskCrisisStart
    | AskCrisisEnd
    | AskMove
)
"""What asks the engine to decide something."""

T = TypeVar("T")

_head = msgspec.json.Decoder(Head)
_ask = msgspec.json.Decoder(Ask)

_BUSY = "this engine has too many requests under way: try again in a moment"


class DeskReplies:
    """Answers lines from what a desk says; every line gets exactly one answer."""

    def __init__(self, desk: Desk, *, request_s_max: float, reload_s_max: float) -> None:
        self._desk = desk
        self._request_s_max = request_s_max
        self._reload_s_max = reload_s_max

    def busy(self, raw: bytes) -> bytes:
        """The answer to a request that is not taken."""
        head = _read_head(raw)
        return trouble_line(None if head is None else head.id, ControlCode.BUSY, _BUSY)

    async def reply(self, raw: bytes) -> bytes:
        """The answer to a request, within the time that one may take."""
        head = _read_head(raw)
        if head is None:
            sentence = "this line is no request: send one JSON object with v, id and do"
            return trouble_line(None, ControlCode.NOT_UNDERSTOOD, sentence)
        if head.v != VERSION:
            sentence = (
                f"this engine speaks version {VERSION} of the control socket, not {head.v}: use "
                "the command line of its own release"
            )
            return trouble_line(head.id, ControlCode.OTHER_VERSION, sentence)
        try:
            ask = _ask.decode(raw)
        except (ValueError, RecursionError) as error:
            return trouble_line(head.id, ControlCode.NOT_UNDERSTOOD, f"not understood: {error}")
        return await self._answer(ask)

    async def _answer(self, ask: Ask) -> bytes:
        match ask:
            case AskSite():
                return answer_line(ask.id, self._site())
            case AskAgents():
                return answer_line(ask.id, {"agents": self._agents()})
            case AskQueues():
                return answer_line(ask.id, {"queues": self._queues()})
            case AskWaiting():
                return answer_line(ask.id, waiting_line(ask, self._desk))
            case AskClosed():
                return answer_line(ask.id, {"hotlines": closed_lines(self._desk)})
            case AskReload():
                return await self._reload(ask)
            case _:
                return await self._carry_out(ask)

    async def _carry_out(self, ask: Change) -> bytes:
        match ask:
            case AskPresence() | AskPauseAfter():
                return await self._presence(ask)
            case AskWrapUp():
                return await self._wrap_up(ask)
            case AskClose() | AskOpen():
                return await self._close_or_open(ask)
            case AskTransfer():
                return await self._transfer(ask)
            case AskCrisisStart() | AskCrisisEnd() | AskMove():
                return await self._command(ask)

    def _site(self) -> SiteLine:
        site = self._desk.site()
        sitting = {
            local_name(view.device): local_name(view.agent)
            for view in self._desk.agents()
            if view.device is not None
        }
        return SiteLine(
            version=site.version,
            agents=tuple(
                KnownAgent(each.name, each.title, each.device) for each in site.agents.values()
            ),
            devices=tuple(
                KnownDevice(each.name, each.label, sitting.get(each.name))
                for each in site.devices.values()
            ),
            queues=tuple(site.queues),
            reasons=tuple(site.pause_reasons.values()),
            hotlines=tuple(site.hotlines),
        )

    def _agents(self) -> list[AgentLine]:
        site = self._desk.site()
        return [self._agent_line(view, site) for view in self._desk.agents()]

    def _agent_line(self, view: AgentView, site: Site) -> AgentLine:
        name = local_name(view.agent)
        # A conversation of an agent who left the site goes on, and so she is still shown.
        entry = site.agents.get(name, AgentEntry(name, "", {}))
        return AgentLine(
            agent=name,
            title=entry.title,
            skills=entry.skills,
            queues=_served(site, entry.skills),
            seat=entry.device,
            presence=view.presence,
            reason=view.reason,
            since=self._desk.wall_of(view.since),
            device=None if view.device is None else local_name(view.device),
            reachable=view.reachable,
            engagement=view.engagement,
            contact=view.contact,
            own_calls=view.own_calls,
            taken_for_absent=view.taken_for_absent,
            phone_in_use=view.phone_in_use,
            pausing_for=view.pausing_for,
            chats=view.chats,
        )

    def _queues(self) -> list[QueueLine]:
        started = {each.queue: each for each in self._desk.crises()}
        return [_queue_line(each, started.get(each.queue)) for each in self._desk.queues()]

    async def _presence(self, ask: AskPresence | AskPauseAfter) -> bytes:
        later = isinstance(ask, AskPauseAfter)
        asked = _as_pause(ask) if isinstance(ask, AskPauseAfter) else ask
        trouble = _unknown_name(asked, self._desk.site())
        if trouble is not None:
            return trouble_line(ask.id, *trouble)
        event = PresenceRequested(
            request=RequestId(f"desk-{secrets.token_hex(8)}"),
            change=asked.change,
            agent=AgentId(as_qualified(asked.agent)),
            device=None if asked.device is None else DeviceId(as_qualified(asked.device)),
            reason=asked.reason,
            origin=Origin.COMMAND,
            after_contact=later,
        )
        return await self._told(ask, event)

    async def _wrap_up(self, ask: AskWrapUp) -> bytes:
        request = RequestId(f"desk-{secrets.token_hex(8)}")
        agent = AgentId(as_qualified(ask.agent))
        event = WrapUpRequested(request, ask.change, agent, None, Origin.COMMAND)
        return await self._told(ask, event)

    async def _told(self, ask: Ask, event: PresenceRequested | WrapUpRequested) -> bytes:
        answer = await self._decided(self._desk.request(event), see="expertline agent list")
        if isinstance(answer, Trouble):
            return trouble_line(ask.id, answer.code, answer.sentence)
        agent = None if answer.agent is None else local_name(answer.agent)
        return answer_line(ask.id, PresenceLine(answer.answer, agent, answer.presence))

    async def _close_or_open(self, ask: AskClose | AskOpen) -> bytes:
        event = closing_event(ask, RequestId(f"desk-{secrets.token_hex(8)}"))
        answer = await self._decided(self._desk.close_or_open(event), see="expertline close --list")
        if isinstance(answer, Trouble):
            return trouble_line(ask.id, answer.code, answer.sentence)
        hotline = self._desk.site().hotlines.get(ask.hotline)
        in_file = None if hotline is None else hotline.closed
        return answer_line(ask.id, ClosureLine(answer.answer, ask.hotline, in_file))

    async def _transfer(self, ask: AskTransfer) -> bytes:
        event = transfer_event(ask, self._desk.site(), RequestId(f"desk-{secrets.token_hex(8)}"))
        if isinstance(event, Trouble):
            return trouble_line(ask.id, event.code, event.sentence)
        answer = await self._decided(self._desk.transfer(event), see="expertline agent list")
        if isinstance(answer, Trouble):
            return trouble_line(ask.id, answer.code, answer.sentence)
        queue = None if event.queue is None else local_name(event.queue)
        return answer_line(ask.id, TransferLine(answer.answer, queue))

    async def _command(self, ask: AskCrisisStart | AskCrisisEnd | AskMove) -> bytes:
        trouble = channel_trouble(ask, self._desk.site())
        if trouble is not None:
            return trouble_line(ask.id, trouble.code, trouble.sentence)
        event = command_of(ask, RequestId(f"desk-{secrets.token_hex(8)}"))
        see = "expertline contacts list" if isinstance(ask, AskMove) else "expertline crisis list"
        answer = await self._decided(self._desk.command(event), see=see)
        if isinstance(answer, Trouble):
            return trouble_line(ask.id, answer.code, answer.sentence)
        return answer_line(ask.id, CommandLine(answer.answer))

    async def _decided(self, work: Awaitable[T], *, see: str) -> T | Trouble:
        try:
            async with asyncio.timeout(self._request_s_max):
                return await work
        except DeskBusy:
            return Trouble(ControlCode.BUSY, _BUSY)
        except TimeoutError:
            return Trouble(
                ControlCode.NO_ANSWER,
                f"the engine did not decide within {self._request_s_max:g} s, and may still do it: "
                f"see `{see}`, and the store's trouble in the engine's trace",
            )

    async def _reload(self, ask: AskReload) -> bytes:
        try:
            async with asyncio.timeout(self._reload_s_max):
                return answer_line(ask.id, await self._desk.reload())
        except TimeoutError:
            return trouble_line(
                ask.id,
                ControlCode.NO_ANSWER,
                f"the engine still reads the site after {self._reload_s_max:g} s and goes on with "
                "it: what comes of it will stand in its trace as site_reload",
            )


def _read_head(raw: bytes) -> Head | None:
    try:
        return _head.decode(raw)
    except (ValueError, RecursionError):
        return None


def _queue_line(view: QueueView, started: CrisisStarted | None) -> QueueLine:
    crisis = view.crisis
    declared = None if crisis is None else started
    return QueueLine(
        *(local_name(view.queue), view.waiting, view.offered, view.staffed),
        in_crisis=crisis is not None,
        crisis_to=None if crisis is None or crisis.to is None else local_name(crisis.to),
        crisis_since=None if declared is None else declared.since,
        crisis_by=None if declared is None else declared.by,
    )


def _as_pause(ask: AskPauseAfter) -> AskPresence:
    return AskPresence(ask.v, ask.id, PresenceChange.PAUSE, ask.agent, None, ask.reason)


def _unknown_name(ask: AskPresence, site: Site) -> tuple[ControlCode, str] | None:
    """What the router cannot judge: it knows neither the site's devices nor its reasons."""
    if ask.change is PresenceChange.PAUSE and ask.reason is None:
        return ControlCode.UNKNOWN_REASON, "a pause needs a reason"
    if ask.change is PresenceChange.PAUSE and ask.reason not in site.pause_reasons.values():
        return ControlCode.UNKNOWN_REASON, f"the site has no pause reason {ask.reason!r}"
    signs_in = ask.change is PresenceChange.SIGN_IN and ask.device is not None
    devices = {qualified(name) for name in site.devices}
    if signs_in and ask.device is not None and as_qualified(ask.device) not in devices:
        return ControlCode.UNKNOWN_DEVICE, f"the site has no device {ask.device!r}"
    return None


def _served(site: Site, skills: Mapping[str, int]) -> tuple[str, ...]:
    return tuple(
        queue.name
        for queue in site.queues.values()
        if any(step.requirement.met_by(skills) for step in queue.steps)
    )
