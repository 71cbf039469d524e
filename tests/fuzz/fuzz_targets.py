"""What is given any bytes, and what must hold of it whatever they are."""

import asyncio
import contextlib
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import msgspec
from fuzz_grown import grown_files

from ivr.adapters.ari import events
from ivr.adapters.control.replies import DeskReplies
from ivr.adapters.control.wire import REQUEST_BYTES_MAX, Answer, ReloadLine, ReloadResult
from ivr.adapters.site_files import known_timezones, read_site_files
from ivr.call.effects import AnswerClosing, AnswerTransfer, ClosingAnswer, TransferAnswer
from ivr.call.events import HotlineEvent, TransferRequested
from ivr.cli.check_report import excerpt
from ivr.engine.by_command import AnswerCommand, CommandAnswer, QueueCommand
from ivr.engine.crises_declared import CrisisStarted
from ivr.flow.by_hand import ClosedByHand
from ivr.flow.load import Loaded, load_site
from ivr.flow.problems import Severity
from ivr.flow.site import DeviceEntry, Site
from ivr.flow.yaml_tree import FILE_BYTES_MAX
from ivr.prompts.catalogue import load_catalogue
from router.effects import AnswerPresence
from router.events import PresenceRequested, WrapUpRequested
from router.model import Millis, PresenceAnswer, QueueId
from router.views import AgentView, QueueView, WaitingList

ROOT = Path(__file__).resolve().parents[2]
BROKEN_SITES = ROOT / "tests" / "unit" / "broken_sites"
SAMPLES = ROOT / "dialplans"

SITES = (SAMPLES, BROKEN_SITES / "good")
BROKEN_SITES_PROMPTS = frozenset({"choose-language", "welcome", "sorry", "goodbye", "services"})

SHARED_FILES = ("shared/queues.yaml", "shared/messages.yaml", "shared/flows.yaml")

LIKELY = 0.9
"""How often an input is read as the kind of file that it was made from."""

REASON_CHARS_MAX = 2_000
"""A reason longer than this is no sentence that anybody reads."""


class Target(Protocol):
    """Takes bytes; an exception of any kind is a finding."""

    name: str
    seconds_max: float
    """CPU time for one input."""

    def seeds(self) -> list[bytes]:
        """Good inputs, and bad ones that taught us something."""
        ...

    def grown(self) -> list[bytes]:
        """Inputs that are as large as they may be, seldom changed for the time they take."""
        ...

    def run(self, data: bytes, chance: random.Random) -> None:
        """Give it these bytes and check what must hold."""
        ...


@dataclass(frozen=True)
class _Base:
    texts: Mapping[str, str]
    file: str


class SiteTarget:
    """Any bytes in one file of a site give a site, or problems with name, place and remedy."""

    name = "site"
    seconds_max = 1.0

    def __init__(self) -> None:
        playable = load_catalogue().playable()
        self._prompts = {each: keys | BROKEN_SITES_PROMPTS for each, keys in playable.items()}
        self._timezones = known_timezones()
        self._bases = [
            _Base(texts, file)
            for texts in (each.texts for each in map(read_site_files, SITES))
            for file in sorted({*texts, *SHARED_FILES})
        ]

    def seeds(self) -> list[bytes]:
        """The files of the samples, of the good site, and of every broken one."""
        files = [*SAMPLES.rglob("*.yaml"), *BROKEN_SITES.rglob("*.yaml")]
        return sorted({file.read_bytes() for file in files})

    def grown(self) -> list[bytes]:
        """Files near the size limit."""
        return grown_files()

    def run(self, data: bytes, chance: random.Random) -> None:
        """Read a site in which one file, whichever, has this content."""
        likely = [each for each in self._bases if each.file.endswith(_kind_of(data))]
        base = chance.choice(likely if likely and chance.random() < LIKELY else self._bases)
        # As `ivr.adapters.site_files` reads them.
        text = data[: FILE_BYTES_MAX + 1].decode("utf-8", errors="surrogateescape")
        texts = {**base.texts, base.file: text}
        loaded = load_site(texts, prompts=self._prompts, timezones=self._timezones)
        check_loaded(loaded, texts)


def _kind_of(data: bytes) -> str:
    """The name of the file that this was once, by what is left of it."""
    marks = {
        b"hotline:": "hotline.yaml",
        b"queues:": "queues.yaml",
        b"agents:": "site.yaml",
        b"messages:": "messages.yaml",
        b"flows:": "flows.yaml",
    }
    return next((name for mark, name in marks.items() if mark in data), "")


def check_loaded(loaded: Loaded, texts: Mapping[str, str]) -> None:
    """A whole site, or the reasons why not."""
    errors = [each for each in loaded.problems if each.severity is Severity.ERROR]
    assert (loaded.site is None) == bool(errors), "neither a site nor a reason, or both"
    for each in loaded.problems:
        place, told = each.place, str(each)
        assert each.message.strip(), f"{each.code} says nothing"
        assert each.remedy.strip(), f"{each.code} has no remedy"
        assert len(told) <= REASON_CHARS_MAX, f"{each.code} says too much"
        assert told.isprintable(), f"{each.code} is not one printable line: {told!r}"
        told.encode()
        assert place.line >= 1, f"{each.code} is nowhere"
        assert place.column >= 1, f"{each.code} is nowhere"
        excerpt(texts.get(place.file, ""), place)
    if loaded.site is not None:
        assert loaded.site.version
        # It must be possible to keep it: half characters cannot be written down.
        msgspec.json.encode(dict(texts))


