"""A contact's record as a story for people: how it went, then what happened when.

The time line merges what the record keeps apart (nodes, queues, offers, legs), counted from the
contact's arrival. What happened in one moment is told in the order in which it must have happened.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import msgspec

from ivr.call.model import LegRole, Outcome
from ivr.call.record import (
    Doing,
    Interval,
    LegRecord,
    NodeVisit,
    OfferRecord,
    OfferResult,
    QueueSegment,
    SegmentExit,
    TransferKind,
    TransferRecord,
    TransferResult,
)
from ivr.cli.outcome_words import outcome_words
from ivr.flow.asking import Answered
from router.model import Millis, local_name

SITE_SHOWN = 12
"""Characters of a site's version that are enough to tell it from others."""

_EXITS = {
    SegmentExit.ANSWERED: "an agent answered",
    SegmentExit.ABANDONED: "the caller left",
    SegmentExit.NO_AGENTS: "no agent to serve it",
    SegmentExit.TIMED_OUT: "the longest wait was over",
    SegmentExit.FULL: "the queue was full",
    SegmentExit.EXPECTED_WAIT: "the wait would have been too long",
    SegmentExit.OVERLOAD: "too many callers waited in all queues together",
    SegmentExit.CRISIS: "the queue was closed for a crisis",
    SegmentExit.MOVED: "moved to another queue",
    SegmentExit.LEFT_BY_KEY: "the caller pressed a key that led out of it",
    SegmentExit.ENGINE_STOPPED: "the engine was stopped",
    SegmentExit.ENGINE_RESTARTED: "the engine began anew",
}

_RESULTS = {
    OfferResult.CONNECTED: "answered",
    OfferResult.NO_ANSWER: "no answer",
    OfferResult.DECLINED: "declined",
    OfferResult.UNREACHABLE: "not reachable",
    OfferResult.FAILED: "failed",
    OfferResult.WITHDRAWN: "taken back",
    OfferResult.CONSULTED: "answered, and talked to the agent who asked",
}

_TRANSFERS = {
    TransferKind.CONSULTED: "asked in the queue {queue} first",
    TransferKind.BLIND: "gave the caller away to the queue {queue}",
}

_CAME_OF_IT = {
    TransferResult.COMPLETED: "the transfer by {by} was completed",
    TransferResult.CANCELLED: "{by} went back to the caller",
    TransferResult.FAILED: "nobody took the transfer by {by}",
}
"""A transfer that the end of the contact overtook is told by that end."""

_ANSWERED_IN_VAIN = {
    OfferResult.FAILED: "answered, but the line was lost before the talk",
    OfferResult.WITHDRAWN: "answered, but taken back before the talk",
}

_CAUSES = {
    1: "no such number",
    3: "no route",
    16: "normal",
    17: "busy",
    18: "no answer",
    19: "no answer",
    20: "not reachable",
    21: "declined",
    26: "answered elsewhere",
    27: "out of order",
    31: "normal",
    34: "no free line",
    38: "network out of order",
    41: "temporary failure",
    42: "congestion",
    127: "not told why",
}
"""ITU-T Q.850, the ones that SIP phones and trunks give."""


@dataclass(frozen=True, slots=True)
class ToldRecord:
    """What the story needs of a record; one of an earlier engine may lack any of it."""

    contact: str = "-"
    site: str = "-"
    hotline: str = "-"
    flow: str = "-"
    dialled: str = "-"
    language: str | None = None
    outcome: Outcome = Outcome.PLATFORM_FAILURE
    reason: str = ""
    agent: str | None = None
    arrived_at: Millis = 0
    answered_at: Millis | None = None
    connected_at: Millis | None = None
    ended_at: Millis = 0
    wait_ms: Millis | None = None
    visits: tuple[NodeVisit, ...] = ()
    segments: tuple[QueueSegment, ...] = ()
    offers: tuple[OfferRecord, ...] = ()
    legs: tuple[LegRecord, ...] = ()
    left_out: int = 0
    voice_messages: tuple[str, ...] = ()
    messages: tuple[str, ...] = ()
    answers: tuple[Answered, ...] = ()
    context: str = ""
    transferred_to: str | None = None
    intervals: tuple[Interval, ...] = ()
    transfers: tuple[TransferRecord, ...] = ()

    @property
    def talk_ms(self) -> Millis | None:
        """How long the caller and an agent heard each other; None when they never did."""
        if self.connected_at is None:
            return None
        if self.transfers:
            talks = [each for each in self.intervals if each.what is Doing.TALKING]
            return sum(each.ended_at - each.began_at for each in talks)
        ends = [each.ended_at for each in self.offers if each.result is OfferResult.CONNECTED]
        return (ends[-1] if ends else self.ended_at) - self.connected_at


def told_of(record: Mapping[str, object]) -> ToldRecord:
    """A record as it was kept; ``msgspec.ValidationError`` when it is of another form."""
    return msgspec.convert(record, ToldRecord)


