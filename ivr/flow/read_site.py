"""Reads site.yaml: the tenant, its skills, devices and agents."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from ivr.flow.calendar_shapes import CALENDAR_OF_SITE, CALENDARS_OF_SITE
from ivr.flow.keys import (
    Either,
    Form,
    Inner,
    Key,
    Name,
    Named,
    NameOf,
    Nothing,
    Several,
    Shape,
    Text,
    Whole,
)
from ivr.flow.opening import Calendar
from ivr.flow.problems import Code, Place, Problems, did_you_mean, quoted
from ivr.flow.read_calendars import CalendarsReader, ReadingPlace
from ivr.flow.read_feature_codes import FEATURE_CODES, REASONS, FeatureCodeReader
from ivr.flow.read_names import report_unknown_skill
from ivr.flow.read_routing import ROUTING_KEY, RoutingDraft, read_routing
from ivr.flow.read_services import SERVICES, KnownServices, ServicesReader
from ivr.flow.read_talk_transfers import (
    TRANSFERS_OF_SITE,
    DeskDraft,
    DeskNames,
    TalkTransfersReader,
)
from ivr.flow.read_transfer import OUTSIDE_NUMBERS, read_outside_numbers
from ivr.flow.requirement import LEVEL_MAX, LEVEL_MIN
from ivr.flow.shape import Fields, Reader, is_nothing
from ivr.flow.site import AgentEntry, DeviceEntry, FeatureCodes, OutsideNumber
from ivr.flow.yaml_tree import Scalar, Table, Tree

TENANT_DEFAULT = "main"

DEVICE_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")
"""A device is an account at Asterisk: begun with a letter, so that no caller's number is one."""

CHATS_MAX = 20
"""More talks at once than anybody can follow."""

DEVICE = Shape("a device", (Key("label", "where it stands, for people to read", value=Text()),))
AGENT = Shape(
    "an agent",
    (
        Key("name", "what people call this agent", required=True, value=Text()),
        Key(
            "skills",
            "skill: level, for each skill the agent has",
            required=True,
            value=Named(Whole(LEVEL_MIN, LEVEL_MAX), key=Name(NameOf.SKILL)),
        ),
        Key(
            "device",
            "the phone of a fixed seat; leave it out where seating is free",
            value=Name(NameOf.DEVICE),
        ),
        Key(
            "chats",
            "how many chats at once, while no call is; none if left out",
            value=Whole(0, CHATS_MAX),
            default=0,
        ),
    ),
)
SITE = Shape(
    "site.yaml",
    (
        Key("tenant", "whose site this is", value=Name(), default=TENANT_DEFAULT),
        Key(
            "skills",
            "the list of skills that agents have and queues require",
            required=True,
            value=Several(Name()),
        ),
        Key(
            "devices",
            "the phones by name",
            required=True,
            value=Named(
                Either((Inner(DEVICE), Nothing())), key=Form(DEVICE_NAME.pattern, "a name")
            ),
        ),
        Key("agents", "the agents by name", required=True, value=Named(Inner(AGENT))),
        CALENDARS_OF_SITE,
        Key(
            "feature_codes",
            "what agents dial to sign in and out, pause and resume",
            value=Inner(FEATURE_CODES),
        ),
        Key("pause_reasons", "a digit for each reason of a pause", value=REASONS),
        SERVICES,
        OUTSIDE_NUMBERS,
        ROUTING_KEY,
        TRANSFERS_OF_SITE,
    ),
)

DEVICE_NAMES_RESERVED = frozenset(
    {"device-aor", "device-auth", "device-endpoint", "global", "media", "system", "trunk", "udp"}
)
"""Sections of asterisk-conf/pjsip.conf, which an account of that name would change."""


