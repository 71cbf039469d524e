"""A pool whose router is looked at, and what is told of it."""

from collections.abc import Sequence
from typing import TypeVar

from router_pool import Pool

from router.events import QueueChanged
from router.explain import Decision, kind_of
from router.explaining import Explainer
from router.model import Queue

T = TypeVar("T")


class Told(Pool):
    """A pool whose router is looked at from now on."""

    def __init__(self, *agents: str, **skilled: dict[str, int]) -> None:
        super().__init__(*agents, **skilled)
        self.explainer = Explainer()
        self.router.watched_by(self.explainer)

    def rule(self, rules: Queue) -> None:
        self.give(QueueChanged(rules))

    def told(self) -> list[Decision]:
        return self.explainer.taken()


def only(decisions: Sequence[Decision], kind: type[T]) -> T:
    (found,) = [each for each in decisions if isinstance(each, kind)]
    return found


def kinds(decisions: Sequence[Decision]) -> list[str]:
    return [kind_of(each) for each in decisions]
