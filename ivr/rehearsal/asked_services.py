"""The other systems in a rehearsal: what a caller test, or whoever plays by hand, lets them answer.

Nothing is asked outside. A service of which nothing is said answers ``failed``, so that a flow is
never rehearsed on an answer that nobody wrote down.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ivr.call.effects import RequestLookup
from ivr.call.events import LookupAnswered
from ivr.flow.model import Flow, Lookup
from ivr.flow.problems import Code, Place, Problems, did_you_mean, listing, quoted
from ivr.flow.read_expressions import constant
from ivr.flow.services import LookupOutcome, Service
from ivr.flow.shape import Fields, Reader
from ivr.flow.values import NOTHING_YET, Kind, Value, Variable
from ivr.flow.yaml_tree import Listing, Scalar, Table, Tree
from ivr.rehearsal.stub_fit import misfit_of, misfit_of_all

ANSWERS_AFTER_MS = 400
"""How long a service takes to answer: as long as one that a caller hardly notices."""

STUBS_MAX = 50
"""Answers of one service in one test."""


@dataclass(frozen=True, slots=True)
class Stub:
    """One answer of a service; ``fields`` are what it says where it was found."""

    outcome: LookupOutcome
    fields: Mapping[str, Value] = field(default_factory=dict[str, Value])


FAILED = Stub(LookupOutcome.FAILED)

Stubs = Mapping[str, tuple[Stub, ...]]
"""By service, its answers one after the other; the last one stays."""

WORDS = {
    each.value: Stub(each)
    for each in (LookupOutcome.FAILED, LookupOutcome.NOT_FOUND, LookupOutcome.LOST)
}


class AskedServices:
    """Answers the lookups of one rehearsal. ``otherwise`` is asked where no stub is written."""

    def __init__(self, stubs: Stubs) -> None:
        self.otherwise: Callable[[RequestLookup], Stub] | None = None
        self.why_unusable = ""
        """Why the flow can not use the last answer; empty where it can."""
        self._stubs = stubs
        self._asked: Counter[str] = Counter()

    def answer(self, request: RequestLookup, flow: Flow, node: object) -> LookupAnswered:
        """What comes of this request, which this node of the flow makes."""
        stub = self._stub(request)
        misfit = None
        if stub.outcome is LookupOutcome.FOUND and isinstance(node, Lookup):
            misfit = misfit_of(flow, node, stub.fields)
        self.why_unusable = "" if misfit is None else misfit.told
        fields = [stub.fields.get(each.name) for each in request.wants]
        values = tuple(value for value in fields if value is not None)
        outcome = stub.outcome
        if outcome is not LookupOutcome.FOUND:
            values = ()
        elif len(values) < len(request.wants):
            outcome, values = LookupOutcome.FAILED, ()
        return LookupAnswered(request.contact, request.lookup, outcome, values)

    def _stub(self, request: RequestLookup) -> Stub:
        stubs = self._stubs.get(request.service, ())
        number = self._asked[request.service]
        self._asked[request.service] += 1
        if stubs:
            return stubs[min(number, len(stubs) - 1)]
        return FAILED if self.otherwise is None else self.otherwise(request)


class StubReader:
    """Reads ``lookups`` of a caller test."""

    def __init__(self, services: Mapping[str, Service], flow: Flow, problems: Problems) -> None:
        self._services = services
        self._flow = flow
        self._problems = problems
        self._read = Reader(problems)

    def read(self, fields: Fields) -> Stubs:
        """What each service answers, as far as it could be read."""
        tree = fields.value("lookups")
        table = None if tree is None else self._read.table(tree, "lookups", keys=("customer",))
        stubs: dict[str, tuple[Stub, ...]] = {}
        for entry in () if table is None else table.entries:
            service = self._services.get(entry.key.text)
            if service is None:
                known = tuple(self._services)
                self._unknown(Code.UNKNOWN_SERVICE, entry.key, known, "There is no service")
            else:
                stubs[service.name] = self._each(service, entry.value)
        return stubs

    def _each(self, service: Service, tree: Tree) -> tuple[Stub, ...]:
        items = tree.items if isinstance(tree, Listing) else (tree,)
        if not items or len(items) > STUBS_MAX:
            self._problems.error(
                Code.OUT_OF_RANGE,
                tree.place,
                f"There are {len(items)} answers of the service {quoted(service.name)}.",
                f"Write 1 to {STUBS_MAX}; the last one stays.",
            )
            return ()
        read = [self._stub(service, item) for item in items]
        return tuple(each for each in read if each is not None)

    def _stub(self, service: Service, tree: Tree) -> Stub | None:
        if isinstance(tree, Scalar):
            stub = WORDS.get(tree.text)
            if stub is None:
                told = f"The service {quoted(service.name)} can not answer"
                self._unknown(Code.UNKNOWN_WORD, tree, tuple(WORDS), told)
            return stub
        table = self._read.table(tree, "an answer", keys=tuple(service.answers))
        if table is None:
            return None
        fields = self._fields(service, table)
        return None if fields is None else Stub(LookupOutcome.FOUND, fields)

    def _fields(self, service: Service, table: Table) -> dict[str, Value] | None:
        fields: dict[str, Value] = {}
        for entry in table.entries:
            name = entry.key.text
            kind = service.answers.get(name)
            if kind is None:
                told = f"The service {quoted(service.name)} answers no"
                self._unknown(Code.UNKNOWN_FIELD, entry.key, tuple(service.answers), told)
                continue
            variable = Variable(name, kind, NOTHING_YET[kind])
            value = constant(self._read, entry.value, variable, f"the answer {quoted(name)}")
            if value is not None:
                fields[name] = value
        good = len(fields) == len(table.entries) and self._is_usable(service, table, fields)
        return fields if good else None

    def _is_usable(self, service: Service, table: Table, fields: Mapping[str, Value]) -> bool:
        misfit = misfit_of_all(self._flow, service.name, fields)
        if misfit is None:
            return True
        places = {each.key.text: each.value.place for each in table.entries}
        self._problems.error(
            misfit.code,
            places.get(misfit.field, table.place),
            f"The service {quoted(service.name)} answers {misfit.told}.",
            misfit.remedy,
        )
        return False

    def _unknown(self, code: Code, written: Scalar, known: tuple[str, ...], told: str) -> None:
        otherwise = f"There are: {listing(known)}."
        self._problems.error(
            code,
            written.place,
            f"{told} {quoted(written.text)}.",
            did_you_mean(written.text, known, otherwise=otherwise),
        )


def stub_of_words(service: Service, words: str) -> Stub | str:
    """The answer that somebody typed, ``level=gold balance=12`` or a word; or what is wrong."""
    if words in WORDS:
        return WORDS[words]
    fields: dict[str, Value] = {}
    for word in words.split():
        name, _, text = word.partition("=")
        kind = service.answers.get(name)
        if kind is None:
            known = listing((*service.answers, *WORDS))
            return f"the service {service.name} does not answer {name!r}; it can: {known}"
        value = _typed(kind, text)
        if value is None:
            return f"{name} of the service {service.name} is {kind.value}, which {text!r} is not"
        fields[name] = value
    return Stub(LookupOutcome.FOUND, fields)


def _typed(kind: Kind, text: str) -> Value | None:
    problems = Problems()
    tree = Scalar(text, kind is not Kind.TEXT, Place("typed"))
    return constant(Reader(problems), tree, Variable("typed", kind, NOTHING_YET[kind]), "this")
