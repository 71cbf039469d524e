"""The words for a choice: why this agent and no other, why this contact and no other."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from ivr.call.announcing import MINUTE_MS
from ivr.cli.contact_story import span
from ivr.flow.requirement import SkillRequirement
from ivr.flow.transfers import asked_text
from ivr.prompts.fragments import EXPECTED_MINUTES_MAX
from router.explain import Offered
from router.grounds import Candidate, Competitor, Excluded, Exclusion
from router.model import (
    AgentId,
    AgentOrder,
    ContactId,
    ContactOrder,
    LevelOrder,
    Millis,
    Requirement,
    local_name,
)

NAMED_MAX = 12
"""Agents or contacts named in one sentence; more are counted."""

MISSED_OFFERS = "missed_offers"
"""The router's own reason of a break."""

Clock = Callable[[Millis], str]
"""The time of day of an engine time."""

T = TypeVar("T")

_STATES = {
    Exclusion.LEVEL: "{} cannot do what this queue asks for",
    Exclusion.NO_CHATS: "{} takes no chats",
    Exclusion.RETIRED: "{} is in the site no longer",
    Exclusion.SIGNED_OUT: "{} is signed out",
    Exclusion.ON_BREAK: "{} is on break",
    Exclusion.UNREACHABLE: "the phone of {} cannot be reached",
    Exclusion.RINGING: "{} is being rung",
    Exclusion.TALKING: "{} talks",
    Exclusion.WRAP_UP: "{} wraps up",
    Exclusion.RESTING: "{} rests after an offer that came to nothing",
    Exclusion.CHATTING: "{} chats",
    Exclusion.PAUSING: "{} pauses after her contact",
    Exclusion.CHATS_FULL: "{} has as many chats as she may",
    Exclusion.OWN_CALL: "{} is in a call of her own",
    Exclusion.PHONE_IN_USE: "the phone of {} is still in use by somebody else",
    Exclusion.JUST_FREED: "{} becomes free only now",
}

_TIES = {
    AgentOrder.FEWEST_TODAY: "as many contacts today",
    AgentOrder.LEAST_OCCUPIED: "equally occupied today",
}


@dataclass(frozen=True, slots=True)
class Names:
    """Agents as the site names them."""

    titles: Mapping[str, str]

    def full(self, agent: AgentId) -> str:
        """Her name and title: ``1006 (Group business expert 1)``."""
        name = local_name(agent)
        title = self.titles.get(name)
        return f"{name} ({title})" if title else name


def length(milliseconds: Millis) -> str:
    """A length of time without what is zero: ``20 s``, ``1.5 s``, ``2 min``, ``2 min 5 s``."""
    said = span(max(0, milliseconds)).replace(".0 s", " s")
    return said.removesuffix(" 0 min").removesuffix(" 0 s") if " 0 " in said else said


def after_ringing(rang_ms: Millis) -> str:
    """How long her phone rang before: ``after 5 s of ringing``, ``at once``."""
    rang = length(rang_ms)
    return "at once" if rang == length(0) else f"after {rang} of ringing"


