"""Answers kept for a while, so that what was just asked is not asked again.

Under the question stands a keyed digest, not the question: a caller's number would lie about in
memory for as long as the answer.
"""

import secrets
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import blake2b

import msgspec

from ivr.flow.services import LookupOutcome
from ivr.flow.values import Value

ANSWERS_MAX = 10_000
"""Answers kept at once; of more, the one that was used longest ago is dropped."""

QuestionKey = bytes
"""Equal for equal questions to one service, and telling nothing of them."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service said: all declared fields that it gave, each of its declared type."""

    outcome: LookupOutcome
    fields: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class _Kept:
    answer: Answer
    until: float


class AnswerCache:
    """``now`` tells the time of a monotonic clock, in seconds."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._key = secrets.token_bytes(16)
        self._kept: OrderedDict[QuestionKey, _Kept] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def key_of(self, service: str, asked: Mapping[str, Value]) -> QuestionKey:
        """The key of this question."""
        written = msgspec.json.encode([service, dict(asked)], order="deterministic")
        return blake2b(written, key=self._key, digest_size=16).digest()

    def get(self, key: QuestionKey) -> Answer | None:
        """The answer, if it is kept and not too old."""
        kept = self._kept.get(key)
        if kept is None:
            return None
        if kept.until <= self._now():
            del self._kept[key]
            return None
        self._kept.move_to_end(key)
        return kept.answer

    def put(self, key: QuestionKey, answer: Answer, *, for_ms: int) -> None:
        """Keep this answer for so long."""
        self._kept[key] = _Kept(answer, self._now() + for_ms / 1_000)
        self._kept.move_to_end(key)
        if len(self._kept) > ANSWERS_MAX:
            self._kept.popitem(last=False)

    def clear(self) -> None:
        """Keep nothing."""
        self._kept.clear()
