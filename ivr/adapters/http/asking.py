"""One question to one service over HTTP: its attempts, and what of the answer is taken.

What may be tried again is what a service did not answer: no connection, no answer in time, or a
status of 500 and more. What it said is not asked for twice. Nothing of what is sent or received is
told to anybody but the flow: what went wrong is told by a word.
"""

import asyncio
import random
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

import aiohttp
import msgspec

from ivr.adapters.http.answer_cache import Answer
from ivr.flow.services import BACKOFF_MS_MAX, LookupOutcome, Method, Service, is_of
from ivr.flow.values import Value

BODY_BYTES_MAX = 64 * 1024
"""The largest answer that is read; a customer's level and balance are a hundredth of it."""

KEPT_OPEN_S = 4.0
"""How long an idle connection is used again: less than servers usually keep it, since a question
on one that is being closed fails."""

_HEADERS = {
    aiohttp.hdrs.ACCEPT: "application/json",
    # An answer of 64 KB may unfold to any size; so none is asked for that has to be unfolded.
    aiohttp.hdrs.ACCEPT_ENCODING: "identity",
    aiohttp.hdrs.USER_AGENT: "expertline",
}


class Why(Enum):
    """Why there is no usable answer."""

    TIMEOUT = "timeout"
    NO_CONNECTION = "no connection"
    SERVER_ERROR = "server error"
    REFUSED = "refused"
    """Another status than 200 and 404; redirects are not followed."""
    TOO_LARGE = "too large"
    UNREADABLE = "unreadable"
    """No JSON object."""
    BUG = "bug"
    """This code went wrong."""


AWAY = frozenset({Why.TIMEOUT, Why.NO_CONNECTION, Why.SERVER_ERROR})
"""The service did not answer: it may be asked again, and counts as away if it goes on so."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of asking, and by how many attempts; without an answer, why."""

    answer: Answer | None
    why: Why | None
    attempts: int


NOT_FOUND = Answer(LookupOutcome.NOT_FOUND, {})


def open_client() -> aiohttp.ClientSession:
    """A client that follows nothing but what it is told: no cookies, no proxy of the surroundings.

    How many connections there are is bounded by whoever asks: to wait here for a free one would
    take from the time of the attempt.
    """
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=KEPT_OPEN_S),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None),
        headers=_HEADERS,
        auto_decompress=False,
        trust_env=False,
    )


async def ask(client: aiohttp.ClientSession, service: Service, asked: Mapping[str, Value]) -> Asked:
    """Ask, and again where that may help and the author allows it."""
    attempts_max = service.retries + 1
    for attempt in range(1, attempts_max + 1):
        came = await _attempt(client, service, asked)
        if isinstance(came, Answer):
            return Asked(came, None, attempt)
        if came not in AWAY or attempt == attempts_max:
            return Asked(None, came, attempt)
        await asyncio.sleep(_pause_ms(attempt) / 1_000)
    raise AssertionError("a service is asked at least once")


def _pause_ms(attempt: int) -> float:
    """Between half of the longest pause and the whole: who failed together is not back together."""
    longest_ms = BACKOFF_MS_MAX * 2 ** (attempt - 1)
    return longest_ms * random.uniform(0.5, 1)  # noqa: S311 - no secret hangs on it


async def _attempt(
    client: aiohttp.ClientSession, service: Service, asked: Mapping[str, Value]
) -> Answer | Why:
    try:
        async with (
            asyncio.timeout(service.timeout_ms / 1_000),
            client.request(
                service.method.value,
                service.url,
                allow_redirects=False,
                **_written(service.method, asked),
            ) as response,
        ):
            return await _read(response, service)
    except TimeoutError:
        return Why.TIMEOUT
    except (aiohttp.ClientError, OSError):
        return Why.NO_CONNECTION


def _written(method: Method, asked: Mapping[str, Value]) -> dict[str, Any]:
    """What is asked, as the arguments of a request."""
    if method is Method.POST:
        headers = {aiohttp.hdrs.CONTENT_TYPE: "application/json"}
        return {"data": msgspec.json.encode(dict(asked)), "headers": headers}
    return {"params": {name: _as_text(value) for name, value in asked.items()}}


def _as_text(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


async def _read(response: aiohttp.ClientResponse, service: Service) -> Answer | Why:
    status = response.status
    if status == 404:
        return NOT_FOUND
    if status >= 500:
        return Why.SERVER_ERROR
    if (
        status != 200
        or response.headers.get(aiohttp.hdrs.CONTENT_ENCODING, "identity") != "identity"
    ):
        return Why.REFUSED
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > BODY_BYTES_MAX:
            return Why.TOO_LARGE
    return _taken(bytes(body), service)


def _taken(body: bytes, service: Service) -> Answer | Why:
    """The declared fields of an answer, those of a wrong type left out."""
    try:
        said = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Why.UNREADABLE
    if not isinstance(said, dict):
        return Why.UNREADABLE
    given: dict[str, Any] = said  # pyright: ignore[reportUnknownVariableType]
    fields = {
        name: given[name]
        for name, kind in service.answers.items()
        if name in given and is_of(kind, given[name])
    }
    return Answer(LookupOutcome.FOUND, fields)
