"""Reads hotline.yaml: the dialled numbers, the languages, and the flows as graphs of nodes."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from ivr.flow.cycles import silent_cycles
from ivr.flow.keys import Form, Inner, Key, Kinds, Name, Named, NameOf, Several, Shape
from ivr.flow.model import EnterQueue, Flow, Hotline, Language, NodeName
from ivr.flow.node_parts import Draft
from ivr.flow.node_shapes import NODE_KINDS
from ivr.flow.problems import Code, Place, Problems, closest, did_you_mean, listing, quoted
from ivr.flow.read_names import KnownNames, KnownQueues, PromptBook
from ivr.flow.read_nodes import NodeReader
from ivr.flow.shape import Fields, Reader
from ivr.flow.yaml_tree import Scalar, Tree

PHONE_NUMBER = r"\+?[0-9*#]{1,24}"

FLOW = Shape(
    "a flow",
    (
        Key("start", "the node where a caller begins", required=True, value=Name(NameOf.NODE)),
        Key("nodes", "the nodes by name", required=True, value=Named(Kinds(NODE_KINDS))),
    ),
)
HOTLINE = Shape(
    "a hotline",
    (
        Key("hotline", "the name of its folder", required=True, value=Name()),
        Key(
            "numbers",
            "the numbers callers dial, in quotes",
            required=True,
            value=Several(Form(PHONE_NUMBER, "a number callers dial"), low=1, or_one=True),
        ),
        Key(
            "languages",
            "the languages it speaks, the first by default",
            required=True,
            value=Several(Name(NameOf.LANGUAGE), low=1, or_one=True),
        ),
        Key(
            "timezone",
            "where its clock stands, such as Asia/Shanghai",
            required=True,
            value=Name(NameOf.TIMEZONE),
        ),
        Key("flow", "the flow a caller begins in", required=True, value=Name(NameOf.FLOW)),
        Key("flows", "the flows by name", required=True, value=Named(Inner(FLOW))),
    ),
)

_PHONE_NUMBER = re.compile(PHONE_NUMBER)

CYCLE_NODES_SHOWN_MAX = 8
"""Nodes of a cycle named in a message; more would not be read."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a hotline may refer to outside its own file."""

    prompts: PromptBook
    timezones: Collection[str]
    queues: KnownQueues | None
    skills: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class HotlineDraft:
    """A hotline as far as it could be read, for checks across files."""

    hotline: Hotline | None
    numbers: tuple[tuple[str, Place], ...]
    node_count: int


