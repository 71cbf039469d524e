"""``Lookups`` over HTTP: asks the services of the site, and answers each request once.

All is bounded: how many questions are out at once, how long each takes, how large an answer is, how
many answers are kept. Equal questions that are under way together are asked once. What is told to
the trace is which service was asked, what came of it and how long it took; no value, no number, no
address.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

import aiohttp

from ivr.adapters.http.answer_cache import Answer, AnswerCache, QuestionKey
from ivr.adapters.http.asking import AWAY, Asked, Why, ask, open_client
from ivr.adapters.http.circuit import Circuit
from ivr.call.effects import RequestLookup
from ivr.call.events import LookupAnswered
from ivr.call.model import PartyRef
from ivr.flow.services import LookupOutcome, Sent, SentAs, Service, is_of
from ivr.flow.values import SecretRef, Value
from ivr.ports import PeerError

AT_ONCE_MAX = 200
"""Questions out at once, to all services together; one more fails at once."""

PER_SERVICE_MAX = 100
"""Of these, to one service: a slow one must leave room for the others."""

SHARING_MAX = 1_000
"""Requests that share one question under way; one more fails at once."""

TOO_MANY = "too many at once"


@dataclass(frozen=True, slots=True)
class LookupEdges:
    """What asking needs of this process.

    ``number`` gives a party's number, ``reveal`` the digits of a secret, each None when it is not
    known any more. ``answer`` and ``note`` neither wait nor raise.
    """

    number: Callable[[PartyRef], str | None]
    reveal: Callable[[SecretRef], str | None]
    answer: Callable[[LookupAnswered], None]
    note: Callable[[str, Mapping[str, str]], None]


@dataclass(frozen=True, slots=True)
class _Question:
    """A request with what it stands for in the open."""

    request: RequestLookup
    service: Service
    asked: Mapping[str, Value]
    key: QuestionKey | None
    """None where neither the answer may be kept nor the question be shared."""
    began: float


class HttpLookups:
    """Use it from the loop's thread; ``stop`` it before the loop ends.

    ``overrides`` are other addresses for services by name, for staging and tests.
    """

    def __init__(
        self,
        services: Mapping[str, Service],
        edges: LookupEdges,
        *,
        overrides: Mapping[str, str] | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._edges = edges
        self._overrides = dict(overrides or {})
        self._now = now
        self._cache = AnswerCache(now)
        self._circuits: dict[str, Circuit] = {}
        self._waiting: dict[QuestionKey, list[_Question]] = {}
        self._tasks: set[asyncio.Task[Asked]] = set()
        self._out: Counter[str] = Counter()
        self._client: aiohttp.ClientSession | None = None
        self._services: dict[str, Service] = {}
        self.activate(services)

    def activate(self, services: Mapping[str, Service]) -> None:
        """Ask these services from now on, on their terms; what is under way goes on."""
        before = self._services
        self._services = {
            name: replace(service, url=self._overrides.get(name, service.url))
            for name, service in services.items()
        }
        if before != self._services:
            self._cache.clear()
            self._circuits = {
                name: circuit
                for name, circuit in self._circuits.items()
                if before.get(name) == self._services.get(name)
            }

    def request(self, request: RequestLookup) -> None:
        """Ask; the answer arrives as an event."""
        question = self._question(request)
        if question is None:
            return
        kept = None if question.key is None else self._cache.get(question.key)
        if kept is not None:
            self._tell(question, kept, "kept")
            return
        if question.key is not None and question.key in self._waiting:
            self._join(question, self._waiting[question.key])
            return
        name = question.service.name
        circuit = self._circuits.setdefault(name, Circuit())
        if self._out.total() >= AT_ONCE_MAX or self._out[name] >= PER_SERVICE_MAX:
            self._tell(question, None, TOO_MANY)
        elif not circuit.lets_through(self._now()):
            self._tell(question, None, "away")
        else:
            self._send(question, circuit)

    def _join(self, question: _Question, others: list[_Question]) -> None:
        if len(others) < SHARING_MAX:
            others.append(question)
        else:
            self._tell(question, None, TOO_MANY)

    async def stop(self) -> None:
        """Ask no more; what is under way is not answered."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._client is not None:
            await self._client.close()

    def _question(self, request: RequestLookup) -> _Question | None:
        """What is asked in the open; None when it came to its end already."""
        service = self._services.get(request.service)
        if service is None:
            self._refuse(request, LookupOutcome.FAILED, "no such service")
            return None
        asked: dict[str, Value] = {}
        for sent in request.sends:
            value = self._open(sent)
            if value is None:
                is_lost = sent.sent_as is SentAs.SECRET
                outcome = LookupOutcome.LOST if is_lost else LookupOutcome.FAILED
                self._refuse(request, outcome, f"{sent.sent_as.value} unknown")
                return None
            asked[sent.name] = value
        has_secret = any(sent.sent_as is SentAs.SECRET for sent in request.sends)
        shares = service.cache_ms > 0 and not has_secret
        key = self._cache.key_of(service.name, asked) if shares else None
        return _Question(request, service, asked, key, self._now())

    def _open(self, sent: Sent) -> Value | None:
        match sent.sent_as:
            case SentAs.VALUE:
                return sent.value
            case SentAs.SECRET:
                return self._edges.reveal(SecretRef(str(sent.value)))
            case SentAs.CALLER:
                try:
                    return self._edges.number(PartyRef(str(sent.value)))
                except PeerError:
                    return None

    def _send(self, question: _Question, circuit: Circuit) -> None:
        self._out[question.service.name] += 1
        if question.key is not None:
            self._waiting[question.key] = []
        if self._client is None:
            self._client = open_client()
        work = ask(self._client, question.service, question.asked)
        task = asyncio.create_task(work, name=f"lookup at {question.service.name}")
        self._tasks.add(task)
        task.add_done_callback(partial(self._finished, question, circuit))

    def _finished(self, question: _Question, circuit: Circuit, task: asyncio.Task[Asked]) -> None:
        self._tasks.discard(task)
        name, key = question.service.name, question.key
        self._out[name] -= 1
        others = [] if key is None else self._waiting.pop(key, [])
        if task.cancelled():
            circuit.gave_up()
            return
        came = task.result() if task.exception() is None else Asked(None, Why.BUG, 0)
        self._learn(name, circuit, came)
        if key is not None and came.answer is not None:
            self._keep(question, key, came.answer)
        self._tell(question, came.answer, came.why.value if came.why else "", came.attempts)
        for other in others:
            self._tell(other, came.answer, "shared")

    def _keep(self, question: _Question, key: QuestionKey, answer: Answer) -> None:
        if self._services.get(question.service.name) == question.service:
            self._cache.put(key, answer, for_ms=question.service.cache_ms)

    def _learn(self, service: str, circuit: Circuit, came: Asked) -> None:
        if came.why in AWAY:
            if circuit.failed(self._now()):
                self._edges.note("service_away", {"service": service})
        elif circuit.answered():
            self._edges.note("service_back", {"service": service})

    def _tell(
        self, question: _Question, answer: Answer | None, how: str, attempts: int = 0
    ) -> None:
        request = question.request
        outcome, values = LookupOutcome.FAILED, ()
        if answer is not None:
            outcome, values = answer.outcome, _wanted(request, answer)
            if len(values) < len(request.wants) and outcome is LookupOutcome.FOUND:
                outcome, values, how = LookupOutcome.FAILED, (), how or "a field is missing"
        told = {"ms": str(round((self._now() - question.began) * 1_000)), "attempts": str(attempts)}
        self._note(request, outcome, {**told, **({"how": how} if how else {})})
        self._edges.answer(LookupAnswered(request.contact, request.lookup, outcome, values))

    def _refuse(self, request: RequestLookup, outcome: LookupOutcome, how: str) -> None:
        self._note(request, outcome, {"how": how})
        self._edges.answer(LookupAnswered(request.contact, request.lookup, outcome))

    def _note(
        self, request: RequestLookup, outcome: LookupOutcome, told: Mapping[str, str]
    ) -> None:
        said = {"lookup": request.lookup, "service": request.service, "outcome": outcome.value}
        self._edges.note("lookup", {**said, **told})


def _wanted(request: RequestLookup, answer: Answer) -> tuple[Value, ...]:
    """The wanted fields, in the wanted order; fewer where one is missing or of another type."""
    if answer.outcome is not LookupOutcome.FOUND:
        return ()
    wants, fields = request.wants, answer.fields
    given = ((each, fields[each.name]) for each in wants if each.name in fields)
    return tuple(value for each, value in given if is_of(each.kind, value))
