"""A site as a value: everything one tenant's YAML says, and the address of its content."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING

from ivr.flow.model import Hotline
from ivr.flow.requirement import SkillRequirement
from ivr.flow.routing import CLASS_USUAL, AgentsOrder, QueueChannel, RoutingRules
from ivr.flow.services import Service
from ivr.flow.zone import Zone

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

SHARED = "shared"
"""The folder, and so the first part of the name, of queues that belong to no single hotline."""

VERSION_FORM = "expertline-site-1"
"""Part of every version: a change of how content is written down must not reuse an address."""


@dataclass(frozen=True, slots=True)
class DeviceEntry:
    """A phone that agents sign in at. Its password is generated elsewhere, never written here."""

    name: str
    label: str = ""


class Seating(Enum):
    """Whether an agent's device is given by the site or found when she signs in."""

    FIXED = "fixed"
    FREE = "free"


@dataclass(frozen=True, slots=True)
class AgentEntry:
    """A person who takes contacts; ``device`` is her fixed seat, None where seating is free.

    ``chats`` is how many chats she may have in her hands at once.
    """

    name: str
    title: str
    skills: Mapping[str, int]
    device: str | None = None
    chats: int = 0

    @property
    def seating(self) -> Seating:
        """Free unless the site names a device."""
        return Seating.FREE if self.device is None else Seating.FIXED


@dataclass(frozen=True, slots=True)
class FeatureCodes:
    """What an agent dials on her device to say something of herself.

    ``pause`` and ``pause_after`` are followed by the digit of a reason.
    """

    sign_in: str = "*11"
    sign_out: str = "*12"
    pause: str = "*13"
    resume: str = "*14"
    wrap_up_end: str = "*15"
    wrap_up_extend: str = "*16"
    pause_after: str = "*17"


@dataclass(frozen=True, slots=True)
class QueueStep:
    """A timed stage: who may take the contact, and for how long it stays so; None is for good."""

    requirement: SkillRequirement
    for_ms: int | None = None


@dataclass(frozen=True, slots=True)
class WaitingLimit:
    """How many contacts may wait; the one that is not None counts.

    ``per_agent`` is for each signed-in agent who can serve the queue, so that the limit follows
    the shift.
    """

    absolute: int | None = None
    per_agent: int | None = None


@dataclass(frozen=True, slots=True)
class Announce:
    """What is said into the hold music, and how often."""

    position: bool
    every_ms: int
    expected_wait: bool = False


@dataclass(frozen=True, slots=True)
class Hold:
    """What a waiting caller hears; no announcement where ``announce`` is None."""

    music: str
    announce: Announce | None = None


@dataclass(frozen=True, slots=True)
class ServiceLevel:
    """The goal of a queue: so many of a hundred callers answered within this time."""

    answered_percent: int
    within_ms: int


@dataclass(frozen=True, slots=True)
class QueueEntry:
    """A queue by its qualified name: its steps, the bounds of waiting, and what is heard there.

    After ``misses_max`` missed offers in a row an agent is paused. ``wrap_up_ms_max`` is how long a
    wrap-up may be made; None is ``wrap_up_ms``, which is then all. The defaults of everything are
    in ``ivr.flow.queue_shapes``.
    """

    name: str
    steps: tuple[QueueStep, ...]
    ring_ms_max: int
    wait_ms_max: int
    wrap_up_ms: int
    misses_max: int
    hold: Hold
    waiting: WaitingLimit | None = None
    service_level: ServiceLevel | None = None
    channel: QueueChannel = QueueChannel.VOICE
    agents: AgentsOrder = field(default_factory=AgentsOrder)
    contact_class: int = CLASS_USUAL
    share: int = 1
    expected_wait_ms_max: int | None = None
    wrap_up_ms_max: int | None = None

    def skills(self) -> frozenset[str]:
        """Every skill that some step asks for."""
        return frozenset(
            skill
            for step in self.steps
            for levels in step.requirement.alternatives
            for skill in levels
        )