class HotlineReader:
    """Reads one hotline.yaml."""

    def __init__(self, folder: str, around: Surroundings, problems: Problems) -> None:
        self._folder = folder
        self._around = around
        self._problems = problems
        self._read = Reader(problems)

    def read(self, tree: Tree) -> HotlineDraft:
        """The hotline, and how much there is of it even where it is wrong."""
        fields = self._read.fields(tree, HOTLINE)
        if fields is None:
            return HotlineDraft(None, (), 0)
        self._check_name(fields)
        numbers = self._numbers(fields)
        languages = self._languages(fields)
        timezone = self._timezone(fields)
        flow, node_count = self._flow(fields, languages)
        hotline = None
        if languages is not None and timezone is not None and flow is not None:
            dialled = tuple(number for number, _ in numbers)
            hotline = Hotline(self._folder, dialled, languages, timezone, flow)
        return HotlineDraft(hotline, numbers, node_count)

    def _check_name(self, fields: Fields) -> None:
        written = fields.value("hotline")
        name = None if written is None else self._read.name(written, "the name of a hotline")
        if written is None or name is None or name == self._folder:
            return
        self._problems.error(
            Code.HOTLINE_NAME_DIFFERS,
            written.place,
            f"This hotline is called {quoted(name)}, but its folder {quoted(self._folder)}.",
            "Give both the same name.",
        )

    def _numbers(self, fields: Fields) -> tuple[tuple[str, Place], ...]:
        written = fields.value("numbers")
        items = None if written is None else self._read.one_or_more(written, "numbers")
        found: list[tuple[str, Place]] = []
        for item in items or ():
            number = self._read.text(item, "this number")
            if number is not None and _PHONE_NUMBER.fullmatch(number) is None:
                self._problems.error(
                    Code.BAD_PHONE_NUMBER,
                    item.place,
                    f"{quoted(number)} is no number a caller can dial.",
                    'Write 1 to 24 digits in quotes, with a + before a country code: "+8610086".',
                )
            elif number is not None:
                found.append((number, item.place))
        return tuple(found)

    def _languages(self, fields: Fields) -> tuple[Language, ...] | None:
        written = fields.value("languages")
        items = None if written is None else self._read.one_or_more(written, "languages")
        if items is None:
            return None
        spoken = sorted(self._around.prompts)
        found: list[Language] = []
        for item in items:
            name = self._read.name(item, "a language")
            if name is None:
                continue
            if name in found:
                self._listed_twice(item.place, f"The language {quoted(name)}")
            elif name not in self._around.prompts:
                self._problems.error(
                    Code.LANGUAGE_UNKNOWN,
                    item.place,
                    f"There are no prompts in a language {quoted(name)}.",
                    did_you_mean(name, spoken, otherwise=f"There is: {listing(spoken)}."),
                )
            else:
                found.append(Language(name))
        return tuple(found) if len(found) == len(items) else None

    def _listed_twice(self, place: Place, what: str) -> None:
        self._problems.error(
            Code.LISTED_TWICE, place, f"{what} is listed twice.", "Remove one of the two."
        )

    def _timezone(self, fields: Fields) -> str | None:
        written = fields.value("timezone")
        name = None if written is None else self._read.text(written, "the time zone")
        if written is None or name is None or name in self._around.timezones:
            return name
        near = [zone for zone in self._around.timezones if zone[:1].lower() == name[:1].lower()]
        self._problems.error(
            Code.TIMEZONE_UNKNOWN,
            written.place,
            f"There is no time zone {quoted(name)}.",
            did_you_mean(name, sorted(near), otherwise="Write it as Asia/Shanghai is written."),
        )
        return None

    def _flow(
        self, fields: Fields, languages: tuple[Language, ...] | None
    ) -> tuple[Flow | None, int]:
        begun, written = fields.value("flow"), fields.value("flows")
        first = None if begun is None else self._read.name(begun, "the name of a flow")
        table = None if written is None else self._read.table(written, "flows", keys=("main",))
        if table is None:
            return None, 0
        around = self._around
        known = KnownNames(self._folder, languages, around.prompts, around.queues, around.skills)
        names = [entry.key.text for entry in table.entries]
        if begun is not None and first is not None and first not in names:
            self._problems.error(
                Code.UNKNOWN_FLOW,
                begun.place,
                f"There is no flow {quoted(first)}.",
                did_you_mean(first, names, otherwise=f"The flows are: {listing(names)}."),
            )
        chosen: Flow | None = None
        node_count = 0
        for entry in table.entries:
            self._read.name(entry.key, "the name of a flow")
            reader = FlowReader(entry.key.text, known, self._problems)
            flow = reader.read(entry.value)
            node_count += reader.node_count
            if entry.key.text == first:
                chosen = flow
            elif first in names:
                self._warn_unused(entry.key)
        return chosen, node_count

    def _warn_unused(self, name: Scalar) -> None:
        self._problems.warn(
            Code.UNUSED_FLOW,
            name.place,
            f"No caller ever enters the flow {quoted(name.text)}.",
            "Name it under `flow:`, or remove it.",
        )


