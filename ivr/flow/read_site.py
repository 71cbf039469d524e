"""Reads site.yaml: the tenant, its skills, devices and agents."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ivr.flow.problems import Code, Place, Problems, did_you_mean, quoted
from ivr.flow.read_feature_codes import FeatureCodeReader
from ivr.flow.read_names import report_unknown_skill
from ivr.flow.requirement import LEVEL_MAX, LEVEL_MIN
from ivr.flow.shape import Fields, Key, Reader, Shape, is_nothing
from ivr.flow.site import AgentEntry, DeviceEntry, FeatureCodes
from ivr.flow.yaml_tree import Scalar, Table, Tree

TENANT_DEFAULT = "main"

SITE = Shape(
    "site.yaml",
    (
        Key("tenant", "whose site this is"),
        Key("skills", "the list of skills that agents have and queues require", required=True),
        Key("devices", "the phones by name", required=True),
        Key("agents", "the agents by name", required=True),
        Key("feature_codes", "what agents dial to sign in and out, pause and resume"),
        Key("pause_reasons", "a digit for each reason of a pause"),
    ),
)
DEVICE = Shape("a device", (Key("label", "where it stands, for people to read"),))
AGENT = Shape(
    "an agent",
    (
        Key("name", "what people call this agent", required=True),
        Key("skills", "skill: level, for each skill the agent has", required=True),
        Key("device", "the phone of a fixed seat; leave it out where seating is free"),
    ),
)


@dataclass(frozen=True, slots=True)
class SiteDraft:
    """site.yaml as far as it could be read; ``skills`` is None when that part could not.

    ``agents_known`` says whether the agents' skills were all read, so that what nobody can do is
    not told because of a slip in the list of agents.
    """

    tenant: str = TENANT_DEFAULT
    skills: tuple[str, ...] | None = None
    devices: Mapping[str, DeviceEntry] = field(default_factory=dict[str, DeviceEntry])
    agents: Mapping[str, AgentEntry] = field(default_factory=dict[str, AgentEntry])
    agents_known: bool = False
    feature_codes: FeatureCodes = field(default_factory=FeatureCodes)
    pause_reasons: Mapping[str, str] = field(default_factory=dict[str, str])


class SiteReader:
    """Reads site.yaml."""

    def __init__(self, problems: Problems) -> None:
        self._problems = problems
        self._read = Reader(problems)
        self._taken: dict[str, tuple[str, Place]] = {}

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
        for unused in ("feature_codes", "pause_reasons"):
            self._read.not_acted_upon_yet(fields, unused, called=unused)
        return SiteDraft(
            tenant or TENANT_DEFAULT,
            skills,
            devices or {},
            agents or {},
            agents_known=agents is not None and skills is not None,
            feature_codes=codes.codes(fields.value("feature_codes")),
            pause_reasons=codes.reasons(fields.value("pause_reasons")),
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
                devices[name] = DeviceEntry(name, self._label(entry.value))
        return devices

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
            if levels is not None:
                agents[name] = AgentEntry(name, title or name, levels, device)
        return agents if len(agents) == len(table.entries) else None

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
                self._warn_of_free_seating(agent)
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

    def _warn_of_free_seating(self, agent: Scalar) -> None:
        self._problems.warn(
            Code.NOT_ACTED_UPON_YET,
            agent.place,
            f"Free seating, an agent without `device`, is read but not acted upon yet: "
            f"{quoted(agent.text)} can not sign in.",
            "Give the agent a `device`, or keep the entry for the release that does.",
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
