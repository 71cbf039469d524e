"""What travels over the control socket, as types: requests, answers, and their limits.

Every line carries the version of this form and the id that its sender chose; the answer repeats the
id, so that several requests may be under way on one connection. Names in requests may be local
(``1001``) or qualified (``main:1001``); names in answers are local, as an author wrote them, for no
connection ever speaks of two tenants. Times are UTC milliseconds.
"""

from collections.abc import Mapping
from enum import Enum
from typing import Annotated

import msgspec

from ivr.adapters.control.problem import ControlCode
from ivr.call.asked import ClosingAnswer, TransferAnswer, TransferOrder
from ivr.engine.command_answer import CommandAnswer
from ivr.flow.durations import PRIORITY_MS_MAX
from router.agent_state import EngagementPhase
from router.model import Presence, PresenceAnswer, PresenceChange, WrapUpChange

VERSION = 1
"""Of this form. A change that an older end would misread takes the next number."""

REQUEST_BYTES_MAX = 16_384
"""The longest line an engine reads: ten times what the longest names need."""

ANSWER_BYTES_MAX = 16_777_216
"""The longest line a client reads: an answer about some 30,000 agents."""

NAME_CHARS_MAX = 256
"""Of a name in a request; the site's own limit for names is far below."""

REASON_CHARS_MAX = 200
"""The longest reason for closing a hotline by hand: one sentence."""

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=NAME_CHARS_MAX)]
Reason = Annotated[str, msgspec.Meta(min_length=1, max_length=REASON_CHARS_MAX)]
AskId = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class Head(msgspec.Struct, frozen=True):
    """What every version's requests have; read first, to answer even where the rest is foreign."""

    v: int
    id: AskId


class AskSite(Head, frozen=True, tag_field="do", tag="site"):
    """Which names does the running site have?"""


class AskAgents(Head, frozen=True, tag_field="do", tag="agents"):
    """What are all agents doing?"""


class AskQueues(Head, frozen=True, tag_field="do", tag="queues"):
    """How many wait in each queue?"""


class AskWaiting(Head, frozen=True, tag_field="do", tag="waiting"):
    """Which contacts have met no agent yet, in this queue or any?"""

    queue: Name | None = None


class AskPresence(Head, frozen=True, tag_field="do", tag="presence"):
    """Change an agent's presence: ``device`` is read by a sign-in, ``reason`` by a pause."""

    change: PresenceChange
    agent: Name
    device: Name | None = None
    reason: Name | None = None


class AskPauseAfter(Head, frozen=True, tag_field="do", tag="pause_after"):
    """Let an agent's pause begin when what she has in her hands is over, its wrap-up too."""

    agent: Name
    reason: Name


class AskWrapUp(Head, frozen=True, tag_field="do", tag="wrap_up"):
    """End or extend an agent's wrap-up."""

    change: WrapUpChange
    agent: Name


class AskClose(Head, frozen=True, tag_field="do", tag="close"):
    """Close a hotline by hand; ``by`` is who asks, as he calls himself."""

    hotline: Name
    reason: Reason
    by: Name


class AskOpen(Head, frozen=True, tag_field="do", tag="open"):
    """Open a hotline again that was closed by hand."""

    hotline: Name
    by: Name


class AskClosed(Head, frozen=True, tag_field="do", tag="closed"):
    """Which hotlines are closed?"""


class AskTransfer(Head, frozen=True, tag_field="do", tag="transfer"):
    """Have an agent transfer her caller: to one of ``queue``, ``expert`` and the agent ``to``.

    The orders to complete and to cancel take none of them.
    """

    order: TransferOrder
    agent: Name
    queue: Name | None = None
    expert: Name | None = None
    to: Name | None = None


class AskCrisisStart(Head, frozen=True, tag_field="do", tag="crisis_start"):
    """Switch a queue off: its contacts go ``to`` another one, or on by their flows."""

    queue: Name
    by: Name
    to: Name | None = None


class AskCrisisEnd(Head, frozen=True, tag_field="do", tag="crisis_end"):
    """Let a queue be as it was before its crisis."""

    queue: Name
    by: Name


class AskMove(Head, frozen=True, tag_field="do", tag="move"):
    """Let a waiting contact wait in another queue, or be worth another priority."""

    contact: Name
    by: Name
    queue: Name | None = None
    priority_ms: Annotated[int, msgspec.Meta(ge=0, le=PRIORITY_MS_MAX)] | None = None


class AskReload(Head, frozen=True, tag_field="do", tag="reload"):
    """Serve new contacts by the site's files as they are now."""


Ask = (
    AskSite
    | AskAgents
    | AskQueues
    | AskWaiting
    | AskPresence
    | AskPauseAfter
    | AskWrapUp
    | AskClose
    | AskOpen
    | AskClosed
    | AskReload
    | AskTransfer
    | AskCrisisStart
    | AskCrisisEnd
    | AskMove
)
"""Everything that can be asked of an engine."""


class KnownAgent(msgspec.Struct, frozen=True):
    """An agent of the site; ``seat`` is her fixed one."""

    agent: str
    title: str
    seat: str | None


class KnownDevice(msgspec.Struct, frozen=True):
    """A device of the site; ``sitting`` is who is signed in there now."""

    device: str
    label: str
    sitting: str | None