class FlowReader:
    """Reads one flow: its nodes, then whether every way leads somewhere and every node is met."""

    def __init__(self, name: str, known: KnownNames, problems: Problems) -> None:
        self._name = name
        self._problems = problems
        self._read = Reader(problems)
        self._draft = Draft()
        self._nodes = NodeReader(known, problems, self._draft)

    @property
    def node_count(self) -> int:
        """How many nodes the flow has, good and bad."""
        return len(self._draft.places)

    def read(self, tree: Tree) -> Flow | None:
        """The flow, or None when something in it is wrong."""
        fields = self._read.fields(tree, FLOW)
        written = None if fields is None else fields.value("nodes")
        table = None if written is None else self._read.table(written, "nodes", keys=("welcome",))
        if fields is None or table is None:
            return None
        for entry in table.entries:
            name = self._read.name(entry.key, "the name of a node")
            if name is not None:
                self._nodes.read(NodeName(name), entry.key.place, entry.value)
        begun = fields.value("start")
        start = None if begun is None else self._read.name(begun, "the name of a node")
        leads = self._leads()
        self._check_cycles()
        if begun is None or start is None:
            return None
        first = NodeName(start)
        if first not in self._draft.places:
            self._unknown_node(first, begun)
            return None
        self._check_reached(first, leads)
        return Flow(self._name, first, self._draft.nodes)

    def _leads(self) -> Mapping[NodeName, list[NodeName | None]]:
        """Where each node leads; None stands for a way whose end is not known."""
        leads: dict[NodeName, list[NodeName | None]] = {
            name: [] if name in self._draft.nodes else [None] for name in self._draft.places
        }
        for edge in self._draft.edges:
            if edge.target in self._draft.places:
                leads[edge.source].append(edge.target)
            else:
                meant = self._unknown_node(edge.target, Scalar(edge.target, True, edge.place))
                leads[edge.source].append(meant)
        return leads

    def _unknown_node(self, name: NodeName, written: Tree) -> NodeName | None:
        if self._problems.full(written.place.file):
            return None
        names = tuple(self._draft.places)
        near = closest(name, names)
        self._problems.error(
            Code.UNKNOWN_NODE,
            written.place,
            f"There is no node {quoted(name)} in the flow {quoted(self._name)}.",
            f"Did you mean {quoted(near)}?"
            if near is not None
            else f"The nodes are: {listing(names)}.",
        )
        return None if near is None else NodeName(near)

    def _check_cycles(self) -> None:
        for cycle in silent_cycles(self._draft.nodes):
            place = min(self._draft.places[name] for name in cycle)
            if self._problems.full(place.file):
                return
            way = listing((quoted(name) for name in cycle), shown_max=CYCLE_NODES_SHOWN_MAX)
            if any(isinstance(self._draft.nodes[name], EnterQueue) for name in cycle):
                self._problems.error(
                    Code.OVERFLOW_CYCLE,
                    place,
                    f"A caller whom nobody can take goes round these nodes without a word: {way}.",
                    "Lead one of these ways out to a node that says something and goes elsewhere.",
                )
                continue
            self._problems.error(
                Code.SILENT_CYCLE,
                place,
                f"These nodes go round without a word to the caller: {way}.",
                "Lead one of these nodes elsewhere.",
            )

    def _check_reached(
        self, start: NodeName, leads: Mapping[NodeName, list[NodeName | None]]
    ) -> None:
        """Report nodes no caller meets, unless a mistake on the way hides where it leads.

        A misspelt target counts as the node it resembles; so mending a reported mistake does not
        make the next one disappear.
        """
        reached = {start}
        ahead = [start]
        while ahead:
            for target in leads[ahead.pop()]:
                if target is None:
                    return
                if target not in reached:
                    reached.add(target)
                    ahead.append(target)
        for name, place in self._draft.places.items():
            if name not in reached:
                self._problems.error(
                    Code.UNREACHABLE_NODE,
                    place,
                    f"No way leads a caller to the node {quoted(name)}.",
                    "Lead to it from another node, or remove it.",
                )