def span(milliseconds: Millis | None) -> str:
    """A length of time: ``15.2 s``, ``3 min 5 s``, ``1 h 2 min``; ``-`` when there was none."""
    if milliseconds is None:
        return "-"
    if milliseconds < 60_000:
        return f"{_seconds(milliseconds)} s"
    minutes, rest_ms = divmod(milliseconds, 60_000)
    if minutes < 60:
        return f"{minutes} min {rest_ms // 1000} s"
    return f"{minutes // 60} h {minutes % 60} min"


def _seconds(milliseconds: Millis) -> float:
    """To the tenth that is over, so that no length of time rounds up to the next unit."""
    return milliseconds // 100 / 10


def heading(told: ToldRecord, *, caller: str, arrived: str) -> list[tuple[str, object]]:
    """Who called when, how it ended, and how long it took."""
    said: list[tuple[str, object]] = []
    if told.context:
        said.append(("expert saw", told.context))
    if told.messages:
        said.append(("sent", ", ".join(told.messages)))
    if told.answers:
        answers = (f"{each.question}: {each.key}" for each in told.answers)
        said.append(("answered", ", ".join(answers)))
    return [
        ("caller", f"{caller}, dialled {told.dialled} (hotline {told.hotline})"),
        ("arrived", arrived),
        ("outcome", _outcome(told)),
        ("language", told.language),
        ("waited", span(told.wait_ms)),
        ("talked", span(told.talk_ms)),
        ("lasted", span(told.ended_at - told.arrived_at)),
        *said,
    ]


def closing(told: ToldRecord) -> list[tuple[str, object]]:
    """The ids under which logs, traces and other commands know what was told."""
    fields: list[tuple[str, object]] = [("contact", told.contact)]
    if told.offers:
        fields.append(("offers", ", ".join(each.offer for each in told.offers)))
    if told.legs:
        fields.append(("legs", ", ".join(each.leg for each in told.legs)))
    fields.append(("site", f"{told.site[:SITE_SHOWN]}, flow {told.flow}"))
    if told.voice_messages:
        fields.append(("voice messages", ", ".join(told.voice_messages)))
    if told.left_out:
        fields.append(("left out", f"{told.left_out} entries beyond the record's limits"))
    return fields


def time_line(told: ToldRecord) -> list[str]:
    """Everything that happened, a line each, in order, with seconds from the arrival."""
    happened = [
        *_arrival(told),
        *_visits(told),
        *_queues(told),
        *_offers(told),
        *_transfers(told),
        *_outside(told),
        *_legs(told),
        _Happened(told.ended_at, _OVER, "over"),
    ]
    happened.sort(key=lambda each: (each.at, each.place))
    return [f"{_seconds(each.at - told.arrived_at):8.1f} s  {each.what}" for each in happened]


@dataclass(frozen=True, slots=True)
class _Happened:
    """One line of the story; ``place`` orders what happened in one moment."""

    at: Millis
    place: int
    what: str


_ARRIVED, _ANSWERED, _GIVEN_UP, _IN_FLOW = range(4)
_PLACES_OF_A_VISIT = 3
"""A visit, the queue that its node joined, and leaving that queue in the same moment."""
_RANG, _TOO_LATE, _LEFT, _TALKED, _LINE_ENDED, _LEFT_BEHIND, _OVER = range(10_000, 10_007)
"""Beyond the places of all the visits that a record tells."""

_LEFT_FIRST = (
    SegmentExit.NO_AGENTS,
    SegmentExit.TIMED_OUT,
    SegmentExit.FULL,
    SegmentExit.EXPECTED_WAIT,
    SegmentExit.OVERLOAD,
    SegmentExit.CRISIS,
    SegmentExit.MOVED,
)


def _arrival(told: ToldRecord) -> Iterator[_Happened]:
    devices = [each.device for each in told.legs if each.role is LegRole.CALLER and each.device]
    by_way = f" from {local_name(devices[0])}" if devices else ""
    yield _Happened(told.arrived_at, _ARRIVED, f"arrived{by_way}")
    if told.answered_at is not None:
        yield _Happened(told.answered_at, _ANSWERED, "answered")


def _visits(told: ToldRecord) -> Iterator[_Happened]:
    for number, visit in enumerate(told.visits):
        yield _Happened(visit.at, _place_of(number, told), f"flow: {visit.node}")


def _queues(told: ToldRecord) -> Iterator[_Happened]:
    unused = 0
    for each in told.segments:
        name = local_name(each.queue)
        number = _visit_of(each, told, unused=unused)
        unused = number + 1
        joined = _place_of(number, told) + 1
        yield _Happened(each.entered_at, joined, f"joined the queue {name}")
        left = f"left the queue {name} after {span(each.wait_ms)}: {_EXITS[each.exit]}"
        if each.left_at == each.entered_at:
            yield _Happened(each.left_at, joined + 1, left)
        elif each.exit in _LEFT_FIRST:
            yield _Happened(each.left_at, _GIVEN_UP, left)
        else:
            answered = each.exit is SegmentExit.ANSWERED
            yield _Happened(each.left_at, _LEFT if answered else _LEFT_BEHIND, left)


