"""What a world is like: drawn from its seed before anything happens in it.

Each source of chance has a stream of its own, so that one more draw in one of them shifts nothing
in the others: with another fault on the wire the same callers come at the same times. A fault that
is in every world hides what shows only without it, so each world first draws which it has at all.
"""

import random
from dataclasses import dataclass, field, replace
from typing import Final

from router.model import Millis

ORDERLY_SHARE: Final = 0.7
"""Worlds whose wire keeps its promises: each message arrives, those of one contact in order."""


def stream(seed: int, name: str) -> random.Random:
    """The source of chance of this name in the world of this seed."""
    return random.Random(f"{seed}/{name}")  # noqa: S311 - a world that comes again with its seed


@dataclass(frozen=True, slots=True)
class WireFaults:
    """What becomes of the messages between call side and router; shares of all messages.

    A wire with the first four only is *orderly*: it brings each message, and those of one contact
    or device in the order in which they were said, as an ordered log does that is read at least
    once. The others break that promise on purpose.
    """

    delay_ms: Millis = 0
    """Each message takes up to so long."""
    slow: float = 0.0
    """Those that take up to ``slow_ms`` more."""
    slow_ms: Millis = 0
    doubled: float = 0.0
    """Heard twice, one right after the other."""
    lost: float = 0.0
    stale: float = 0.0
    """Heard once more, up to ``STALE_MS`` later, behind what was said since."""
    swapped: float = 0.0
    """May overtake what was said before of the same contact."""

    @property
    def orderly(self) -> bool:
        """Whether each message arrives, and in order within its contact."""
        return not (self.lost or self.stale or self.swapped)


@dataclass(frozen=True, slots=True)
class Extras:
    """What the first worlds had not, nor shall their seeds have it: each found something as it was.

    Drawn apart from all else; without any of it, by ``--plain``, a seed is the world it was.
    """

    prefers: bool = False
    """Some queues wait first for the agent who served a caller last."""
    shares: bool = False
    """Classes are let in up to different shares of what the pool may hold."""
    reload_ms: Millis | None = None
    """From one change of an agent's skills to the next, on average; None is never."""


@dataclass(frozen=True, slots=True)
class Shape:
    """One world before it begins."""

    seed: int
    faults: WireFaults
    agents: int
    queues: int
    lasts_ms: Millis
    gap_ms: Millis
    """From one caller to the next, on average."""
    deed_ms: Millis
    """From one deed of the agents, or of whoever runs the centre, to the next, on average."""
    deeds: dict[str, int] = field(default_factory=dict[str, int])
    """What they do how often; what this world has not is missing."""
    phones: dict[str, int] = field(default_factory=dict[str, int])
    """How phones behave how often."""
    restores: float = 0.0
    """The share of turns after which a core is written down and made anew."""
    wall_jumps: bool = False
    extras: Extras = Extras()


DEEDS: Final = {
    "phone": 20, "sign_in": 14, "sign_out": 4, "pause": 3, "pause_later": 3, "resume": 5,
    "wrap_up": 6, "code": 6, "own_call": 4, "hang_up": 8, "transfer": 16, "lose_phone": 3,
    "crisis": 2, "crisis_over": 4, "move": 5, "day": 1,
}  # fmt: skip
"""Of what there is to do, how often each."""

_ALWAYS: Final = ("phone", "sign_in", "resume", "crisis_over", "hang_up")

PHONES: Final = {
    "soon": 40, "slowly": 15, "late": 6, "drops": 8, "drops_soon": 6, "busy": 8, "declines": 5,
    "rings": 12,
}  # fmt: skip


def shape_of(seed: int) -> Shape:
    """The world of this seed, before it begins."""
    chance = stream(seed, "shape")
    minutes = chance.choice((2, 3, 4, 6))
    deeds = {name: odds for name, odds in DEEDS.items() if name in _ALWAYS or chance.random() < 0.7}
    phones = {name: odds for name, odds in PHONES.items() if chance.random() < 0.7}
    return Shape(
        seed=seed,
        faults=_faults(stream(seed, "fault kinds")),
        agents=chance.randint(1, 8),
        queues=chance.randint(1, 3),
        lasts_ms=minutes * 60_000,
        gap_ms=chance.choice((3_000, 6_000, 12_000)),
        deed_ms=chance.choice((1_500, 4_000, 10_000)),
        deeds=deeds,
        phones=phones | {"soon": 40},
        restores=chance.choice((0.0, 0.01, 0.05)),
        wall_jumps=chance.random() < 0.3,
        extras=_extras(stream(seed, "extras")),
    )


def _extras(chance: random.Random) -> Extras:
    return Extras(
        prefers=chance.random() < 0.5,
        shares=chance.random() < 0.5,
        reload_ms=chance.choice((None, 4_000, 20_000)),
    )


def _faults(chance: random.Random) -> WireFaults:
    def share(*values: float) -> float:
        drawn = chance.choice(values)
        return drawn if chance.random() < 0.6 else 0.0

    delay_ms = chance.choice((0, 0, 5, 60, 400))
    slow, slow_ms = share(0.02, 0.1), chance.choice((300, 1_500, 4_000))
    orderly = WireFaults(delay_ms, slow, slow_ms, doubled=share(0.05, 0.3))
    if chance.random() < ORDERLY_SHARE:
        return orderly
    return replace(
        orderly, lost=share(0.01, 0.05), stale=share(0.02, 0.1), swapped=share(0.05, 0.2)
    )
