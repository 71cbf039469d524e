"""The other systems of a world: scripted answers on virtual time, held to the port's promises.

What a script says may come late, twice or never; what comes is reduced to the wanted fields of
their declared types, as the real adapter reduces it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import cast

from ivr.call.effects import RequestLookup
from ivr.call.events import LookupAnswered
from ivr.flow.services import LookupOutcome, is_of
from ivr.flow.values import Value
from router.model import Millis


@dataclass(frozen=True, slots=True)
class Said:
    """One answer; ``fields`` are what the service writes, of whatever type."""

    outcome: LookupOutcome
    fields: Mapping[str, object] = field(default_factory=dict[str, object])
    after_ms: Millis = 0


Script = Callable[[RequestLookup], tuple[Said, ...]]
"""What is answered to a request, in any number of answers."""


class FakeServices:
    """``later`` calls back so many milliseconds later; ``answer`` takes the event."""

    def __init__(
        self,
        script: Script,
        later: Callable[[Millis, Callable[[], None]], object],
        answer: Callable[[LookupAnswered], None],
    ) -> None:
        self.script = script
        self.requests: list[RequestLookup] = []
        self._later = later
        self._answer = answer

    def request(self, request: RequestLookup) -> None:
        """Ask; the answer arrives as an event."""
        self.requests.append(request)
        for said in self.script(request):
            self._schedule(answer_to(request, said), said.after_ms)

    def _schedule(self, answered: LookupAnswered, after_ms: Millis) -> None:
        self._later(after_ms, lambda: self._answer(answered))


def answer_to(request: RequestLookup, said: Said) -> LookupAnswered:
    """What a service said, as it enters the engine."""
    contact, lookup = request.contact, request.lookup
    if said.outcome is not LookupOutcome.FOUND:
        return LookupAnswered(contact, lookup, said.outcome)
    values = [said.fields.get(each.name) for each in request.wants]
    pairs = zip(request.wants, values, strict=True)
    good = tuple(cast(Value, value) for each, value in pairs if is_of(each.kind, value))
    if len(good) < len(values):
        return LookupAnswered(contact, lookup, LookupOutcome.FAILED)
    return LookupAnswered(contact, lookup, LookupOutcome.FOUND, good)