def _visit_of(segment: QueueSegment, told: ToldRecord, *, unused: int) -> int:
    """The visit that joined this queue: the record does not say, but a queue's node is mostly named
    after it, and no visit joins two queues."""
    name = local_name(segment.queue).rpartition("/")[2]
    there = [
        number
        for number, visit in enumerate(told.visits)
        if number >= unused and visit.at == segment.entered_at
    ]
    named = [number for number in there if told.visits[number].node.startswith(name)]
    return (named or there or [unused])[0]


def _place_of(number: int, told: ToldRecord) -> int:
    return _IN_FLOW + min(number, len(told.visits)) * _PLACES_OF_A_VISIT


def _offers(told: ToldRecord) -> Iterator[_Happened]:
    for each in told.offers:
        who = f"{local_name(each.agent)} ({local_name(each.device)})"
        talked = each.result is OfferResult.CONNECTED
        rang_till = each.ended_at if each.answered_at is None else each.answered_at
        result = _RESULTS[each.result]
        if each.answered_at is not None and not talked:
            result = _ANSWERED_IN_VAIN.get(each.result, result)
        rang = span(rang_till - each.made_at)
        yield _Happened(each.made_at, _RANG, f"rang {rang} at {who}: {result}")
        began_at = _talk_began(each, told)
        if talked and began_at is not None:
            what = f"talked {span(each.ended_at - began_at)} with {who}{_on_hold(each, told)}"
            yield _Happened(began_at, _TALKED, what)


def _talk_began(offer: OfferRecord, told: ToldRecord) -> Millis | None:
    """When this agent heard the caller: of an expert who was asked first, that is later."""
    answered_at, first_at = offer.answered_at, told.connected_at
    if answered_at is None or first_at is None or answered_at <= first_at:
        return first_at
    completed = (each.over_at for each in told.transfers if each.result is TransferResult.COMPLETED)
    joined = [at for at in completed if answered_at <= at <= offer.ended_at]
    return joined[0] if joined else answered_at


def _on_hold(offer: OfferRecord, told: ToldRecord) -> str:
    held = [each for each in told.intervals if each.what is Doing.ON_HOLD]
    meanwhile = [each for each in held if offer.made_at < each.began_at < offer.ended_at]
    held_ms = sum(min(each.ended_at, offer.ended_at) - each.began_at for each in meanwhile)
    return f" (the caller on hold for {span(held_ms)} of it)" if meanwhile else ""


def _transfers(told: ToldRecord) -> Iterator[_Happened]:
    for each in told.transfers:
        by, queue = local_name(each.by), local_name(each.queue)
        yield _Happened(each.asked_at, _RANG, f"{by} {_TRANSFERS[each.kind].format(queue=queue)}")
        if each.result in _CAME_OF_IT:
            yield _Happened(each.over_at, _TALKED, _CAME_OF_IT[each.result].format(by=by))


def _outside(told: ToldRecord) -> Iterator[_Happened]:
    for each in told.legs:
        if each.role is not LegRole.OUTSIDE:
            continue
        ended_at = told.ended_at if each.ended_at is None else each.ended_at
        answered_at = ended_at if each.answered_at is None else each.answered_at
        result = "no answer" if each.answered_at is None else "answered"
        yield _Happened(
            each.began_at, _RANG, f"rang {span(answered_at - each.began_at)} outside: {result}"
        )
        if each.answered_at is not None and told.transferred_to is not None:
            lasted = span(ended_at - answered_at)
            yield _Happened(answered_at, _TALKED, f"talked {lasted} with {told.transferred_to}")


def _legs(told: ToldRecord) -> Iterator[_Happened]:
    known = {(each.device, each.made_at): each.answered_at for each in told.offers}
    for each in told.legs:
        device = local_name(each.device) if each.device else "who was called outside"
        whose = "the caller's line" if each.role is LegRole.CALLER else f"the line of {device}"
        if each.ended_at is None:
            yield _Happened(told.ended_at, _LINE_ENDED, f"{whose} was not seen to end")
        else:
            yield _Happened(each.ended_at, _LINE_ENDED, f"{whose} ended{_cause(each.cause)}")
        if each.device is None or each.answered_at is None:
            continue
        if known.get((each.device, each.began_at), each.answered_at) is None:
            yield _Happened(each.answered_at, _TOO_LATE, f"{device} answered a moment too late")


def _cause(cause: int | None) -> str:
    return "" if cause is None else f" ({_CAUSES.get(cause, f'cause {cause}')})"


def _outcome(told: ToldRecord) -> str:
    agent = None if told.agent is None else local_name(told.agent)
    return outcome_words(told.outcome, told.reason, agent=agent, transferred_to=told.transferred_to)
