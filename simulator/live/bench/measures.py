"""From what the witnesses wrote down to the numbers of a bench; no clock and no process here.

``percentile`` is the nearest-rank one: a value that really occurred.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

ECHO_PACKETS_PER_MS = 1 / 20
TALK_HEARD_MIN = 0.5
"""The part of the talk in which a caller must hear herself, for the call to count as served."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Some times in milliseconds: how many, the extremes, the middle one, the slow ones."""

    count: int
    min: float | None
    p50: float | None
    p95: float | None
    max: float | None


def percentile(values: Sequence[float], percent: float) -> float | None:
    """The smallest value that at least so many percent do not exceed; None of nothing."""
    if not values:
        return None
    rank = max(1, math.ceil(len(values) * percent / 100))
    return sorted(values)[rank - 1]


def spread(values: Sequence[float]) -> Spread:
    """The spread of some times, to a tenth of a millisecond."""

    def tenth(value: float | None) -> float | None:
        return None if value is None else round(value, 1)

    quickest, slowest = (min(values), max(values)) if values else (None, None)
    middle, slow = percentile(values, 50), percentile(values, 95)
    return Spread(len(values), tenth(quickest), tenth(middle), tenth(slow), tenth(slowest))


@dataclass(slots=True)
class CallersLog:
    """What SIPp's callers logged, as the scenario says it."""

    answered_ns: dict[str, int] = field(default_factory=dict[str, int])
    "When each caller read the 200 OK; wall clock."
    ended: set[str] = field(default_factory=set[str])
    "Callers whose call ended as it should."


def read_callers_log(lines: Iterable[str]) -> CallersLog:
    """The log of the callers' scenario; what is no line of ours is left out."""
    log = CallersLog()
    for line in lines:
        match line.split():
            case ["answered", number, seconds, microseconds]:
                # SIPp prints both as floating-point numbers without a fraction.
                at_us = int(float(seconds)) * 1_000_000 + int(float(microseconds))
                log.answered_ns[number] = at_us * 1_000
            case ["ended", number]:
                log.ended.add(number)
            case _:
                pass
    return log


def first_sound_ms(
    answered_ns: Mapping[str, int], first_packet_ns: Mapping[str, int]
) -> list[float]:
    """For each caller who was answered and heard something: from the 200 OK to the first packet."""
    return [
        (first_packet_ns[number] - at_ns) / 1e6
        for number, at_ns in answered_ns.items()
        if number in first_packet_ns
    ]


def served(ended: Iterable[str], own_packets: Mapping[str, int], *, talk_ms: int) -> set[str]:
    """The callers whose call ended in order, after a talk in which both ways carried audio."""
    enough = talk_ms * ECHO_PACKETS_PER_MS * TALK_HEARD_MIN
    return {number for number in ended if own_packets.get(number, 0) >= enough}


Line = Mapping[str, object]


def free_to_bridge_ms(trace: Iterable[Line], *, wrap_up_ms: int) -> list[int]:
    """How long it took from an agent free for a waiting contact till the two were joined.

    For each contact that was joined: from the later of its entering the queue and its agent's
    becoming idle (the end of her wrap-up) to the word that both are in one bridge. The times are
    the engine's own, of the turns in its trace; the agent's picking up is part of them.
    """
    return _Waiting(wrap_up_ms).read(trace)


class _Waiting:
    """One pass over a trace."""

    def __init__(self, wrap_up_ms: int) -> None:
        self._wrap_up_ms = wrap_up_ms
        self._queued: dict[str, int] = {}
        self._idle: dict[str, int] = {}
        self._agent_of_offer: dict[str, str] = {}
        self._agent_of_contact: dict[str, str] = {}
        self._waited: dict[str, int] = {}

    def read(self, trace: Iterable[Line]) -> list[int]:
        """The waits of all contacts in it."""
        for line in trace:
            at = line.get("at")
            event = line.get("event")
            if not isinstance(at, int) or not isinstance(event, dict):
                continue
            self._event(cast("Line", event), at)
            for effect in cast("Sequence[Line]", line.get("effects") or ()):
                self._effect(effect, at)
        return list(self._waited.values())

    def _event(self, event: Line, at: int) -> None:
        if event.get("type") != "LegsBridged":
            return
        contact = str(event["leg"]).rpartition(".")[0]
        agent = self._agent_of_contact.get(contact)
        queued = self._queued.get(contact)
        if agent is None or queued is None or contact in self._waited:
            return
        free = max(queued, self._idle.get(agent, queued))
        self._waited[contact] = at - free

    def _effect(self, effect: Line, at: int) -> None:
        match effect.get("type"):
            case "QueueContact":
                self._queued.setdefault(str(effect["contact"]), at)
            case "OfferMade":
                agent = str(effect["agent"])
                self._agent_of_offer[str(effect["offer"])] = agent
                self._agent_of_contact[str(effect["contact"])] = agent
            case "EndEngagement":
                agent_then = self._agent_of_offer.get(str(effect["offer"]))
                if agent_then is not None:
                    self._idle[agent_then] = at + self._wrap_up_ms
            case _:
                pass
