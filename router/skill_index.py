"""Who may have to do with whom, found by skills: so that a new agent looks at her queues alone.

A site has hundreds of queues and thousands of agents, most of whom have nothing to do with each
other. Whoever meets an alternative has each of its skills, so it is enough to be found by one of
them, and best by the one that finds the fewest. An alternative that any agent meets, skilled or
not, is found by ``ANYBODY``.

What is found may turn out not to fit; what fits is always found. All that is found stands in the
order in which it was put in: who comes first of several equals must not hang on skills.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, Generic, TypeVar

from router.model import Requirement, Skill

ANYBODY: Final = None
"""What everybody has, and what an alternative asks that names no skill, or none above level 0."""

Mark = Skill | None
"""A skill, or ``ANYBODY``: what something is put under, and looked for by."""

Thing = TypeVar("Thing")


def marks_of(skills: Iterable[Skill]) -> tuple[Mark, ...]:
    """All that somebody of these skills has."""
    return (ANYBODY, *skills)


class SkillIndex(Generic[Thing]):
    """Things that stand under marks, each known once."""

    def __init__(self) -> None:
        self._count = 0
        self._under: dict[Mark, set[Thing]] = {}
        self._marks: dict[Thing, tuple[Mark, ...]] = {}
        self._numbers: dict[Thing, int] = {}

    def put(self, thing: Thing, marks: Iterable[Mark]) -> None:
        """This thing, unknown till now, stands under these marks, behind all others."""
        self._count += 1
        self._numbers[thing] = self._count
        self._marks[thing] = tuple(marks)
        for mark in self._marks[thing]:
            self._under.setdefault(mark, set()).add(thing)

    def drop(self, thing: Thing) -> None:
        """This thing is known no longer."""
        del self._numbers[thing]
        for mark in dict.fromkeys(self._marks.pop(thing)):
            under = self._under[mark]
            under.remove(thing)
            if not under:
                del self._under[mark]

    def found(self, marks: Iterable[Mark]) -> list[Thing]:
        """What stands under any of these marks, each once, in the order of putting in."""
        found: set[Thing] = set()
        for mark in marks:
            found.update(self._under.get(mark, ()))
        return sorted(found, key=self._numbers.__getitem__)

    def rarest_of(self, requirements: Iterable[Requirement]) -> Iterator[Mark]:
        """For each alternative the one mark it cannot do without that fewest things stand under."""
        for requirement in requirements:
            for levels in requirement.alternatives:
                yield min(_needed(levels), key=self._number_under, default=ANYBODY)

    def _number_under(self, mark: Mark) -> int:
        return len(self._under.get(mark, ()))


def _needed(levels: Mapping[Skill, int]) -> Iterator[Skill]:
    """Who has nothing of a skill is at level 0 of it."""
    return (skill for skill, level in levels.items() if level > 0)