def wait_told(expected_ms: Millis) -> str:
    """What the caller heard of this wait: rounded up to whole minutes, and not beyond an hour."""
    minutes = max(1, -(-expected_ms // MINUTE_MS))
    return "more than an hour" if minutes > EXPECTED_MINUTES_MAX else f"about {minutes} min"


def listed(phrases: Sequence[str], *, more: int = 0, between: str = ", ") -> str:
    """The phrases, as far as a sentence bears them: ``1001, 1002, and 12 more``."""
    more += max(0, len(phrases) - NAMED_MAX)
    said = [*phrases[:NAMED_MAX], *([f"and {more} more"] if more else [])]
    return between.join(said)


def needed(requirement: Requirement | None) -> str:
    """What is asked, as an author would write it: ``data >= 3``."""
    if requirement is None:
        return "anything"
    alternatives = tuple(
        {str(skill): level for skill, level in each.items()} for each in requirement.alternatives
    )
    return asked_text(SkillRequirement(alternatives))


def states(excluded: Sequence[Excluded], *, own: ContactId | None = None) -> list[str]:
    """Why those who have the skills could not be taken; ``own`` is the contact itself."""
    return [_state(each, own) for each in excluded if each.rule is not Exclusion.LEVEL]


def too_low(excluded: Sequence[Excluded]) -> list[str]:
    """Who has the skill, and too little of it: ``1001 has data 1, not 3``."""
    return [
        f"{local_name(each.agent)} has "
        + " and ".join(f"{lack.skill} {lack.has}, not {lack.needs}" for lack in each.lacks)
        for each in excluded
        if each.rule is Exclusion.LEVEL and each.lacks
    ]


def state_of(excluded: Excluded) -> str:
    """Why this one agent could not be taken, with her name: ``1003 is on break: lunch``."""
    return _state(excluded, None)


def her_state(excluded: Excluded | None) -> str:
    """Why one agent could not be taken, who is named already: ``she is on break: lunch``."""
    if excluded is None:
        return "she is not there"
    return _state(excluded, None, name="she").replace("the phone of she", "her phone")


def _state(excluded: Excluded, own: ContactId | None, *, name: str | None = None) -> str:
    name = name or local_name(excluded.agent)
    if excluded.rule is Exclusion.ON_BREAK and excluded.reason == MISSED_OFFERS:
        return f"{name} is taken for absent after missed offers"
    said = _STATES[excluded.rule].format(name)
    if excluded.rule is Exclusion.ON_BREAK and excluded.reason:
        said += f": {excluded.reason}"
    if excluded.rule in (Exclusion.RINGING, Exclusion.TALKING) and excluded.contact == own:
        said += " with this very contact" if excluded.rule is Exclusion.TALKING else " for it"
    return said


def why_her(offered: Offered, clock: Clock) -> str:
    """By which rules she comes before all others who were idle."""
    first, *others = offered.candidates or (Candidate(offered.agent, {}),)
    if not others:
        return "the only one idle"
    said, left = _narrowed(offered.candidates, _agent_rules(offered, first))
    if len(left) > 1:
        since = first.idle_since_at
        if offered.agents in _TIES:
            said.append(_TIES[offered.agents])
        said.append(f"idle longest of {len(left)}" + (f" (since {clock(since)})" if since else ""))
    behind = listed([_candidate(each, clock) for each in others])
    between = "; " if _TIES.get(offered.agents) in said else ", "
    return f"{between.join(said)}; behind her: {behind}"


def _agent_rules(
    offered: Offered, first: Candidate
) -> list[tuple[Callable[[Candidate], object], str]]:
    """What is weighed, in this order, and what to say where it decides."""
    rules: list[tuple[Callable[[Candidate], object], str]] = [
        (lambda each: each.missed_before, "she was not offered it in vain before"),
    ]
    if offered.levels is not LevelOrder.ANY:
        which = "lowest sufficient" if offered.levels is LevelOrder.LOWEST else "highest"
        rules.append((lambda each: each.grade, f"the {which} level ({_levels(first)})"))
    if offered.contacts is ContactOrder.RATIO:
        rules.append(
            (lambda each: each.imbalance, "of the skills that are idle most for their number")
        )
    rules.append((lambda each: each.chats, f"fewest chats in hand ({first.chats})"))
    if offered.agents is AgentOrder.FEWEST_TODAY:
        fewest = f"fewest contacts today ({first.accepted_today})"
        rules.append((lambda each: each.accepted_today, fewest))
    elif offered.agents is AgentOrder.LEAST_OCCUPIED:
        least = f"least occupied today ({percent(first.occupancy_permille)})"
        rules.append((lambda each: each.occupancy_permille, least))
    return rules


def _narrowed(
    those: Sequence[T], rules: Sequence[tuple[Callable[[T], object], str]]
) -> tuple[list[str], list[T]]:
    """What is said by the rules that told the first from any of them; who is left equal to it."""
    said: list[str] = []
    left = list(those)
    for value, words in rules:
        same = [each for each in left if value(each) == value(left[0])]
        if len(same) < len(left):
            said.append(words)
        left = same
    return said, left


def percent(permille: int | None) -> str:
    """A part of a thousand as people say it: ``42.5 %``."""
    return f"{(permille or 0) / 10:g} %"


def _levels(candidate: Candidate) -> str:
    levels = [f"{skill} {level}" for skill, level in candidate.levels.items()]
    return ", ".join(levels) or "none asked"


def _candidate(candidate: Candidate, clock: Clock) -> str:
    facts = [f"{skill} {level}" for skill, level in candidate.levels.items()]
    if candidate.missed_before:
        facts.append("was offered it in vain")
    if candidate.chats:
        facts.append(f"{candidate.chats} chats in hand")
    if candidate.idle_since_at is not None:
        facts.append(f"idle since {clock(candidate.idle_since_at)}")
    return local_name(candidate.agent) + (f" ({', '.join(facts)})" if facts else "")


def why_it(offered: Offered) -> str:
    """By which rules this contact's turn came before all others that she could have taken."""
    if len(offered.competitors) < 2:
        return "it is first in line for her"
    own, *others = offered.competitors
    said, left = _narrowed(offered.competitors, _contact_rules(offered.contacts, own))
    if len(left) > 1:
        said.append(f"it counts as waiting longest, {length(own.waiting_ms)}")
    behind = listed([_competitor(each) for each in others])
    return f"{', '.join(said)}; behind it: {behind}"


def _contact_rules(
    order: ContactOrder, own: Competitor
) -> list[tuple[Callable[[Competitor], object], str]]:
    first = f"class {own.contact_class} comes first"
    rules: list[tuple[Callable[[Competitor], object], str]] = [
        (lambda each: each.contact_class, first)
    ]
    if order is ContactOrder.FAIR:
        rules.append((lambda each: each.passed, "its queue has had the least of its share"))
    elif order is ContactOrder.RATIO:
        rules.append((lambda each: each.imbalance, "its queue is longest for its share"))
    return rules


def why_another(own: Competitor, taken: Competitor, order: ContactOrder, *, ahead: int) -> str:
    """By which rule another contact's turn came before this one's."""
    if taken.contact_class != own.contact_class:
        return f"class {taken.contact_class} comes before class {own.contact_class}"
    if order is ContactOrder.FAIR and taken.passed != own.passed:
        return "that queue has had less of its share"
    if order is ContactOrder.RATIO and taken.imbalance != own.imbalance:
        return "that queue is longer for its share"
    if taken.waiting_ms == own.waiting_ms:
        why = "it came first, and waits as long"
    else:
        counts = f"{length(taken.waiting_ms)} against {length(own.waiting_ms)}"
        why = f"it counts as waiting longer, {counts}"
    if taken.queue == own.queue and taken.step == own.step:
        why += f"; this contact is number {ahead + 1} in the same line"
    return why


def _competitor(each: Competitor) -> str:
    return f"{each.contact} of {local_name(each.queue)} (counts as {length(each.waiting_ms)})"
