"""A flow as a picture: boxes with words a stranger understands, and the lines between them.

What is written where is decided here, for every form of the picture alike; where it stands is
``picture_layout``'s, how it looks ``picture_svg``'s and ``picture_text``'s.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import assert_never

from ivr.flow.durations import duration_text
from ivr.flow.model import (
    AskQuestion,
    Branch,
    Collect,
    EnterQueue,
    Flow,
    HangUp,
    Held,
    Hotline,
    Hours,
    Lookup,
    MakeWorkOrder,
    Menu,
    Node,
    NodeName,
    Play,
    PromptKey,
    Record,
    Say,
    SetLanguage,
    SetVariables,
    Source,
    TextMessage,
    TransferOutside,
)
from ivr.flow.picture_jumps import jump_words, value_text
from ivr.flow.picture_layers import returning
from ivr.flow.read_prefer import preferred_text
from ivr.flow.requirement import requirement_text
from ivr.flow.site import QueueEntry
from ivr.flow.ways import NEXT, ways_out

CALLER = ""
"""The box of who dials: no node has an empty name."""

SERVED_BY = ""
"""Where the line of an answered queue leads: to an expert, who is no node."""

WAY_WORDS = {
    NEXT: "",
    "noinput": "no key",
    "nomatch": "wrong key",
    "no_agents": "no agents",
    "timed_out": "timed out",
    "expected_wait": "wait too long",
    "not_found": "not found",
    "failed": "no answer",
    "lost": "secret lost",
    "no_number": "number withheld",
}
"""Ways as a stranger would say them; the others say themselves."""

COLLECT_WORDS = {NEXT: "typed", "nomatch": "not accepted"}
NODE_WORDS: Mapping[type[Node], Mapping[str, str]] = {
    Collect: COLLECT_WORDS,
    AskQuestion: COLLECT_WORDS,
    Record: {"empty": "nothing said", "failed": "not recorded"},
    Lookup: {"failed": "no good answer"},
    TransferOutside: {"no_answer": "no answer", "failed": "not connected"},
}
"""Ways that these kinds of nodes say in words of their own."""

LINES_MAX, COLUMNS_MAX = 3, 30
"""Words of a prompt within a box, in columns of which a Chinese character takes two."""

LABEL_COLUMNS_MAX = 34
"""Words at a line; a longer condition is told in full where one points at it."""

Words = Mapping[str, Mapping[str, str]]
"""Language -> key of a prompt -> what is said."""


class LineKind(Enum):
    """Why there is a line."""

    WAY = "way"
    BACK = "back"
    """To a node the caller came from; drawn as a reference, since an upward line would be lost."""
    SERVED = "served"
    """What a queue is for: an expert answers. No way of the flow, but what a stranger looks for."""
    ARRIVAL = "arrival"


@dataclass(frozen=True, slots=True)
class Box:
    """A node: its kind, its name, a few lines within it and more to be pointed at."""

    name: str
    kind: str
    title: str
    lines: tuple[str, ...]
    tooltip: str


@dataclass(frozen=True, slots=True)
class Line:
    """All ways from one node to one other, with what leads along them."""

    source: str
    target: str
    kind: LineKind
    text: str
    tooltip: str
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Overlay:
    """How often each node and each pair of nodes was passed, and what was counted."""

    nodes: Mapping[str, int]
    lines: Mapping[tuple[str, str], int]
    title: str
    counted: str


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything to be drawn."""

    title: str
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]
    overlay: Overlay | None = None
    kinds: tuple[str, ...] = field(default=())
    """The kinds of boxes there are, in the order of their first box: the legend."""


def picture_of(
    hotline: Hotline,
    words: Words,
    queues: Mapping[str, QueueEntry],
    *,
    language: str | None = None,
    overlay: Overlay | None = None,
) -> Picture:
    """The hotline's flow, with its words in this language, else in the hotline's first."""
    flow = hotline.flow
    teller = _Teller(words, queues, language or hotline.languages[0], flow.sources)
    caller = Box(CALLER, "caller", "A caller dials", (", ".join(hotline.numbers),), "")
    boxes = (caller, *(teller.box(name, node) for name, node in flow.nodes.items()))
    arrival = Line(CALLER, flow.start, LineKind.ARRIVAL, "", "")
    served = [
        Line(name, SERVED_BY, LineKind.SERVED, "expert answers", "connected with an expert")
        for name, node in flow.nodes.items()
        if isinstance(node, EnterQueue)
    ]
    lines = (arrival, *_ways(flow), *served)
    kinds = tuple(dict.fromkeys(box.kind for box in boxes))
    title = f"Hotline {hotline.name}"
    if flow.name != "main":
        title += f", flow {flow.name}"
    return Picture(title, boxes, lines, overlay, kinds)


