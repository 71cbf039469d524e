"""What a dialled string means at a site: a hotline, a feature code, or nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from ivr.flow.model import Hotline, Language
from ivr.flow.site import DeskTransfers, Site
from router.model import AgentId, QueueId, qualified

SERVICE_LANGUAGE = Language("zh-CN")
"""What agents hear at a site that has no hotline."""

_CODE_MARK = "*"


class Said(Enum):
    """What an agent can say by dialling a code on her device; its values are the codes' keys."""

    SIGN_IN = "sign_in"
    SIGN_OUT = "sign_out"
    PAUSE = "pause"
    RESUME = "resume"
    WRAP_UP_END = "wrap_up_end"
    WRAP_UP_EXTEND = "wrap_up_extend"
    PAUSE_AFTER = "pause_after"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a feature code asks of the router; ``agent`` and ``reason`` as far as dialled."""

    change: Said
    agent: AgentId | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Switchboard:
    """A site as callers meet it. ``language`` is what agents hear when they dial a code."""

    site: str
    hotlines: Mapping[str, Hotline]
    codes: Mapping[Said, str]
    reasons: Mapping[str, str]
    language: Language
    placeless: frozenset[QueueId] = frozenset()
    """The queues in which nobody is told her place."""
    desk: DeskTransfers | None = None
    """What agents may transfer to by keys."""
    agents: frozenset[AgentId] = frozenset()
    queues: frozenset[QueueId] = frozenset()

    def hotline(self, dialled: str) -> Hotline | None:
        """The hotline of this number."""
        return self.hotlines.get(dialled)

    def asked(self, dialled: str) -> Asked | None:
        """What this code asks for; None when no code says this."""
        for change, code in self.codes.items():
            if dialled.startswith(code):
                return self._asked(change, dialled.removeprefix(code))
        return None

    def _asked(self, change: Said, rest: str) -> Asked | None:
        match change:
            case Said.SIGN_IN if rest:
                return Asked(change, agent=AgentId(qualified(rest)))
            case Said.PAUSE | Said.PAUSE_AFTER:
                reason = self.reasons.get(rest)
                return None if reason is None else Asked(change, reason=reason)
            case _:
                return None if rest else Asked(change)


def is_code(dialled: str) -> bool:
    """Whether a device that dials this means a feature code, known or not."""
    return dialled.startswith(_CODE_MARK)


def switchboard_of(site: Site) -> Switchboard:
    """The switchboard of a site; a number that two hotlines claim belongs to the first by name."""
    numbers: dict[str, Hotline] = {}
    lines = [site.hotlines[name] for name in sorted(site.hotlines)]
    for line in lines:
        for number in line.numbers:
            numbers.setdefault(number, line)
    codes = site.feature_codes
    return Switchboard(
        site=site.version,
        hotlines=numbers,
        codes={
            Said.SIGN_IN: codes.sign_in,
            Said.SIGN_OUT: codes.sign_out,
            Said.PAUSE: codes.pause,
            Said.RESUME: codes.resume,
            Said.WRAP_UP_END: codes.wrap_up_end,
            Said.WRAP_UP_EXTEND: codes.wrap_up_extend,
            Said.PAUSE_AFTER: codes.pause_after,
        },
        reasons=dict(site.pause_reasons),
        language=lines[0].languages[0] if lines else SERVICE_LANGUAGE,
        placeless=frozenset(
            QueueId(qualified(each.name))
            for each in site.queues.values()
            if each.hold.announce is not None and not each.hold.announce.position
        ),
        desk=site.desk_transfers,
        agents=frozenset(AgentId(qualified(name)) for name in site.agents),
        queues=frozenset(QueueId(qualified(each.name)) for each in site.queues.values()),
    )
