"""A site as a value: everything one tenant's YAML says, and the address of its content."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from enum import Enum

from ivr.flow.model import Hotline
from ivr.flow.requirement import SkillRequirement

SHARED = "shared"
"""The folder, and so the first part of the name, of queues that belong to no single hotline."""

VERSION_FORM = "expertline-site-1"
"""Part of every version: a change of how content is written down must not reuse an address."""


@dataclass(frozen=True, slots=True)
class DeviceEntry:
    """A phone that agents sign in at. Its password is generated elsewhere, never written here."""

    name: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class AgentEntry:
    """A person who takes contacts; ``device`` is her fixed seat, None where seating is free."""

    name: str
    title: str
    skills: Mapping[str, int]
    device: str | None = None


@dataclass(frozen=True, slots=True)
class QueueStep:
    """A timed stage: who may take the contact, and for how long it stays so; None is for good."""

    requirement: SkillRequirement
    for_ms: int | None = None


@dataclass(frozen=True, slots=True)
class QueueEntry:
    """A queue by its qualified name, with its steps and the bounds of waiting."""

    name: str
    steps: tuple[QueueStep, ...]
    ring_ms_max: int
    wait_ms_max: int
    wrap_up_ms: int


@dataclass(frozen=True, slots=True)
class Site:
    """The hotlines, queues, skills, agents and devices of one tenant, checked as a whole.

    ``version`` is the content's address: equal for equal meaning, whatever the files' order and
    layout.
    Flows that a hotline does not begin with are no part of the site.
    """

    tenant: str
    hotlines: Mapping[str, Hotline]
    queues: Mapping[str, QueueEntry]
    agents: Mapping[str, AgentEntry]
    devices: Mapping[str, DeviceEntry]
    skills: tuple[str, ...]
    version: str = field(init=False)

    def __post_init__(self) -> None:
        content = (
            self.tenant,
            self.hotlines,
            self.queues,
            self.agents,
            self.devices,
            self.skills,
        )
        object.__setattr__(self, "version", content_address(content))


def content_address(value: object) -> str:
    """SHA-256 over a value's normal form: fields by name, mappings by sorted key."""
    written = json.dumps(
        [VERSION_FORM, _plain(value)], sort_keys=True, ensure_ascii=True, separators=(",", ":")
    )
    return hashlib.sha256(written.encode()).hexdigest()


def _plain(value: object) -> object:
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
            named = {each.name: _plain(getattr(value, each.name)) for each in fields(value)}
            return {"kind": type(value).__name__, **named}
        case _:
            raise TypeError(f"a {type(value).__name__} has no normal form")
