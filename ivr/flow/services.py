"""The other systems that flows may ask, as an author names them; where they are is said once.

A hotline names a *service* of ``site.yaml``, never an address: that list is the allow-list of
where callers' data may go. What a service takes and gives is declared there with its types, so
that a flow is checked against it when it is loaded, and an answer when it comes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeGuard

from ivr.flow.sms_length import utf16_units
from ivr.flow.values import INT_MAX, INT_MIN, VALUE_CHARS_MAX, Kind, Value, is_harmless

BACKOFF_MS_MAX = 250
"""The longest pause before the first further attempt; before each one after it, twice as long."""

GRACE_MS = 2_000
"""How much later than its last attempt a lookup may answer, before the flow goes on without it."""


class LookupOutcome(Enum):
    """What came of asking; also the words an author writes under ``on:``, but for ``found``."""

    FOUND = "found"
    NOT_FOUND = "not_found"
    """The service answered, and knows nothing of this."""
    FAILED = "failed"
    """No answer in time, or none that could be used."""
    LOST = "lost"
    """The secret that was to be sent is not kept any more."""


class Method(Enum):
    """How a service is asked."""

    POST = "post"
    """What is sent is a JSON object in the body."""
    GET = "get"
    """What is sent stands in the address: nothing that must not be seen there."""


@dataclass(frozen=True, slots=True)
class Service:
    """One system that flows may ask, and the terms on which they do."""

    name: str
    url: str
    method: Method
    timeout_ms: int
    retries: int
    cache_ms: int
    sends: Mapping[str, Kind] = field(default_factory=dict[str, Kind])
    answers: Mapping[str, Kind] = field(default_factory=dict[str, Kind])

    @property
    def answer_ms_max(self) -> int:
        """How long all attempts and the pauses between them may take together."""
        pauses_ms = sum(BACKOFF_MS_MAX * 2**number for number in range(self.retries))
        return self.timeout_ms * (self.retries + 1) + pauses_ms


class SentAs(Enum):
    """What stands for a value on its way out."""

    VALUE = "value"
    """The value itself."""
    CALLER = "caller"
    """The caller's number, of which only the edge knows more than a reference."""
    SECRET = "secret"  # noqa: S105 - the name of a way, no secret
    """Digits that only the vault at the edge holds; here is the reference to them."""


@dataclass(frozen=True, slots=True)
class Sent:
    """One thing that is sent, by the service's name for it."""

    name: str
    sent_as: SentAs
    value: Value


@dataclass(frozen=True, slots=True)
class Wanted:
    """One thing that is wanted of the answer, by the service's name for it."""

    name: str
    kind: Kind


def is_of(kind: Kind, value: object) -> TypeGuard[Value]:
    """Whether a variable of this kind can hold this; nothing from outside is a secret.

    A text with control characters is none: it is shown, logged and sent on.
    """
    match kind:
        case Kind.BOOL:
            return isinstance(value, bool)
        case Kind.INT:
            if isinstance(value, bool) or not isinstance(value, int):
                return False
            return INT_MIN <= value <= INT_MAX
        case Kind.TEXT:
            return isinstance(value, str) and _is_text(value)
        case _:
            return False


def _is_text(value: str) -> bool:
    return utf16_units(value) <= VALUE_CHARS_MAX and is_harmless(value)
