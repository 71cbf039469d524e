"""Everybody of the pool, seen from one contact: who could take it, who could not, and why.

All of it is found by looking at everybody, and by the rules as they are written rather than by the
indexes: an explanation that only repeated what the indexes say could not be believed.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from router.agent_state import EngagementPhase
from router.chat_order import Free
from router.grounds import Candidate, Excluded, Exclusion, Lack, Standing
from router.idle_order import MEASURES
from router.matching import Profile
from router.model import (
    AgentId,
    Channel,
    ContactOrder,
    LevelOrder,
    Presence,
    Queue,
    Requirement,
    Skill,
)
from router.offers import Offers
from router.seats import Seat, Seats

EXCLUDED_TOLD_MAX = 1_000
"""Agents told by name as excluded from one choice; more are counted."""

Levels = Mapping[Skill, int]

_ENGAGED = {
    EngagementPhase.RESERVED: Exclusion.RINGING,
    EngagementPhase.CONNECTED: Exclusion.TALKING,
    EngagementPhase.WRAP_UP: Exclusion.WRAP_UP,
}

_SIGNS = {LevelOrder.ANY: 0, LevelOrder.LOWEST: 1, LevelOrder.HIGHEST: -1}

_Rank = tuple[bool, int, int, int, int, int]
"""Missed it before, level, what the pool wants, chats, the queue's order, when she became idle."""


@dataclass(frozen=True, slots=True)
class Crowd:
    """Everybody of the pool, seen from one contact: who could take it, and who could not.

    ``left_out`` more have none of the skills asked, or are beyond what is told.
    """

    candidates: tuple[Candidate, ...]
    excluded: tuple[Excluded, ...]
    left_out: int


class Muster:
    """All agents, mustered once for one contact that asks for somebody."""

    def __init__(
        self,
        seats: Seats,
        offers: Offers,
        *,
        rules: Queue,
        standing: Standing,
        order: ContactOrder,
    ) -> None:
        self._seats = seats
        self._offers = offers
        self._rules = rules
        self._standing = standing
        is_chat = rules.channel is Channel.CHAT
        self._not_free = self._not_free_for_chats if is_chat else self._not_free_for_calls
        self._frees = self._free_for_chats() if is_chat else {}
        self._imbalances = self._imbalances_now() if order is ContactOrder.RATIO else None

    def crowd(self, missed_by: Collection[AgentId], *, freed: Seat | None = None) -> Crowd:
        """Who could take it, the first by the rules first.

        Where an agent ``freed`` chooses, she alone could: whoever was idle before took it before.
        """
        candidates: list[tuple[_Rank, Candidate]] = []
        told: list[Excluded] = []
        too_low: list[Excluded] = []
        left_out = 0
        for seat in self._seats.all():
            excluded = self._exclusion(seat, freed)
            if excluded is None:
                candidates.append(self._candidate(seat, missed_by))
            elif excluded.rule is not Exclusion.LEVEL:
                told.append(excluded)
            elif any(each.has for each in excluded.lacks):
                too_low.append(excluded)
            else:
                left_out += 1
        told += too_low
        left_out += max(0, len(told) - EXCLUDED_TOLD_MAX)
        ordered = tuple(each for _, each in sorted(candidates, key=_rank_of))
        return Crowd(ordered, tuple(told[:EXCLUDED_TOLD_MAX]), left_out)

    def _exclusion(self, seat: Seat, freed: Seat | None) -> Excluded | None:
        agent, asked = seat.agent.id, self._standing.requirement
        if self._standing.preferred not in (None, agent):
            return Excluded(agent, Exclusion.LEVEL)
        if asked is not None and not asked.met_by(seat.agent.skills):
            return Excluded(agent, Exclusion.LEVEL, lacks=_nearest(asked, seat.agent.skills))
        rule = not_there(self._seats, seat, self._rules.channel) or self._not_free(seat)
        if rule is None:
            is_asked = is_idle(seat, self._rules.channel) if freed is None else seat is freed
            return None if is_asked else Excluded(agent, Exclusion.JUST_FREED)
        contact = None if seat.offer is None else self._offers.contact_of(seat.offer)
        return Excluded(agent, rule, reason=seat.reason, contact=contact)

    def _not_free_for_chats(self, seat: Seat) -> Exclusion | None:
        if seat.phase is not EngagementPhase.NONE:
            return _ENGAGED[seat.phase]
        if seat.put_off is not None:
            return Exclusion.PAUSING
        if len(seat.chats) >= seat.agent.chats_max:
            return Exclusion.CHATS_FULL
        return Exclusion.RESTING if seat.resting else None

    def _not_free_for_calls(self, seat: Seat) -> Exclusion | None:
        if seat.phase is not EngagementPhase.NONE:
            return _ENGAGED[seat.phase]
        if seat.chats:
            return Exclusion.CHATTING
        if seat.resting:
            return Exclusion.RESTING
        if seat.device is None or self._seats.devices.is_free(seat.device):
            return None
        is_own = self._seats.devices.own_calls(seat.device)
        return Exclusion.OWN_CALL if is_own else Exclusion.PHONE_IN_USE

    def _candidate(self, seat: Seat, missed_by: Collection[AgentId]) -> tuple[_Rank, Candidate]:
        agent, skills = seat.agent.id, seat.agent.skills
        asked = _asked_of(self._standing.requirement, skills)
        candidate = Candidate(
            agent,
            levels={skill: skills.get(skill, 0) for skill in asked},
            missed_before=agent in missed_by,
            grade=_grade(asked, skills),
            imbalance=None if self._imbalances is None else self._imbalances[seat.profile],
            chats=len(seat.chats),
            accepted_today=seat.day.accepted,
            occupancy_permille=seat.day.permille,
            idle_since_at=seat.day.idle_since,
        )
        level = _SIGNS[self._rules.levels] * candidate.grade
        wanted = -(candidate.imbalance or 0)
        return (candidate.missed_before, level, wanted, *self._order(seat)), candidate

    def _order(self, seat: Seat) -> tuple[int, int, int]:
        """Her chats, what the queue's order measures, and when she became idle; as of then."""
        agent, order = seat.agent.id, self._rules.agents
        free = self._frees.get(agent)
        if free is not None:
            return free.key(order)[:3]
        measure = MEASURES.get(order)
        became_idle = seat.profile.idle.get(agent, 0)
        return 0, 0 if measure is None else measure(seat.day), became_idle

    def _free_for_chats(self) -> dict[AgentId, Free]:
        profiles = dict.fromkeys(seat.profile for seat in self._seats.all())
        return {free.agent: free for profile in profiles for free in profile.chats}

    def _imbalances_now(self) -> dict[Profile, int]:
        """By how much each profile has more idle agents than its part of the staff."""
        seats, channel = self._seats.all(), self._rules.channel
        staff = Counter(each.profile for each in seats if not _not_staffed(self._seats, each))
        idle = Counter(each.profile for each in seats if is_idle(each, channel))
        return {
            each.profile: idle[each.profile] * staff.total() - staff[each.profile] * idle.total()
            for each in seats
        }


