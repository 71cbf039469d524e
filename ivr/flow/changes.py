"""What a changed site changes, in the words of whoever changed it.

Pure: two sites in, a list out. It tells what the engine does with the change as well, so far as
authors must know it: what is new holds for new contacts, queues and agents change for all.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from enum import Enum
from typing import Any

from ivr.flow.model import Hotline
from ivr.flow.site import Site


class Part(Enum):
    """What kind of thing of a site differs."""

    SITE = "site"
    HOTLINE = "hotline"
    NODE = "node"
    QUEUE = "queue"
    AGENT = "agent"
    DEVICE = "device"
    SKILL = "skill"
    FEATURE_CODE = "feature code"
    PAUSE_REASON = "pause reason"
    SERVICE = "service"
    OUTSIDE_NUMBER = "outside number"


class How(Enum):
    """What became of it."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is new, gone, or different in ``keys``, its keys in the author's files."""

    part: Part
    name: str
    how: How
    keys: tuple[str, ...] = ()

    def __str__(self) -> str:
        what = f"{self.part.value} {self.name} {self.how.value}"
        return f"{what}: {', '.join(self.keys)}" if self.keys else what


_KEYS = {
    "ring_ms_max": "ring",
    "wait_ms_max": "limits.wait",
    "waiting": "limits.waiting",
    "wrap_up_ms": "wrap_up",
    "wrap_up_ms_max": "wrap_up.max",
    "expected_wait_ms_max": "limits.expected_wait",
    "contact_class": "class",
    "misses_max": "misses",
    "noinput_after_ms": "noinput.after",
    "between_digits_ms": "between_digits",
    "priority_ms": "priority",
    "within_ms": "within",
    "max_ms": "max",
    "silence_ms": "silence",
    "timeout_ms": "timeout",
    "patience_ms_max": "service",
    "cache_ms": "cache",
    "sends": "send",
    "takes": "into",
    "prompts": "prompt",
    "cases": "branch",
    "otherwise": "else",
    "changes": "set",
    "rules": "digits",
    "what": "say",
    "values": "message",
    "texts": "messages",
    "desk_transfers": "transfers",
}
"""Where a field has another name than its key in the files."""

_AGENT_KEYS = {"title": "name"}

_TOLD_BY_NAME = (
    "hotlines",
    "queues",
    "agents",
    "devices",
    "skills",
    "feature_codes",
    "pause_reasons",
    "services",
    "outside_numbers",
    "version",
)


def differences(old: Site, new: Site) -> tuple[Change, ...]:
    """All that differs, sorted by kind, then name; of two sites of one version nothing does."""
    return tuple(_differences(old, new))


def _differences(old: Site, new: Site) -> Iterator[Change]:
    keys = _unequal(old, new, but=_TOLD_BY_NAME)
    if keys:
        yield Change(Part.SITE, new.tenant, How.CHANGED, keys)
    yield from _hotlines(old.hotlines, new.hotlines)
    yield from _named(Part.QUEUE, old.queues, new.queues)
    yield from _named(Part.AGENT, old.agents, new.agents, words=_AGENT_KEYS)
    yield from _named(Part.DEVICE, old.devices, new.devices)
    # The order in which skills are listed means nothing.
    before, after = dict.fromkeys(old.skills), dict.fromkeys(new.skills)
    yield from _named(Part.SKILL, before, after)
    codes_before, codes_after = _by_field(old.feature_codes), _by_field(new.feature_codes)
    yield from _named(Part.FEATURE_CODE, codes_before, codes_after)
    yield from _named(Part.PAUSE_REASON, old.pause_reasons, new.pause_reasons)
    yield from _named(Part.SERVICE, old.services, new.services)
    yield from _named(Part.OUTSIDE_NUMBER, old.outside_numbers, new.outside_numbers)


def _hotlines(old: Mapping[str, Hotline], new: Mapping[str, Hotline]) -> Iterator[Change]:
    for name in sorted(old.keys() | new.keys()):
        before, after = old.get(name), new.get(name)
        if before is None or after is None:
            yield Change(Part.HOTLINE, name, How.ADDED if before is None else How.REMOVED)
            continue
        keys = _unequal(before, after, but=("flow",))
        # Where a node was written follows from the nodes, unless they are the same.
        same = before.flow.nodes == after.flow.nodes
        if _unequal(before.flow, after.flow, but=("nodes",) if same else ("nodes", "sources")):
            keys = (*keys, "flow")
        if keys:
            yield Change(Part.HOTLINE, name, How.CHANGED, keys)
        for change in _named(Part.NODE, before.flow.nodes, after.flow.nodes):
            yield Change(Part.NODE, f"{name}/{change.name}", change.how, change.keys)


def _named(
    part: Part,
    old: Mapping[Any, object],
    new: Mapping[Any, object],
    *,
    words: Mapping[str, str] | None = None,
) -> Iterator[Change]:
    for name in sorted(old.keys() | new.keys()):
        if name not in old:
            yield Change(part, name, How.ADDED)
        elif name not in new:
            yield Change(part, name, How.REMOVED)
        elif old[name] != new[name]:
            keys = _unequal(old[name], new[name], words=words or {})
            yield Change(part, name, How.CHANGED, keys)


def _unequal(
    old: Any, new: Any, *, words: Mapping[str, str] | None = None, but: tuple[str, ...] = ()
) -> tuple[str, ...]:
    """The keys in which two values of one type differ; none where there is nothing to name."""
    if type(old) is not type(new) or not hasattr(old, "__dataclass_fields__"):
        return ()
    known = {**_KEYS, **(words or {})}
    return tuple(
        known.get(each.name, each.name)
        for each in fields(old)
        if each.name not in but and getattr(old, each.name) != getattr(new, each.name)
    )


def _by_field(value: Any) -> dict[str, object]:
    return {each.name: getattr(value, each.name) for each in fields(value)}