def _ways(flow: Flow) -> list[Line]:
    """One line for each pair of nodes, however many keys and causes lead along it."""
    pairs: dict[tuple[str, str], list[str]] = {}
    for name, node in flow.nodes.items():
        for way in ways_out(node):
            pairs.setdefault((name, way.to), []).append(way.label)
    back = returning(list(flow.nodes), list(pairs), flow.start)
    lines: list[Line] = []
    for index, ((source, target), labels) in enumerate(pairs.items()):
        text = ways_text(flow.nodes[NodeName(source)], labels)
        kind = LineKind.WAY
        if index in back:
            kind = LineKind.BACK
            text = f"{text} ↩ {target}".strip()
        tooltip = f"{', '.join(labels)}: from {source} to {target}"
        lines.append(Line(source, target, kind, text, tooltip, tuple(labels)))
    return lines


def ways_text(node: Node, labels: Sequence[str]) -> str:
    """What leads along a line; a queue whose every way out is one needs no list of causes."""
    if isinstance(node, EnterQueue) and len(labels) == len(node.on) + len(node.keys):
        return "nobody answers"
    told = {**WAY_WORDS, **NODE_WORDS.get(type(node), {})}
    words = (told.get(label, label) for label in labels)
    return shortened(" · ".join(filter(None, words)), LABEL_COLUMNS_MAX)


class _Teller:
    """Says what is in a box."""

    def __init__(
        self,
        words: Words,
        queues: Mapping[str, QueueEntry],
        language: str,
        sources: Mapping[NodeName, Source],
    ) -> None:
        self._words = words
        self._queues = queues
        self._language = language
        self._sources = sources

    def box(self, name: str, node: Node) -> Box:
        match node:
            case Play(prompts=prompts):
                return self._spoken("play", name, prompts, ())
            case HangUp(prompts=prompts, reason=reason):
                return self._spoken("hangup", name, prompts, (f"ends: {reason}",))
            case Say(way=way, what=what, prompts=prompts):
                value = what.name if isinstance(what, Held) else what
                return self._spoken("say", name, prompts, (f"says {value} as {way.value}",))
            case Menu() | Collect() | AskQuestion() | Record():
                return self._asking(name, node)
            case EnterQueue():
                return self._queue(name, node)
            case TransferOutside() | MakeWorkOrder() | Lookup() | TextMessage():
                return self._outside(name, node)
            case SetLanguage() | SetVariables() | Branch() | Hours():
                return self._silent(name, node)
            case _:
                assert_never(node)

    def _asking(self, name: str, node: Menu | Collect | AskQuestion | Record) -> Box:
        """What the caller is asked for."""
        match node:
            case Menu(prompts=prompts, noinput=noinput, nomatch=nomatch):
                wait = duration_text(node.noinput_after_ms)
                asks = f"waits {wait} for a key; asks again {noinput.times}x without, "
                return self._spoken(
                    "menu", name, prompts, (), f"{asks}{nomatch.times}x after a wrong one"
                )
            case Collect(prompts=prompts, rules=rules, into=into, sensitive=sensitive):
                count = "-".join(dict.fromkeys((str(rules.least), str(rules.most))))
                typed = f"{count} {'hidden ' if sensitive else ''}digits: {into.name}"
                return self._spoken("collect", name, prompts, (typed,))
            case AskQuestion(prompts=prompts, question=question, answers=answers):
                typed = f"{question}: {'/'.join(answers)}"
                return self._spoken("ask", name, prompts, (typed,))
            case Record(prompts=prompts, topic=topic, max_ms=max_ms):
                upto = (f"message about {topic}, up to {duration_text(max_ms)}",)
                return self._spoken("record", name, prompts, upto)
            case _:
                assert_never(node)

    def _outside(
        self, name: str, node: TransferOutside | MakeWorkOrder | Lookup | TextMessage
    ) -> Box:
        """What happens beyond the call."""
        match node:
            case TransferOutside(to=to, ring_ms_max=ring_ms_max):
                rings = f"rings up to {duration_text(ring_ms_max)}"
                return Box(name, "transfer", name, (f"puts through to {to}", rings), "")
            case MakeWorkOrder(topic=topic, skill=skill, within_ms=within_ms):
                lines = (f"call back within {duration_text(within_ms)}",)
                who = "anybody" if skill is None else f"who has {skill}"
                return Box(name, "work_order", name, lines, f"about {topic}, by {who}")
            case Lookup(service=service, prompts=prompts, patience_ms_max=patience_ms_max):
                patience = f"waits up to {duration_text(patience_ms_max)} for an answer"
                return self._spoken("lookup", name, prompts, (f"asks {service}",), patience)
            case TextMessage(template=template, values=values):
                told = ", ".join(each.name for each in values)
                return Box(name, "message", name, (f"sends {template}",), told and f"with {told}")
            case _:
                assert_never(node)

    def _silent(self, name: str, node: SetLanguage | SetVariables | Branch | Hours) -> Box:
        match node:
            case SetLanguage(language=language):
                return Box(name, "set", name, (f"speaks {language}",), "")
            case SetVariables() if (source := self._sources.get(NodeName(name))) and source.kind:
                told = jump_words(node, source)
                return Box(name, source.kind, name, wrapped("; ".join(told)), "; ".join(told))
            case SetVariables(changes=changes, language=language):
                told = [f"{change.name} = {value_text(change.to)}" for change in changes]
                told += [] if language is None else [f"speaks {language}"]
                return Box(name, "set", name, wrapped("; ".join(told)), "; ".join(told))
            case Branch(cases=cases):
                told = [f"{case.condition.text} → {case.then}" for case in cases]
                return Box(name, "branch", name, (), "\n".join(told))
            case Hours(calendar=calendar):
                return Box(name, "hours", name, (f"by the hours of {calendar.name}",), "")
            case _:
                assert_never(node)

    def _queue(self, name: str, node: EnterQueue) -> Box:
        queue = self._queues.get(node.queue)
        local = node.queue.rpartition("/")[2]
        if queue is None:
            return Box(name, "queue", name, (f"queue {local}",), "")
        if node.transfer:
            stay = f"waits up to {duration_text(queue.wait_ms_max)}"
            who = f"puts through to {node.transfer}".replace(">=", "≥")
            return Box(name, "transfer", name, (*wrapped(who), stay), "")
        stages = list(dict.fromkeys(requirement_text(step.requirement) for step in queue.steps))
        asked = ", then ".join(stages).replace(">=", "≥")
        ahead = f", {duration_text(node.priority_ms)} ahead" if node.priority_ms else ""
        stay = f"queue {local}{ahead}, up to {duration_text(queue.wait_ms_max)}"
        first = () if node.prefer is None else wrapped(f"first for {preferred_text(node.prefer)}")
        return Box(name, "queue", name, (*first, *wrapped(f"waits for {asked}"), stay), "")

    def _spoken(
        self,
        kind: str,
        name: str,
        prompts: Sequence[PromptKey],
        more: tuple[str, ...],
        note: str = "",
    ) -> Box:
        said = self._said(prompts, self._language)
        everything = [
            f"{language}: {text}"
            for language in self._words
            if (text := self._said(prompts, language))
        ]
        tooltip = "\n".join([*dict.fromkeys(everything), *filter(None, [note])])
        return Box(name, kind, name, (*wrapped(said), *more), tooltip)

    def _said(self, prompts: Sequence[PromptKey], language: str) -> str:
        known = self._words.get(language, {})
        return " ".join(known[each] for each in prompts if each in known)