def is_idle(seat: Seat, channel: Channel) -> bool:
    """Whether she stands among those whom contacts of this channel find."""
    profile = seat.profile
    return seat.agent.id in (profile.chats if channel is Channel.CHAT else profile.idle)


def not_there(seats: Seats, seat: Seat, channel: Channel) -> Exclusion | None:
    """Why no contact of this channel can wait for her; None if she is there, busy or not."""
    if channel is Channel.CHAT and not seat.agent.chats_max:
        return Exclusion.NO_CHATS
    return _not_staffed(seats, seat)


def _not_staffed(seats: Seats, seat: Seat) -> Exclusion | None:
    """Why nobody can wait for her; None if she is there, busy or not."""
    if seat.retired:
        return Exclusion.RETIRED
    if seat.device is None or seat.presence is Presence.SIGNED_OUT:
        return Exclusion.SIGNED_OUT
    if seat.presence is Presence.ON_BREAK:
        return Exclusion.ON_BREAK
    return None if seats.devices.is_reachable(seat.device) else Exclusion.UNREACHABLE


def _rank_of(ranked: tuple[_Rank, Candidate]) -> _Rank:
    return ranked[0]


def _asked_of(requirement: Requirement | None, skills: Levels) -> Levels:
    """The alternative that she meets most narrowly."""
    alternatives = () if requirement is None else requirement.alternatives
    met: list[Levels] = [each for each in alternatives if not _lacks(each, skills)]
    return min(met, key=lambda each: _grade(each, skills)) if met else {}


def _grade(asked: Levels, skills: Levels) -> int:
    """By how much her levels exceed what this alternative asks, summed up."""
    return sum(skills.get(skill, 0) - level for skill, level in asked.items())


def _lacks(asked: Levels, skills: Levels) -> tuple[Lack, ...]:
    return tuple(
        Lack(skill, skills.get(skill, 0), level)
        for skill, level in asked.items()
        if skills.get(skill, 0) < level
    )


def _nearest(requirement: Requirement, skills: Levels) -> tuple[Lack, ...]:
    """What she lacks of the alternative that she lacks least of."""
    each_lacks = [_lacks(asked, skills) for asked in requirement.alternatives]
    return min(each_lacks, key=_missing, default=())


def _missing(lacks: tuple[Lack, ...]) -> int:
    return sum(each.needs - each.has for each in lacks)