class SiteLine(msgspec.Struct, frozen=True):
    """The names of the running site. ``reasons`` are those of pauses."""

    version: str
    agents: tuple[KnownAgent, ...]
    devices: tuple[KnownDevice, ...]
    queues: tuple[str, ...]
    reasons: tuple[str, ...]
    hotlines: tuple[str, ...] = ()


class AgentLine(msgspec.Struct, frozen=True):
    """One agent as the router sees her now. ``queues`` are those of which she serves a step.

    ``pausing_for`` is the reason of the pause that begins after this contact, ``chats`` how many
    are in her hands. An engine that does not send these or ``phone_in_use`` yet is read as if there
    were none.
    """

    agent: str
    title: str
    skills: Mapping[str, int]
    queues: tuple[str, ...]
    seat: str | None
    presence: Presence
    reason: str | None
    since: int
    device: str | None
    reachable: bool
    engagement: EngagementPhase
    contact: str | None
    own_calls: int
    taken_for_absent: bool
    phone_in_use: bool = False
    pausing_for: str | None = None
    chats: int = 0


class QueueLine(msgspec.Struct, frozen=True):
    """One queue as the router sees it now: contacts waiting, contacts offered, agents there."""

    queue: str
    waiting: int
    offered: int
    staffed: int
    in_crisis: bool = False
    crisis_to: str | None = None
    """Where its contacts go meanwhile; None where they go on by their flows."""
    crisis_since: int | None = None
    """UTC milliseconds; None where there is no crisis, or where it is not known any more."""
    crisis_by: str | None = None


class ContactLine(msgspec.Struct, frozen=True):
    """One contact that has met no agent yet; ``since`` is from when its waiting counts.

    ``step`` counts from 1, and is None while it waits for its preferred agent alone. ``position``
    is its place in the queue; None while a phone rings for it, that of the agent ``rings``.
    """

    contact: str
    queue: str
    step: int | None
    since: int
    position: int | None = None
    rings: str | None = None


class WaitingLine(msgspec.Struct, frozen=True):
    """Who waits, longest first; ``more`` are beyond what is told at once."""

    contacts: tuple[ContactLine, ...]
    more: int


class CommandLine(msgspec.Struct, frozen=True):
    """What came of a command about queues and contacts."""

    answer: CommandAnswer


class PresenceLine(msgspec.Struct, frozen=True):
    """What came of a change that was asked for; ``presence`` is what she is now."""

    answer: PresenceAnswer
    agent: str | None
    presence: Presence | None


class TransferLine(msgspec.Struct, frozen=True):
    """What came of a transfer that was asked for, and the queue that it leads to, if any."""

    answer: TransferAnswer
    queue: str | None = None


class ClosureLine(msgspec.Struct, frozen=True):
    """What came of closing or opening a hotline by hand.

    ``in_file`` is the reason in its hotline.yaml, which opening by hand does not take away.
    """

    answer: ClosingAnswer
    hotline: str
    in_file: str | None = None


class ClosedLine(msgspec.Struct, frozen=True):
    """One hotline that is closed. By hand has ``by`` and ``since``, by hotline.yaml has neither.

    ``noticed`` tells whether a caller of today's site meets it.
    """

    hotline: str
    reason: str
    by: str | None
    since: int | None
    noticed: bool


class ReloadResult(Enum):
    """What came of reading the site's files anew."""

    ACTIVATED = "activated"
    """New contacts are served by them."""
    UNCHANGED = "unchanged"
    """They say what is served already."""
    REFUSED = "refused"
    """They have mistakes; the site from before goes on."""


class ChangeLine(msgspec.Struct, frozen=True):
    """One thing that differs: a ``queue`` (part) of this name, ``changed`` (how) in these keys."""

    part: str
    name: str
    how: str
    keys: tuple[str, ...]


class ReloadLine(msgspec.Struct, frozen=True):
    """What came of a reload. ``version`` is of the site that serves new contacts now.

    ``changes`` tell how it differs from the one before, ``reasons`` why it was refused (each with
    its place and remedy), ``notices`` what people have to know or do besides.
    """

    result: ReloadResult
    version: str
    live_contacts: int
    changes: tuple[ChangeLine, ...] = ()
    reasons: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()


class Trouble(msgspec.Struct, frozen=True):
    """Why a request was not carried out."""

    code: ControlCode
    sentence: str


class Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line back: either what was asked for, or the trouble. No id where none could be read."""

    v: int
    id: str | None = None
    ok: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    error: Trouble | None = None


_encoder = msgspec.json.Encoder()


def answer_line(ask: str, result: object) -> bytes:
    """The line that carries a result."""
    return _line(Answer(VERSION, ask, ok=msgspec.Raw(_encoder.encode(result))))


def trouble_line(ask: str | None, code: ControlCode, sentence: str) -> bytes:
    """The line that says why not."""
    return _line(Answer(VERSION, ask, error=Trouble(code, sentence)))


def ask_line(ask: Ask) -> bytes:
    """The line that carries a request."""
    return _line(ask)


def _line(message: Ask | Answer) -> bytes:
    return _encoder.encode(message) + b"\n"