def columns(character: str) -> int:
    """How wide a character is: two for Chinese ones, one for Latin ones.

    By the blocks of wide characters rather than the whole table of Unicode TR 11: a letter taken
    for too wide costs nothing.
    """
    return 2 if character >= "\u1100" and not "\u2000" <= character <= "\u206f" else 1


def columns_of(text: str) -> int:
    """How wide a text is."""
    return sum(columns(each) for each in text)


def shortened(text: str, columns_max: int) -> str:
    """The text, cut with an ellipsis where it is too wide."""
    if columns_of(text) <= columns_max:
        return text
    kept, room = "", columns_max - 1
    for each in text:
        room -= columns(each)
        if room < 0:
            break
        kept += each
    return f"{kept.rstrip()}…"


def wrapped(text: str) -> tuple[str, ...]:
    """A text on so many lines as a box has, broken between words or Chinese characters."""
    lines: list[str] = []
    rest = " ".join(text.split())
    while rest and len(lines) < LINES_MAX - 1 and columns_of(rest) > COLUMNS_MAX:
        end = _break(rest)
        lines.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
    return (*lines, shortened(rest, COLUMNS_MAX)) if rest else tuple(lines)


def _break(text: str) -> int:
    """Where the first line ends: after the last space, or next to a wide character, that fits."""
    width, end = 0, 0
    for at, each in enumerate(text):
        width += columns(each)
        if width > COLUMNS_MAX:
            return end or at
        if each == " " or columns(each) == 2:
            end = at + 1
    return len(text)
