"""Gathers why contacts went where they went, while a router decides again what it decided then.

In a live engine nobody does: see ``watching`` for what that costs.
"""

from router.explain import Decision
from router.model import ContactId
from router.onlooker import Onlooker
from router.sight import Sight
from router.watching import Watcher

DECISIONS_MAX = 1_000
"""Decisions told of one contact and its consultations; later ones are counted."""

CONSULTATION = ".t"
"""Between a contact's id and the number of one of its consultations."""


class Explainer:
    """Gathers what is decided about one contact and its consultations; without one, about all."""

    def __init__(self, contact: ContactId | None = None) -> None:
        self.left_out = 0
        """Decisions beyond the limit."""
        self._contact = contact
        self._told = 0
        self._decisions: list[Decision] = []

    def seeing(self, sight: Sight) -> Watcher:
        """Looks at this router from now on; what it holds already is not told."""
        return Onlooker(sight, tell=self.tell, follows=self.follows)

    def follows(self, contact: ContactId) -> bool:
        """Whether decisions about this contact are told."""
        root = self._contact
        return root is None or contact == root or contact.startswith(root + CONSULTATION)

    def tell(self, decision: Decision) -> None:
        """This was decided."""
        if self._told >= DECISIONS_MAX and self._contact is not None:
            self.left_out += 1
            return
        self._told += 1
        self._decisions.append(decision)

    def taken(self) -> list[Decision]:
        """What was told since this was asked last, first decided first."""
        decisions, self._decisions = self._decisions, []
        return decisions
