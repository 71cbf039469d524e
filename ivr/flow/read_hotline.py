"""Reads hotline.yaml: the dialled numbers, the languages, and the flows as graphs of nodes."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ivr.flow.calendar_shapes import CALENDAR, CALENDARS
from ivr.flow.check_ways import check_ways
from ivr.flow.keys import Form, Inner, Key, Kinds, Name, Named, NameOf, Several, Shape
from ivr.flow.model import Flow, Hotline, Language, NodeName
from ivr.flow.node_parts import Draft
from ivr.flow.node_shapes import NODE_KINDS
from ivr.flow.problems import Code, Place, Problems, closest, did_you_mean, listing, quoted
from ivr.flow.read_calendars import CalendarsReader, ReadingPlace, read_timezone
from ivr.flow.read_hours import CLOSED, check_closure, read_closure
from ivr.flow.read_names import KnownCalendars, KnownNames, KnownQueues, PromptBook
from ivr.flow.read_nodes import NodeReader
from ivr.flow.read_variables import VARS, VariablesReader
from ivr.flow.shape import Fields, Reader
from ivr.flow.values import Slot
from ivr.flow.yaml_tree import Scalar, Table, Tree

PHONE_NUMBER = r"\+?[0-9*#]{1,24}"

FLOW = Shape(
    "a flow",
    (
        Key("start", "the node where a caller begins", required=True, value=Name(NameOf.NODE)),
        VARS,
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
        CALENDARS,
        CLOSED,
        Key("flow", "the flow a caller begins in", required=True, value=Name(NameOf.FLOW)),
        Key("flows", "the flows by name", required=True, value=Named(Inner(FLOW))),
    ),
)

_PHONE_NUMBER = re.compile(PHONE_NUMBER)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a hotline may refer to outside its own file."""

    prompts: PromptBook
    times: ReadingPlace
    queues: KnownQueues | None
    skills: tuple[str, ...] | None
    spoken: PromptBook | None = None
    calendars: KnownCalendars | None = None
    """Those of the site; None when they could not be read."""


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
        calendars = self._calendars(fields, timezone)
        closed = read_closure(fields, self._read)
        flow, node_count = self._flow(fields, languages, calendars)
        if flow is not None and closed is not None:
            check_closure(closed, flow.nodes, fields.place_of(CLOSED.name), self._problems)
        hotline = None
        if languages is not None and timezone is not None and flow is not None:
            dialled = tuple(number for number, _ in numbers)
            hotline = Hotline(self._folder, dialled, languages, timezone, flow, closed)
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
        if written is None:
            return None
        return read_timezone(written, self._around.times.zones, self._read)

    def _calendars(self, fields: Fields, timezone: str | None) -> KnownCalendars | None:
        """The calendars of the site, and before them the hotline's own."""
        reader = CalendarsReader(self._problems, self._around.times, CALENDAR, timezone)
        own, shared = reader.read(fields), self._around.calendars
        return None if own is None or shared is None else {**shared, **own}

    def _known(
        self, languages: tuple[Language, ...] | None, calendars: KnownCalendars | None
    ) -> KnownNames:
        around = self._around
        return KnownNames(
            self._folder,
            languages,
            around.prompts,
            around.queues,
            around.skills,
            around.spoken,
            calendars,
        )

    def _flow(
        self,
        fields: Fields,
        languages: tuple[Language, ...] | None,
        calendars: KnownCalendars | None,
    ) -> tuple[Flow | None, int]:
        begun, written = fields.value("flow"), fields.value("flows")
        first = None if begun is None else self._read.name(begun, "the name of a flow")
        table = None if written is None else self._read.table(written, "flows", keys=("main",))
        if table is None:
            return None, 0
        known = self._known(languages, calendars)
        names = [entry.key.text for entry in table.entries]
        if begun is not None and first is not None and first not in names:
            self._problems.error(
                Code.UNKNOWN_FLOW,
                begun.place,
                f"There is no flow {quoted(first)}.",
                did_you_mean(first, names, otherwise=f"The flows are: {listing(names)}."),
            )
        first_is_there = first in names
        chosen: Flow | None = None
        node_count = 0
        for entry in table.entries:
            self._read.name(entry.key, "the name of a flow")
            reader = FlowReader(entry.key.text, known, self._problems)
            flow = reader.read(entry.value)
            node_count += reader.node_count
            if entry.key.text == first:
                chosen = flow
            elif first_is_there:
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
        declared = fields.value("vars")
        variables = {} if declared is None else VariablesReader(self._problems).read(declared)
        self._nodes.parts.variables = variables
        for entry in table.entries:
            name = self._read.name(entry.key, "the name of a node")
            if name is not None:
                self._nodes.read(NodeName(name), entry.key.place, entry.value)
        begun = fields.value("start")
        start = None if begun is None else self._read.name(begun, "the name of a node")
        leads = self._leads()
        check_ways(self._draft.nodes, self._draft.places, self._problems)
        if begun is None or start is None:
            return None
        first = NodeName(start)
        if first not in self._draft.places:
            self._unknown_node(first, begun)
            return None
        self._check_reached(first, leads)
        if variables is None:
            return None
        self._warn_unused(variables, declared)
        held = tuple(slot.variable for slot in variables.values())
        return Flow(self._name, first, self._draft.nodes, held)

    def _warn_unused(self, variables: Mapping[str, Slot], declared: Tree | None) -> None:
        """Name the variables that no node reads or changes, unless a broken node may."""
        if not isinstance(declared, Table) or len(self._draft.nodes) < len(self._draft.places):
            return
        for entry in declared.entries:
            if entry.key.text in variables and entry.key.text not in self._nodes.parts.used:
                self._problems.warn(
                    Code.UNUSED_VARIABLE,
                    entry.key.place,
                    f"No node uses the variable {quoted(entry.key.text)}.",
                    "Remove it, or use it in a node.",
                )

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