@dataclass(frozen=True, slots=True)
class OutsideNumber:
    """A number outside that callers may be put through to; flows know its name only."""

    name: str
    number: str
    ring_ms_max: int


@dataclass(frozen=True, slots=True)
class TalkKeys:
    """What an agent presses in a talk to transfer her caller.

    ``consult`` and ``blind`` are followed by the key of a target and ``#``. ``complete`` puts
    caller and expert together, ``cancel`` goes back to the caller.
    """

    consult: str = "*2"
    blind: str = "*3"
    complete: str = "*4"
    cancel: str = "*1"


@dataclass(frozen=True, slots=True)
class TransferTarget:
    """What an agent may transfer to: the queue of this qualified name."""

    queue: str


@dataclass(frozen=True, slots=True)
class DeskTransfers:
    """What agents may transfer to, by what they dial for it: numbers of targets, names of agents.

    What asks for an expert or an agent is a queue by then (``ivr.flow.transfers``).
    """

    keys: TalkKeys = field(default_factory=TalkKeys)
    targets: Mapping[str, TransferTarget] = field(default_factory=dict[str, TransferTarget])


@dataclass(frozen=True, slots=True)
class Site:
    """The hotlines, queues, skills, agents and devices of one tenant, checked as a whole.

    ``version`` is the content's address: equal for equal meaning, whatever the files' order and
    layout.
    Flows that a hotline does not begin with are no part of the site. ``pause_reasons`` goes from
    the digit an agent dials to the reason's name.
    """

    tenant: str
    hotlines: Mapping[str, Hotline]
    queues: Mapping[str, QueueEntry]
    agents: Mapping[str, AgentEntry]
    devices: Mapping[str, DeviceEntry]
    skills: tuple[str, ...]
    feature_codes: FeatureCodes = field(default_factory=FeatureCodes)
    pause_reasons: Mapping[str, str] = field(default_factory=dict[str, str])
    outside_numbers: Mapping[str, OutsideNumber] = field(default_factory=dict[str, OutsideNumber])
    services: Mapping[str, Service] = field(default_factory=dict[str, Service])
    desk_transfers: DeskTransfers | None = None
    routing: RoutingRules = field(default_factory=RoutingRules)
    zone: Zone | None = None
    """By whose clock its days begin: that of its first hotline, by name."""
    version: str = field(init=False)

    def __post_init__(self) -> None:
        content = (
            self.tenant,
            self.hotlines,
            self.queues,
            self.agents,
            self.devices,
            self.skills,
            self.feature_codes,
            self.pause_reasons,
            self.outside_numbers,
            self.services,
            self.desk_transfers,
            self.routing,
            self.zone,
        )
        object.__setattr__(self, "version", content_address(content))


def content_address(value: object) -> str:
    """SHA-256 over a value's normal form: fields by name, mappings by sorted key."""
    written = json.dumps(
        [VERSION_FORM, _plain(value)], sort_keys=True, ensure_ascii=True, separators=(",", ":")
    )
    return hashlib.sha256(written.encode()).hexdigest()


def _plain(value: object) -> object:
    if type(value) is str:
        return value  # most are
    match value:
        case None | bool() | int() | str():
            return value
        case Enum():
            return value.value
        case Mapping():
            items: Mapping[object, object] = value  # pyright: ignore[reportUnknownVariableType]
            return {str(_plain(key)): _plain(each) for key, each in items.items()}
        case tuple():
            every: tuple[object, ...] = value  # pyright: ignore[reportUnknownVariableType]
            return [_plain(each) for each in every]
        case _ if is_dataclass(value):
            kind = type(value)
            named = {name: _plain(getattr(value, name)) for name in _compared(kind)}
            return {"kind": kind.__name__, **named}
        case _:
            raise TypeError(f"a {type(value).__name__} has no normal form")


@cache
def _compared(kind: "type[DataclassInstance]") -> tuple[str, ...]:
    """What is not compared follows from what is: an expression's function from its text."""
    return tuple(each.name for each in fields(kind) if each.compare)
