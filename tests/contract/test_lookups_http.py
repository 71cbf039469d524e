"""The real adapter against a real server: the port's promises, and whatever a server may do."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from lookup_scenarios import ANSWERS, LEVEL, SCENARIOS, Scenario, request
from service_server import ServiceServer, serving

from ivr.adapters.http import lookups as adapter
from ivr.adapters.http.asking import BODY_BYTES_MAX
from ivr.adapters.http.circuit import FAILURES_MAX, OPEN_S
from ivr.adapters.http.lookups import HttpLookups, LookupEdges
from ivr.call.effects import RequestLookup
from ivr.call.events import LookupAnswered
from ivr.call.model import PartyRef
from ivr.flow.services import LookupOutcome, Method, Sent, SentAs, Service
from ivr.flow.values import Kind, SecretRef
from ivr.ports import PeerError

pytestmark = pytest.mark.contract

FOUND, FAILED = LookupOutcome.FOUND, LookupOutcome.FAILED
NUMBER, DIGITS = "13800138000", "246810"
NUMBERS = {PartyRef("party-1"): NUMBER}
SECRETS = {SecretRef("c1.s1"): DIGITS}
CALLER = Sent("number", SentAs.CALLER, "party-1")
PIN = Sent("pin", SentAs.SECRET, "c1.s1")
SERVICE = Service(
    "customer",
    "http://127.0.0.1:9/",
    Method.POST,
    timeout_ms=400,
    retries=0,
    cache_ms=0,
    sends={"number": Kind.TEXT, "account": Kind.TEXT, "pin": Kind.SECRET},
    answers=ANSWERS,
)


@dataclass
class Desk:
    """The adapter with what it told; its clock moves only when a test moves it."""

    server: ServiceServer
    answers: list[LookupAnswered] = field(default_factory=list[LookupAnswered])
    notes: list[tuple[str, Mapping[str, str]]] = field(
        default_factory=list[tuple[str, Mapping[str, str]]]
    )
    now: float = 0.0
    overrides: Mapping[str, str] = field(default_factory=dict[str, str])
    lookups: HttpLookups = field(init=False)
    told: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        edges = LookupEdges(
            NUMBERS.get,
            SECRETS.get,
            self.take,
            lambda kind, said: self.notes.append((kind, said)),
        )
        self.lookups = HttpLookups({}, edges, overrides=self.overrides, now=lambda: self.now)
        self.terms()

    def take(self, answered: LookupAnswered) -> None:
        self.answers.append(answered)
        self.told.set()

    def terms(self, **changed: Any) -> None:
        service = replace(SERVICE, **{"url": self.server.url, **changed})
        self.lookups.activate({"customer": service})

    async def ask(self, *requests: RequestLookup) -> list[LookupAnswered]:
        """What is answered to these, asked at once."""
        before = len(self.answers)
        for each in requests:
            self.lookups.request(each)
        async with asyncio.timeout(4):
            while len(self.answers) < before + len(requests):
                self.told.clear()
                await self.told.wait()
        return self.answers[before:]

    async def outcome(self, **asked: Any) -> LookupOutcome:
        (answer,) = await self.ask(request(**asked))
        return answer.outcome

    def how(self) -> str:
        return self.notes[-1][1].get("how", "")


@pytest_asyncio.fixture
async def desk() -> AsyncIterator[Desk]:
    async with serving() as server:
        server.says(200, body={"level": "gold"})
        desk = Desk(server)
        try:
            yield desk
        finally:
            await desk.lookups.stop()


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda each: each.name)
async def test_adapter_answers_as_the_port_promises(desk: Desk, scenario: Scenario) -> None:
    status = {FOUND: 200, LookupOutcome.NOT_FOUND: 404, FAILED: 500}[scenario.said]
    desk.server.says(status, body=scenario.fields)
    asked = request(wants=scenario.wants)
    wanted = LookupAnswered(asked.contact, asked.lookup, scenario.outcome, scenario.values)
    assert await desk.ask(asked) == [wanted]


async def test_what_is_sent_stands_in_the_body_and_nowhere_else(desk: Desk) -> None:
    assert await desk.outcome(sends=(CALLER, PIN, Sent("count", SentAs.VALUE, 3))) is FOUND
    (seen,) = desk.server.seen
    assert json.loads(seen.body) == {"number": NUMBER, "pin": DIGITS, "count": 3}
    assert (seen.method, seen.target) == ("POST", "/customer")
    told = repr(seen.headers) + repr(desk.notes)
    assert NUMBER not in told
    assert DIGITS not in told
    assert "gold" not in repr(desk.notes)


async def test_get_asks_by_query(desk: Desk) -> None:
    desk.terms(method=Method.GET)
    sends = (Sent("account", SentAs.VALUE, "4 7&1"), Sent("known", SentAs.VALUE, True))
    assert await desk.outcome(sends=sends) is FOUND
    (seen,) = desk.server.seen
    assert (seen.method, seen.body) == ("GET", b"")
    assert seen.target == "/customer?account=4+7%261&known=true"


async def test_lost_secret_is_told_and_nobody_is_asked(desk: Desk) -> None:
    gone = Sent("pin", SentAs.SECRET, "c1.s9")
    assert await desk.outcome(sends=(gone,)) is LookupOutcome.LOST
    assert desk.server.seen == []


async def test_unknown_number_fails_and_nobody_is_asked(desk: Desk) -> None:
    assert await desk.outcome(sends=(Sent("number", SentAs.CALLER, "party-9"),)) is FAILED
    assert desk.server.seen == []


async def test_store_that_can_not_be_read_fails_the_lookup() -> None:
    def broken(_party: PartyRef) -> str | None:
        raise PeerError("no", peer="store", operation="reading", retry_safe=True)

    answers: list[LookupAnswered] = []
    edges = LookupEdges(broken, SECRETS.get, answers.append, lambda _kind, _said: None)
    HttpLookups({"customer": SERVICE}, edges).request(request(sends=(CALLER,)))
    assert [each.outcome for each in answers] == [FAILED]


async def test_service_that_is_gone_fails_at_once(desk: Desk) -> None:
    desk.lookups.activate({})
    assert await desk.outcome() is FAILED
    assert desk.how() == "no such service"


@pytest.mark.parametrize(
    ("retries", "statuses", "outcome", "asked"),
    [
        (1, (500, 200), FOUND, 2),
        (0, (500, 200), FAILED, 1),
        (2, (503, 502, 200), FOUND, 3),
        (3, (404,), LookupOutcome.NOT_FOUND, 1),
        (3, (400,), FAILED, 1),
        (3, (204,), FAILED, 1),
    ],
)
async def test_only_what_was_not_answered_is_asked_again(
    desk: Desk, retries: int, statuses: tuple[int, ...], outcome: LookupOutcome, asked: int
) -> None:
    desk.terms(retries=retries)
    desk.server.says(*statuses, body={"level": "gold"} if statuses != (204,) else None)
    assert await desk.outcome() is outcome
    assert len(desk.server.seen) == asked
    assert desk.notes[-1][1]["attempts"] == str(asked)


@pytest.mark.parametrize(
    "body", [b"", b"gold", b"[1]", b'{"level":', b"\xff\xfe", b"[" * 60_000, b"null"]
)
async def test_what_is_no_json_object_fails(desk: Desk, body: bytes) -> None:
    async def handler(_request: web.Request) -> web.Response:
        return web.Response(body=body, content_type="application/json")

    desk.server.handler = handler
    assert await desk.outcome() is FAILED
    assert desk.how() == "unreadable"


@pytest.mark.parametrize("charset", ["latin-1", "gbk", "utf-16"])
async def test_answer_in_another_charset_is_unreadable_and_counted(
    desk: Desk, charset: str
) -> None:
    text = '{"level": "caf\u00e9"}' if charset == "latin-1" else '{"level": "\u91d1\u5361"}'

    async def handler(_request: web.Request) -> web.Response:
        return web.Response(body=text.encode(charset), content_type="application/json")

    desk.server.handler = handler
    assert await desk.outcome() is FAILED
    assert desk.how() == "unreadable"
    assert desk.notes[-1][1]["attempts"] == "1"


@pytest.mark.parametrize(
    ("level", "outcome"),
    [
        ("go\x00ld", FAILED),
        ("gold\r\nX: 1", FAILED),
        ("go\x1b[2Jld", FAILED),
        ("go\u202eld", FAILED),
        ("go\u2028ld", FAILED),
        ("\ud800", FAILED),
        ("\U0001f600" * 33, FAILED),
        ("\U0001f600" * 32, FOUND),
        ("\u91d1\u3000\u5361", FOUND),
    ],
    ids=ascii,
)
async def test_text_that_no_variable_holds_fails(
    desk: Desk, level: str, outcome: LookupOutcome
) -> None:
    async def handler(_request: web.Request) -> web.Response:
        return web.Response(text=json.dumps({"level": level}), content_type="application/json")

    desk.server.handler = handler
    assert await desk.outcome() is outcome


async def test_huge_answer_is_not_read_to_its_end(desk: Desk) -> None:
    async def handler(asked: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(asked)
        for _ in range(200):
            await response.write(b" " * BODY_BYTES_MAX)
        return response

    desk.server.handler = handler
    assert await desk.outcome() is FAILED
    assert desk.how() == "too large"


async def test_packed_answer_is_refused(desk: Desk) -> None:
    async def handler(_request: web.Request) -> web.Response:
        return web.Response(body=b"\x1f\x8b", headers={"Content-Encoding": "gzip"})

    desk.server.handler = handler
    assert await desk.outcome() is FAILED
    assert desk.how() == "refused"


async def test_redirect_is_not_followed(desk: Desk) -> None:
    async def handler(_request: web.Request) -> web.Response:
        raise web.HTTPFound("/elsewhere")

    desk.server.handler = handler
    assert await desk.outcome() is FAILED
    assert [seen.target for seen in desk.server.seen] == ["/customer"]


async def test_cookies_are_not_kept(desk: Desk) -> None:
    async def handler(_request: web.Request) -> web.Response:
        response = web.json_response({"level": "gold"})
        response.set_cookie("who", "caller")
        return response

    desk.server.handler = handler
    await desk.ask(request(1))
    await desk.ask(request(2))
    assert all("Cookie" not in seen.headers for seen in desk.server.seen)


async def test_proxy_of_the_surroundings_is_not_used(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert await desk.outcome() is FOUND


async def test_server_that_never_answers_fails_in_time(desk: Desk) -> None:
    desk.terms(timeout_ms=100)
    desk.server.never_answers()
    began = asyncio.get_running_loop().time()
    assert await desk.outcome() is FAILED
    assert asyncio.get_running_loop().time() - began < 1
    assert desk.how() == "timeout"


async def test_answer_that_stops_midway_fails_in_time(desk: Desk) -> None:
    async def handler(asked: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "40"})
        await response.prepare(asked)
        await response.write(b'{"level":')
        assert asked.transport is not None
        asked.transport.close()
        return response

    desk.server.handler = handler
    assert await desk.outcome() is FAILED
    assert desk.how() == "no connection"


async def test_nobody_listening_fails(desk: Desk) -> None:
    desk.terms(url="http://127.0.0.1:1/")
    assert await desk.outcome() is FAILED
    assert desk.how() == "no connection"


async def test_address_that_is_overridden_is_asked_there() -> None:
    async with serving() as server:
        server.says(200, body={"level": "gold"})
        desk = Desk(server, overrides={"customer": f"{server.url}/staging"})
        desk.terms(url="http://127.0.0.1:1/")
        assert await desk.outcome() is FOUND
        await desk.lookups.stop()
    assert [seen.target for seen in server.seen] == ["/customer/staging"]


async def test_answer_is_kept_as_long_as_the_author_says(desk: Desk) -> None:
    desk.terms(cache_ms=60_000)
    await desk.ask(request(1))
    desk.now = 59.9
    (answer,) = await desk.ask(request(2))
    assert (answer.contact, answer.values) == ("c2", ("gold",))
    assert len(desk.server.seen) == 1
    desk.now = 60.0
    await desk.ask(request(3))
    assert len(desk.server.seen) == 2


async def test_nothing_known_is_kept_and_no_answer_is_not(desk: Desk) -> None:
    desk.terms(cache_ms=60_000)
    desk.server.says(500, 404)
    outcomes = [await desk.outcome(number=number) for number in (1, 2, 3)]
    assert outcomes == [FAILED, LookupOutcome.NOT_FOUND, LookupOutcome.NOT_FOUND]
    assert len(desk.server.seen) == 2


async def test_other_question_is_asked_anew(desk: Desk) -> None:
    desk.terms(cache_ms=60_000)
    await desk.ask(request(1))
    await desk.ask(request(2, sends=(Sent("account", SentAs.VALUE, "4712"),)))
    assert len(desk.server.seen) == 2


async def test_question_with_a_secret_is_never_kept(desk: Desk) -> None:
    desk.terms(cache_ms=60_000)
    await desk.ask(request(1, sends=(PIN,)), request(2, sends=(PIN,)))
    await desk.ask(request(3, sends=(PIN,)))
    assert len(desk.server.seen) == 3


async def test_changed_terms_forget_what_was_kept(desk: Desk) -> None:
    desk.terms(cache_ms=60_000)
    await desk.ask(request(1))
    desk.terms(cache_ms=50_000)
    await desk.ask(request(2))
    assert len(desk.server.seen) == 2


async def test_equal_questions_at_once_are_asked_once(desk: Desk) -> None:
    desk.terms(cache_ms=60_000)
    answers = await desk.ask(*(request(number) for number in range(20)))
    assert {each.contact for each in answers} == {f"c{number}" for number in range(20)}
    assert {each.values for each in answers} == {("gold",)}
    assert len(desk.server.seen) == 1


async def test_too_many_at_once_fail_at_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapter, "PER_SERVICE_MAX", 3)
    desk.terms(timeout_ms=200)
    desk.server.never_answers()
    answers = await desk.ask(*(request(number) for number in range(5)))
    assert [each.contact for each in answers[:2]] == ["c3", "c4"]
    assert all(each.outcome is FAILED for each in answers)
    assert desk.server.under_way_most <= 3


async def test_dead_service_is_not_asked_for_a_while_then_probed(desk: Desk) -> None:
    desk.server.says(500)
    for number in range(FAILURES_MAX):
        assert await desk.outcome(number=number) is FAILED
    assert desk.notes[-2] == ("service_away", {"service": "customer"})
    assert await desk.outcome(number=20) is FAILED
    assert desk.how() == "away"
    assert len(desk.server.seen) == FAILURES_MAX
    desk.now = OPEN_S
    assert await desk.outcome(number=21) is FAILED
    assert await desk.outcome(number=22) is FAILED
    assert len(desk.server.seen) == FAILURES_MAX + 1
    desk.server.says(200, body={"level": "gold"})
    desk.now = 2 * OPEN_S
    assert await desk.outcome(number=23) is FOUND
    assert desk.notes[-2] == ("service_back", {"service": "customer"})
    assert await desk.outcome(number=24) is FOUND


async def test_service_that_talks_nonsense_is_still_asked(desk: Desk) -> None:
    desk.server.says(200, body=[1])
    for number in range(FAILURES_MAX + 2):
        assert await desk.outcome(number=number) is FAILED
    assert len(desk.server.seen) == FAILURES_MAX + 2


async def test_trace_tells_service_outcome_time_and_attempts(desk: Desk) -> None:
    desk.now = 1.0
    await desk.ask(request(wants=(LEVEL,)))
    kind, said = desk.notes[-1]
    assert kind == "lookup"
    assert said == {
        "lookup": "c1.l1",
        "service": "customer",
        "outcome": "found",
        "ms": "0",
        "attempts": "1",
    }


async def test_stopping_leaves_nothing_under_way(desk: Desk) -> None:
    desk.server.never_answers()
    desk.lookups.request(request())
    await asyncio.sleep(0.02)
    await desk.lookups.stop()
    assert desk.answers == []
    assert not [task for task in asyncio.all_tasks() if task.get_name().startswith("lookup")]
