"""What a dialled string means at a site: a hotline, a feature code, or nothing."""

from collections.abc import Mapping
from dataclasses import dataclass

from ivr.flow.model import Hotline, Language
from ivr.flow.site import Site
from router.model import AgentId, PresenceChange, qualified

SERVICE_LANGUAGE = Language("zh-CN")
"""What agents hear at a site that has no hotline."""

_CODE_MARK = "*"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a feature code asks of the router; ``agent`` and ``reason`` as far as dialled."""

    change: PresenceChange
    agent: AgentId | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Switchboard:
    """A site as callers meet it. ``language`` is what agents hear when they dial a code."""

    site: str
    hotlines: Mapping[str, Hotline]
    codes: Mapping[PresenceChange, str]
    reasons: Mapping[str, str]
    language: Language

    def hotline(self, dialled: str) -> Hotline | None:
        """The hotline of this number."""
        return self.hotlines.get(dialled)

    def asked(self, dialled: str) -> Asked | None:
        """What this code asks for; None when no code says this."""
        for change, code in self.codes.items():
            if dialled.startswith(code):
                return self._asked(change, dialled.removeprefix(code))
        return None

    def _asked(self, change: PresenceChange, rest: str) -> Asked | None:
        match change:
            case PresenceChange.SIGN_IN if rest:
                return Asked(change, agent=AgentId(qualified(rest)))
            case PresenceChange.PAUSE:
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
            PresenceChange.SIGN_IN: codes.sign_in,
            PresenceChange.SIGN_OUT: codes.sign_out,
            PresenceChange.PAUSE: codes.pause,
            PresenceChange.RESUME: codes.resume,
        },
        reasons=dict(site.pause_reasons),
        language=lines[0].languages[0] if lines else SERVICE_LANGUAGE,
    )
