"""Reads hotline.yaml: the dialled numbers, the languages, and the flows as graphs of nodes."""

import re
from dataclasses import dataclass, field

from ivr.flow.calendar_shapes import CALENDAR, CALENDARS
from ivr.flow.keys import Form, Key, Name, NameOf, Several, Shape
from ivr.flow.model import Hotline, Language
from ivr.flow.problems import Code, Place, Problems, did_you_mean, listing, quoted
from ivr.flow.read_calendars import CalendarsReader, ReadingPlace, read_timezone
from ivr.flow.read_defaults import DEFAULTS_KEY
from ivr.flow.read_flows import FLOWS_KEY, FlowsRead, SharedFlows, read_flows
from ivr.flow.read_hours import CLOSED, check_closure, read_closure
from ivr.flow.read_messages import TextBook
from ivr.flow.read_names import KnownCalendars, KnownNames, KnownQueues, PromptBook, SpokenBook
from ivr.flow.read_services import KnownServices
from ivr.flow.secrets import with_hushed
from ivr.flow.shape import Fields, Reader
from ivr.flow.transfers import TransferBook
from ivr.flow.yaml_tree import Table, Tree

PHONE_NUMBER = r"\+?[0-9*#]{1,24}"

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
        DEFAULTS_KEY,
        Key("flow", "the flow a caller begins in", required=True, value=Name(NameOf.FLOW)),
        FLOWS_KEY,
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
    spoken: SpokenBook | None = None
    calendars: KnownCalendars | None = None
    """Those of the site; None when they could not be read."""
    services: KnownServices | None = None
    """Likewise."""
    transfers: TransferBook = field(default_factory=TransferBook)
    texts: TextBook = field(default_factory=TextBook)
    entered: set[str] = field(default_factory=set[str])
    """Filled by reading: the queues that nodes name."""
    pool_bounded: bool = True
    """Whether it is bounded how many wait in all queues together; also where it is not known."""
    shared_flows: SharedFlows = field(default_factory=SharedFlows)


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
        read = self._flow(fields, languages, calendars)
        flow, node_count = read.flow, read.node_count
        if flow is not None and closed is not None:
            check_closure(closed, flow.nodes, fields.place_of(CLOSED.name), self._problems)
        hotline = None
        if languages is not None and timezone is not None and flow is not None:
            dialled = tuple(number for number, _ in numbers)
            hushed = with_hushed(flow)
            texts = self._around.texts.sent_by(hushed)
            hotline = Hotline(self._folder, dialled, languages, timezone, hushed, closed, texts)
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
            services=around.services,
            transfers=around.transfers,
            texts=around.texts,
            entered=around.entered,
            pool_bounded=around.pool_bounded,
        )

    def _flow(
        self,
        fields: Fields,
        languages: tuple[Language, ...] | None,
        calendars: KnownCalendars | None,
    ) -> FlowsRead:
        begun, written = fields.value("flow"), fields.value("flows")
        first = None if begun is None else self._read.name(begun, "the name of a flow")
        names = [each.key.text for each in written.entries] if isinstance(written, Table) else []
        if begun is not None and first is not None and names and first not in names:
            self._problems.error(
                Code.UNKNOWN_FLOW,
                begun.place,
                f"There is no flow {quoted(first)}.",
                did_you_mean(first, names, otherwise=f"The flows are: {listing(names)}."),
            )
        known = self._known(languages, calendars)
        return read_flows(fields, first, known, self._around.shared_flows, self._problems)
