"""Reads what a queue says of routing: channel, order of agents, class, share; and its wrap-up."""

from dataclasses import dataclass
from enum import Enum
from typing import TypeVar

from ivr.flow.durations import duration_text
from ivr.flow.problems import Code, Place, did_you_mean, listing, quoted
from ivr.flow.queue_shapes import (
    AGENTS_ORDER,
    EXPECTED_WAIT_MS_MIN,
    QUEUE_SHARE_DEFAULT,
    QUEUE_SHARE_MAX,
    WAIT_MS_MAX,
    WRAP_UP,
    WRAP_UP_MS_DEFAULT,
    WRAP_UP_MS_MAX,
)
from ivr.flow.routing import (
    CLASS_FIRST,
    CLASS_LAST,
    CLASS_USUAL,
    AgentFirst,
    AgentsOrder,
    LevelFirst,
    QueueChannel,
)
from ivr.flow.shape import Fields, Reader
from ivr.flow.yaml_tree import Table, Tree

_Word = TypeVar("_Word", bound=Enum)


@dataclass(frozen=True, slots=True)
class QueueRouting:
    """What a queue says of routing."""

    channel: QueueChannel
    agents: AgentsOrder
    contact_class: int
    share: int


@dataclass(frozen=True, slots=True)
class WrapUpTimes:
    """An agent's time after a contact, and how long she can make it; None is no longer."""

    time_ms: int
    max_ms: int | None


def read_word(read: Reader, tree: Tree, words: type[_Word], what: str) -> _Word | None:
    """One of the words that an enumeration has."""
    word = read.name(tree, what)
    known = [str(each.value) for each in words]
    if word is None or word in known:
        return None if word is None else words(word)
    read.problems.error(
        Code.UNKNOWN_WORD,
        tree.place,
        f"{quoted(word)} can not be {what}.",
        did_you_mean(word, known, otherwise=f"Write one of: {listing(known)}."),
    )
    return None


def read_queue_routing(read: Reader, fields: Fields) -> QueueRouting | None:
    """The channel, the order of agents, the class and the share of a queue, or their defaults."""
    channel = _channel(read, fields)
    agents = _agents(read, fields)
    contact_class = _whole(read, fields, "class", CLASS_USUAL, (CLASS_FIRST, CLASS_LAST))
    share = _share(read, fields)
    if channel is None or agents is None or contact_class is None or share is None:
        return None
    return QueueRouting(channel, agents, contact_class, share)


def _channel(read: Reader, fields: Fields) -> QueueChannel | None:
    written = fields.value("channel")
    if written is None:
        return QueueChannel.VOICE
    channel = read_word(read, written, QueueChannel, "the channel of a queue")
    if channel is QueueChannel.CHAT:
        read.not_acted_upon_yet(fields, "channel", called="channel: chat")
    return channel


def _agents(read: Reader, fields: Fields) -> AgentsOrder | None:
    written = fields.value("agents")
    order = None if written is None else read.fields(written, AGENTS_ORDER)
    if written is None or order is None:
        return AgentsOrder() if written is None else None
    by_level, by_first = order.value("level"), order.value("first")
    level: LevelFirst | None = LevelFirst.ANY
    if by_level is not None:
        level = read_word(read, by_level, LevelFirst, "the order of levels")
    first: AgentFirst | None = AgentFirst.LONGEST_IDLE
    if by_first is not None:
        first = read_word(read, by_first, AgentFirst, "the order of agents")
    return None if level is None or first is None else AgentsOrder(level, first)


def _whole(
    read: Reader, fields: Fields, key: str, default: int, bounds: tuple[int, int]
) -> int | None:
    written = fields.value(key)
    if written is None:
        return default
    return read.whole(written, f"the value of {key}", low=bounds[0], high=bounds[1])


def _share(read: Reader, fields: Fields) -> int | None:
    written = fields.value("share")
    if written is None:
        return QUEUE_SHARE_DEFAULT
    return read.whole(
        written,
        "the value of share",
        low=1,
        high=QUEUE_SHARE_MAX,
        remedy=f"Write a whole number from 1 to {QUEUE_SHARE_MAX}, without quotes; for halves, "
        "double the shares of all queues.",
    )


def read_wrap_up(read: Reader, fields: Fields) -> WrapUpTimes | None:
    """A duration, or ``{time, max}``."""
    written = fields.value("wrap_up")
    if written is None:
        return WrapUpTimes(WRAP_UP_MS_DEFAULT, None)
    if not isinstance(written, Table):
        time_ms = _wrap_up_ms(read, written, "wrap_up")
        return None if time_ms is None else WrapUpTimes(time_ms, None)
    times = read.fields(written, WRAP_UP)
    if times is None:
        return None
    begun, at_most = times.value("time"), times.value("max")
    time_ms = WRAP_UP_MS_DEFAULT if begun is None else _wrap_up_ms(read, begun, "time")
    max_ms = None if at_most is None else _wrap_up_ms(read, at_most, "max")
    if time_ms is None or (at_most is not None and max_ms is None):
        return None
    if at_most is not None and max_ms is not None and max_ms < time_ms:
        read.problems.error(
            Code.OUT_OF_RANGE,
            at_most.place,
            f"This wrap-up lasts {duration_text(time_ms)}, and yet {duration_text(max_ms)} at "
            "most.",
            f"Choose a `max` from {duration_text(time_ms)} on, or shorten `time`.",
        )
        return None
    return WrapUpTimes(time_ms, max_ms)


def _wrap_up_ms(read: Reader, tree: Tree, key: str) -> int | None:
    return read.duration(tree, f"the value of {key}", low_ms=0, high_ms=WRAP_UP_MS_MAX)


def read_expected_wait(
    read: Reader, limits: Fields, wait_ms: int | None
) -> tuple[bool, int | None]:
    """Whether it reads well, and the longest wait that whoever is let in may expect."""
    written = limits.value("expected_wait")
    if written is None:
        return True, None
    ms = read.duration(
        written, "the value of expected_wait", low_ms=EXPECTED_WAIT_MS_MIN, high_ms=WAIT_MS_MAX
    )
    if ms is not None and wait_ms is not None and ms > wait_ms:
        _warn_longer(read, limits.place_of("expected_wait"), ms, wait_ms)
    return ms is not None, ms


def _warn_longer(read: Reader, place: Place, expected_ms: int, wait_ms: int) -> None:
    read.problems.warn(
        Code.EXPECTED_WAIT_USELESS,
        place,
        f"Callers are let in who will probably wait {duration_text(expected_ms)}, and yet nobody "
        f"waits longer than {duration_text(wait_ms)}.",
        "Write no more than `wait` under `expected_wait`, or raise `wait`.",
    )