class StillDesk:
    """A desk that agrees to everything, of a site without anybody."""

    def __init__(self) -> None:
        self._site = Site("main", {}, {}, {}, {"desk-3": DeviceEntry("desk-3")}, ())

    def site(self) -> Site:
        """A site of one phone."""
        return self._site

    def agents(self) -> Sequence[AgentView]:
        """Nobody."""
        return ()

    def queues(self) -> Sequence[QueueView]:
        """None."""
        return ()

    def crises(self) -> Sequence[CrisisStarted]:
        """None."""
        return ()

    def waiting(self, queue: QueueId | None) -> WaitingList:
        """Nobody."""
        del queue
        return WaitingList()

    def wall_of(self, at: Millis) -> int:
        """The same."""
        return at

    async def request(self, event: PresenceRequested | WrapUpRequested) -> AnswerPresence:
        """Done."""
        return AnswerPresence(event.request, PresenceAnswer.UNKNOWN_AGENT, None, None)

    def closed_by_hand(self) -> Sequence[ClosedByHand]:
        """None."""
        return ()

    async def close_or_open(self, event: HotlineEvent) -> AnswerClosing:
        """Nothing to close."""
        return AnswerClosing(event.request, ClosingAnswer.UNKNOWN_HOTLINE)

    async def transfer(self, event: TransferRequested) -> AnswerTransfer:
        """Nobody talks."""
        return AnswerTransfer(event.request, TransferAnswer.NOT_TALKING)

    async def command(self, event: QueueCommand) -> AnswerCommand:
        """Nobody waits."""
        return AnswerCommand(event.request, CommandAnswer.NOT_WAITING)

    async def reload(self) -> ReloadLine:
        """Nothing to do."""
        return ReloadLine(ReloadResult.UNCHANGED, self._site.version, 0)


class ControlTarget:
    """Any line on the control socket gets one answer line, with the asker's id if it has one."""

    name = "control"
    seconds_max = 0.2

    def __init__(self) -> None:
        self._replies = DeskReplies(StillDesk(), request_s_max=1.0, reload_s_max=1.0)

    def seeds(self) -> list[bytes]:
        """One of each request, and the odd ones."""
        asks = ("site", "agents", "queues", "waiting", "closed", "reload")
        lines: list[object] = [{"v": 1, "id": "x", "do": do} for do in asks]
        change = {"v": 1, "id": "x", "do": "presence", "agent": "1001", "change": "pause"}
        lines += [change | {"reason": "meal"}, change | {"device": "desk-3"}, {"v": 2, "id": ""}]
        close = {"v": 1, "id": "x", "do": "close", "hotline": "10086", "by": "op"}
        lines += [close | {"reason": "storm"}, close | {"do": "open"}]
        by = {"v": 1, "id": "x", "by": "op"}
        lines += [by | {"do": "crisis_start", "queue": "10086/data", "to": "10086/general"}]
        lines += [by | {"do": "crisis_end", "queue": "10086/data"}]
        lines += [by | {"do": "move", "contact": "c1", "priority_ms": 60_000}]
        asked = {"v": 1, "id": "x", "do": "transfer", "order": "consult", "agent": "1001"}
        lines += [asked | {"to": "1002"}, {"v": 1, "id": "x", "do": "wrap_up", "agent": "1001"}]
        return [json.dumps(line).encode() for line in lines]

    def grown(self) -> list[bytes]:
        """A name as long as a line may be, and one deep in others."""
        deep = b'{"v": 1, "id": "x", "do": ' + b"[" * (REQUEST_BYTES_MAX - 40)
        return [b'{"v": 1, "id": "' + b"x" * (REQUEST_BYTES_MAX - 40) + b'"}', deep]

    def run(self, data: bytes, chance: random.Random) -> None:
        """Answer this line."""
        del chance
        line = data.replace(b"\n", b" ")[:REQUEST_BYTES_MAX]
        for reply in (asyncio.run(self._replies.reply(line)), self._replies.busy(line)):
            assert reply.endswith(b"\n")
            assert reply.count(b"\n") == 1
            answer = msgspec.json.decode(reply, type=Answer)
            assert (answer.error is None) == (answer.ok is not msgspec.UNSET)


class AriTarget:
    """Any frame of Asterisk's is an event, or is odd: nothing else comes of it."""

    name = "ari"
    seconds_max = 0.2

    def seeds(self) -> list[bytes]:
        """Frames as Asterisk sends them, one for each event that we use."""
        channel = {"id": "c1.0", "name": "PJSIP/a", "state": "Up", "caller": {"number": "1"}}
        about: dict[str, object] = {
            "channel": channel,
            "bridge": {"id": "b1", "channels": ["c1.0"], "creator": "Stasis"},
            "playback": {"id": "p1", "state": "done", "target_uri": "channel:c1.0"},
            "endpoint": {"technology": "PJSIP", "resource": "desk-1", "state": "online"},
            "contact_info": {"uri": "sip:x", "aor": "desk-1", "contact_status": "Reachable"},
            "args": ["caller"],
            "digit": "1",
            "cause": 16,
        }
        frames = [{"type": name, **about} for name in sorted(events.KNOWN_TYPES)]
        frames.append({"type": "RESTResponse", "request_id": "1", "status_code": 200})
        return [json.dumps(frame).encode() for frame in frames]

    def grown(self) -> list[bytes]:
        """A frame of a megabyte, and one without an end."""
        return [b'{"type": "' + b"x" * 1_000_000 + b'"}', b'{"type": ' + b"[" * 1_000_000]

    def run(self, data: bytes, chance: random.Random) -> None:
        """Read this frame, as bytes or as text."""
        frame = data if chance.random() < 0.5 else data.decode("utf-8", errors="replace")
        with contextlib.suppress(events.OddFrameError):
            events.decode(frame)


def all_targets() -> list[Target]:
    """Each target there is."""
    return [SiteTarget(), ControlTarget(), AriTarget()]
