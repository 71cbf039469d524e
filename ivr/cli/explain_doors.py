"""The words for the ways in and out of queues: let in, refused, given back, moved."""

from collections.abc import Collection

from ivr.cli.explain_choices import Clock, Names, her_state, length, listed, state_of, states
from ivr.cli.explain_context import About, is_consultation, waited_for
from router.explain import ChangeRefused, LetIn, Moved, NoWay, Overflowed, Refused, Unchanged
from router.grounds import Excluded
from router.model import AgentId, OverflowCause, QueueId, local_name

_GIVEN_BACK = {
    OverflowCause.FULL: "it was full",
    OverflowCause.EXPECTED_WAIT: "the wait to be expected is too long",
    OverflowCause.OVERLOAD: "too many wait in all queues together",
}

_LEFT_SITE = "is in the site no longer"

_NO_WAYS = {
    NoWay.LEFT_SITE: _LEFT_SITE,
    NoWay.CRISIS: "is switched off by a crisis too",
    NoWay.CHANNEL: "is of another channel",
    NoWay.NOBODY: "has nobody there",
}

_NOT_THERE = {
    NoWay.LEFT_SITE: f"that queue {_LEFT_SITE}",
    NoWay.CRISIS: "that queue is switched off by a crisis",
    NoWay.CHANNEL: "that queue is of another channel",
    NoWay.NOBODY: "nobody is there in that queue",
}


def let_in(told: LetIn, names: Names, clock: Clock, about: About) -> str:
    """The queue took it in, and what it may expect there."""
    agent = waited_for(told.queue)
    if agent is not None:
        why = "who is asked" if is_consultation(told.contact) else "to whom it was passed on"
        why = "to whom it goes back" if about.returns else why
        return f"Waits for {names.full(agent)}, {why}, till {clock(told.wait_ends_at)}."
    way = ""
    if told.asked != told.queue:
        way = f", instead of {local_name(told.asked)}, where there is a crisis"
    said = (
        f"Let into {local_name(told.queue)} as number {told.position}{way}: "
        f"{_beside(told.waiting, told.waiting_max)}, and {_staff(told.staff)}. It waits till "
        f"{clock(told.wait_ends_at)} at the longest."
    )
    if told.expected_ms is not None and not about.is_offered_at_once:
        said += f" Its wait is expected to be {length(told.expected_ms)} "
        said += f"({_reckoned(told, clock)})."
    if told.measures:
        said += (
            f" That is more than the {length(told.expected_ms_max or 0)} for which anybody is "
            "let in; but nobody else waits and nothing was measured of late, so it is let in "
            "to measure how long it really takes."
        )
    if told.priority_ms:
        said += f" Its priority is worth {length(told.priority_ms)} of waiting."
    if told.waited_ms:
        said += f" What it waited before counts: {length(told.waited_ms)}."
    if told.preferred is not None:
        said += f" Its preferred agent is not waited for: {state_of(told.preferred)}."
    return said


def refused(told: Refused, names: Names, clock: Clock, one_step: Collection[str]) -> str:
    """The queue did not take it in, and by which of its numbers."""
    queue, agent = local_name(told.queue), waited_for(told.queue)
    if agent is not None and told.cause is OverflowCause.NO_AGENTS:
        left_site = told.left_site and told.preferred is None
        state, who = _her_state(told.preferred, left_site=left_site), names.full(agent)
        is_asked = is_consultation(told.contact)
        return f"{f'{who} is not asked' if is_asked else f'Not passed on to {who}'}: {state}."
    if told.to is not None and told.cause is not OverflowCause.CRISIS:
        queue = f"{local_name(told.to)}, where the crisis of {queue} leads"
    return f"Not let into {queue}: {_why_refused(told, clock, one_step)}."


def _why_refused(told: Refused, clock: Clock, one_step: Collection[str]) -> str:
    match told.cause:
        case OverflowCause.FULL:
            return (
                f"it is full: {told.waiting} of at most {told.waiting_max} "
                f"{_wait(told.waiting)} there, and {_staff(told.staff)}"
            )
        case OverflowCause.OVERLOAD:
            return (
                f"in all queues together {told.pool_waiting} {_wait(told.pool_waiting)}, and "
                f"class {told.contact_class} may wait only while fewer than "
                f"{told.pool_waiting_max} do ({told.admitted_percent} % of all who may)"
            )
        case OverflowCause.EXPECTED_WAIT:
            return (
                f"as number {told.position} it would wait about "
                f"{length(told.expected_ms or 0)} ({_reckoned(told, clock)}, and "
                f"{_staff(told.staff)}), and nobody is let in who would wait "
                f"more than {length(told.expected_ms_max or 0)}"
            )
        case OverflowCause.CRISIS:
            return _crisis(told.to, told.no_way)
        case OverflowCause.NO_AGENTS | OverflowCause.TIMED_OUT:
            if told.left_site:
                return f"it {_LEFT_SITE}"
            return _nobody(told.queue, told.excluded, one_step)