@dataclass(frozen=True, slots=True)
class SiteDraft:
    """site.yaml as far as it could be read; ``skills`` is None when that part could not.

    ``agents_known`` says whether the agents' skills were all read, so that what nobody can do is
    not told because of a slip in the list of agents. ``codes_in_use`` are the feature codes as far
    as they are known: by name, without those that were written wrongly.
    """

    tenant: str = TENANT_DEFAULT
    skills: tuple[str, ...] | None = None
    devices: Mapping[str, DeviceEntry] = field(default_factory=dict[str, DeviceEntry])
    agents: Mapping[str, AgentEntry] = field(default_factory=dict[str, AgentEntry])
    agents_known: bool = False
    feature_codes: FeatureCodes = field(default_factory=FeatureCodes)
    pause_reasons: Mapping[str, str] = field(default_factory=dict[str, str])
    codes_in_use: Mapping[str, str] = field(default_factory=dict[str, str])
    calendars: Mapping[str, Calendar | None] | None = None
    services: KnownServices | None = None
    outside_numbers: Mapping[str, OutsideNumber | None] | None = None
    routing: RoutingDraft = field(default_factory=RoutingDraft)
    desk: DeskDraft | None = None


class SiteReader:
    """Reads site.yaml."""

    def __init__(self, problems: Problems, around: ReadingPlace) -> None:
        self._problems = problems
        self._read = Reader(problems)
        self._around = around
        self._taken: dict[str, tuple[str, Place]] = {}
        self._unseated: list[Scalar] = []

    def read(self, tree: Tree) -> SiteDraft:
        """What the file says, without the parts that are wrong."""
        fields = self._read.fields(tree, SITE)
        if fields is None:
            return SiteDraft()
        written = fields.value("tenant")
        tenant = TENANT_DEFAULT if written is None else self._read.name(written, "the tenant")
        skills = self._skills(fields)
        devices = self._devices(fields)
        agents = self._agents(fields, skills, devices)
        codes = FeatureCodeReader(self._problems)
        if devices is not None:
            self._check_free_seating(devices)
        return SiteDraft(
            tenant or TENANT_DEFAULT,
            skills,
            devices or {},
            agents or {},
            agents_known=agents is not None and skills is not None,
            feature_codes=codes.codes(fields.value("feature_codes")),
            pause_reasons=codes.reasons(fields.value("pause_reasons")),
            codes_in_use=codes.in_use,
            calendars=CalendarsReader(self._problems, self._around, CALENDAR_OF_SITE).read(fields),
            services=ServicesReader(self._problems).read(fields),
            outside_numbers=read_outside_numbers(self._read, fields),
            routing=read_routing(self._read, fields),
            desk=TalkTransfersReader(
                self._problems,
                DeskNames(skills, None if agents is None else tuple(agents), codes.in_use),
            ).read(fields),
        )

    def _skills(self, fields: Fields) -> tuple[str, ...] | None:
        written = fields.value("skills")
        items = None if written is None else self._read.items(written, "skills")
        if items is None:
            return None
        found: list[str] = []
        for item in items:
            name = self._read.name(item, "the name of a skill")
            if name is not None and name in ("and", "or"):
                self._problems.error(
                    Code.BAD_NAME,
                    item.place,
                    f"A skill can not be called {quoted(name)}: the word joins skills.",
                    "Choose another name.",
                )
            elif name is not None and name in found:
                self._problems.error(
                    Code.LISTED_TWICE,
                    item.place,
                    f"The skill {quoted(name)} is listed twice.",
                    "Remove one of the two.",
                )
            elif name is not None:
                found.append(name)
        return tuple(found)

    def _devices(self, fields: Fields) -> Mapping[str, DeviceEntry] | None:
        """The devices; one that is wrong still counts as known."""
        table = self._table(fields, "devices")
        if table is None:
            return None
        devices: dict[str, DeviceEntry] = {}
        for entry in table.entries:
            name = self._read.name(entry.key, "the name of a device")
            if name is not None:
                self._check_account(entry.key)
                devices[name] = DeviceEntry(name, self._label(entry.value))
        return devices

    def _check_account(self, device: Scalar) -> None:
        if DEVICE_NAME.fullmatch(device.text) is None:
            self._problems.error(
                Code.BAD_NAME,
                device.place,
                f"{quoted(device.text)} can not be the name of a device, under which it registers.",
                "Begin with a letter a-z, then letters a-z, digits, - or _, up to 40 in all.",
            )
        elif device.text in DEVICE_NAMES_RESERVED:
            self._problems.error(
                Code.BAD_NAME,
                device.place,
                f"{quoted(device.text)} can not be the name of a device: Asterisk's own files use "
                "it.",
                "Choose another name, such as desk-8001.",
            )

    def _label(self, tree: Tree) -> str:
        fields = None if is_nothing(tree) else self._read.fields(tree, DEVICE)
        written = None if fields is None else fields.value("label")
        return "" if written is None else self._read.text(written, "the label") or ""

    def _agents(
        self,
        fields: Fields,
        skills: tuple[str, ...] | None,
        devices: Mapping[str, DeviceEntry] | None,
    ) -> Mapping[str, AgentEntry] | None:
        """The agents, or None when what one of them can do could not be read."""
        table = self._table(fields, "agents")
        if table is None:
            return None
        agents: dict[str, AgentEntry] = {}
        for entry in table.entries:
            name = self._read.name(entry.key, "the name of an agent")
            agent = self._read.fields(entry.value, AGENT)
            if name is None or agent is None:
                continue
            called = agent.value("name")
            title = None if called is None else self._read.text(called, "the name")
            levels = self._levels(agent, skills)
            device = self._seat(entry.key, agent, devices)
            chats = self._chats(agent)
            if levels is not None:
                agents[name] = AgentEntry(name, title or name, levels, device, chats)
        return agents if len(agents) == len(table.entries) else None

    def _chats(self, agent: Fields) -> int:
        written = agent.value("chats")
        if written is None:
            return 0
        return self._read.whole(written, "the value of chats", low=0, high=CHATS_MAX) or 0

    def _levels(self, agent: Fields, skills: tuple[str, ...] | None) -> Mapping[str, int] | None:
        table = self._table(agent, "skills")
        if table is None:
            return None
        levels: dict[str, int] = {}
        for entry in table.entries:
            skill = self._read.name(entry.key, "the name of a skill")
            level = self._read.whole(
                entry.value, f"the level of {quoted(entry.key.text)}", low=LEVEL_MIN, high=LEVEL_MAX
            )
            if skill is not None and skills is not None and skill not in skills:
                report_unknown_skill(entry.key, skills, self._problems)
            elif skill is not None and level is not None:
                levels[skill] = level
        return levels if len(levels) == len(table.entries) else None

    def _seat(
        self, agent: Scalar, fields: Fields, devices: Mapping[str, DeviceEntry] | None
    ) -> str | None:
        """The device of a fixed seat; two agents at one device could not both be reached there."""
        seat = fields.value("device")
        if seat is None:
            if "device" not in fields.meant:
                self._unseated.append(agent)
            return None
        device = self._device(seat, devices)
        if device is None:
            return None
        first, place = self._taken.setdefault(device, (agent.text, seat.place))
        if first != agent.text:
            self._problems.error(
                Code.DEVICE_TAKEN,
                seat.place,
                f"The device {quoted(device)} is the seat of agent {first} already, at {place}.",
                "Give the agent a device of her own, or leave `device` out for free seating.",
            )
        return device

    def _check_free_seating(self, devices: Mapping[str, DeviceEntry]) -> None:
        """Whoever has no seat of her own signs in where nobody else has one, with her name."""
        for agent in self._unseated:
            if not (agent.text.isascii() and agent.text.isdigit()):
                self._problems.warn(
                    Code.AGENT_NOT_DIALABLE,
                    agent.place,
                    f"The agent {quoted(agent.text)} has no `device`, and a name that no phone can "
                    "dial: she can be signed in by `expertline agent` only.",
                    'Give the agent a name of digits, such as "1010", or a `device` of her own.',
                )
        if self._unseated and devices.keys() <= self._taken.keys():
            first = self._unseated[0]
            self._problems.warn(
                Code.NO_FREE_DEVICE,
                first.place,
                f"The agent {quoted(first.text)} has no `device`, and each device is the seat of "
                "another agent: she can sign in nowhere.",
                "Add a device under `devices:`, or give the agent one of her own.",
            )

    def _device(self, seat: Tree, devices: Mapping[str, DeviceEntry] | None) -> str | None:
        name = self._read.name(seat, "the name of a device")
        if name is None or devices is None or name in devices:
            return name
        if not self._problems.full(seat.place.file):
            self._problems.error(
                Code.UNKNOWN_DEVICE,
                seat.place,
                f"There is no device {quoted(name)}.",
                did_you_mean(name, tuple(devices), otherwise="Add it under `devices:`."),
            )
        return None

    def _table(self, fields: Fields, key: str) -> Table | None:
        written = fields.value(key)
        return None if written is None else self._read.table(written, key)