def overflowed(told: Overflowed, names: Names, about: About, one_step: Collection[str]) -> str:
    """The queue has it no longer, and why."""
    waited, agent = length(told.waited_ms), waited_for(told.queue)
    why = _why_given_back(told, agent, about, one_step)
    if agent is not None:
        return f"{names.full(agent)} is waited for no longer, after {waited}: {why}."
    return f"Given back by {local_name(told.queue)} after {waited}: {why}."


def _why_given_back(
    told: Overflowed, agent: AgentId | None, about: About, one_step: Collection[str]
) -> str:
    match told.cause:
        case OverflowCause.TIMED_OUT:
            return f"the longest wait of {length(told.wait_ms_max)} is over"
        case OverflowCause.CRISIS:
            declared = "" if about.asked_by is None else f"; {about.asked_by} declared it"
            return _crisis(told.to, told.no_way) + declared
        case OverflowCause.NO_AGENTS if agent is not None:
            hers = next((each for each in told.excluded if each.agent == agent), None)
            return _her_state(hers, left_site=told.left_site)
        case OverflowCause.NO_AGENTS if told.left_site:
            return f"it {_LEFT_SITE}"
        case OverflowCause.NO_AGENTS:
            return _nobody(told.queue, told.excluded, one_step)
        case _:
            return _GIVEN_BACK[told.cause]


def moved(told: Moved, clock: Clock, about: About) -> str:
    """It waits in another queue from now on, and what it keeps."""
    return (
        f"Moved from {local_name(told.before)} to {local_name(told.queue)} "
        f"{_why_moved(told, about)}: it keeps the time it has waited, its steps begin anew, and it "
        f"waits there till {clock(told.wait_ends_at)} at the longest."
    )


def _why_moved(told: Moved, about: About) -> str:
    who = about.asked_by
    if told.by_crisis:
        return f"because of the crisis there{'' if who is None else f', which {who} declared'}"
    if told.asked in (None, told.queue):
        return f"as {who or 'somebody'} asked"
    return f"as {who or 'somebody'} asked for {local_name(told.asked)}, whose crisis leads there"


def change_refused(told: ChangeRefused, about: About) -> str:
    """Somebody asked for another queue or priority, and why that changed nothing."""
    to = "another priority" if told.queue is None else local_name(told.queue)
    asked = f"{about.asked_by or 'Somebody'} asked for {to}, and"
    match told.reason:
        case Unchanged.NOT_WAITING:
            return f"{asked} nothing changed: it does not wait now."
        case Unchanged.SAME:
            has = "it has that priority" if told.queue is None else "it waits there"
            return f"{asked} nothing changed: {has} already."
        case Unchanged.NO_WAY:
            why = "no way leads there" if told.no_way is None else _NOT_THERE[told.no_way]
            return f"{asked} it stays where it is: {why}."


def _her_state(state: Excluded | None, *, left_site: bool) -> str:
    """Of one agent by name; the queue where contacts wait for her is no place that people know."""
    return "nobody is passed on to her any more" if left_site else her_state(state)


def _nobody(queue: QueueId, excluded: tuple[Excluded, ...], one_step: Collection[str]) -> str:
    steps = "it" if local_name(queue) in one_step else "any of its steps"
    said = listed(states(excluded))
    return f"nobody is there for {steps}{f' ({said})' if said else ''}"


def _crisis(to: QueueId | None, no_way: NoWay | None) -> str:
    if to is None or no_way is None:
        return "it is switched off by a crisis, with no other queue to go to"
    return (
        f"it is switched off by a crisis, and {local_name(to)}, where its contacts go, "
        f"{_NO_WAYS[no_way]}"
    )


def _wait(count: int) -> str:
    return "waits" if count == 1 else "wait"


def _beside(others: int, waiting_max: int | None) -> str:
    """Who else waits in the queue that it was let into."""
    who = "nobody else" if not others else f"{others} other{'s' if others > 1 else ''}"
    bound = "" if waiting_max is None else f" (at most {waiting_max} may)"
    return f"{who} {_wait(max(1, others))} there{bound}"


def _reckoned(told: LetIn | Refused, clock: Clock) -> str:
    """By what an expected wait was reckoned."""
    at = told.measured_at
    measured = "a guess, as nothing was measured yet" if at is None else f"measured at {clock(at)}"
    return f"a contact takes {length(told.handling_ms or 0)} of an agent's time, {measured}"


def _staff(count: int) -> str:
    return f"{count} agent is there for it" if count == 1 else f"{count} agents are there for it"
