"""Each decision about a contact as a sentence that a floor manager understands.

A sentence says what was decided, then why, with the numbers of that moment. Long lists are cut:
the document for programs has them in full, as far as the router told them.
"""

from collections.abc import Collection
from dataclasses import dataclass

from ivr.cli import explain_talks
from ivr.cli.explain_choices import (
    Clock,
    Names,
    her_state,
    length,
    listed,
    needed,
    state_of,
    states,
    too_low,
    wait_told,
    why_another,
    why_her,
    why_it,
)
from ivr.cli.explain_context import About, is_consultation, waited_for
from router.explain import (
    Announced,
    Answered,
    ChangeRefused,
    Chooser,
    Decision,
    Ended,
    Left,
    LetIn,
    Moved,
    Offered,
    OfferLost,
    Overflowed,
    PassedBy,
    Refused,
    Revalued,
    StandReason,
    Stood,
    Waited,
    WrapUpChanged,
)
from router.grounds import Excluded, Standing
from router.model import PREFERRED_STEP, ContactId, OverflowCause, QueueId, local_name

_GIVEN_BACK = {
    OverflowCause.FULL: "it was full",
    OverflowCause.EXPECTED_WAIT: "the wait to be expected is too long",
    OverflowCause.OVERLOAD: "too many wait in all queues together",
    OverflowCause.CRISIS: "it is switched off by a crisis, and there is no other queue to go to",
}


_NOTHING_KNOWN = About()


@dataclass(frozen=True, slots=True)
class Teller:
    """Tells decisions; ``names`` and the queues of ``one_step`` are of the site that holds."""

    names: Names
    one_step: Collection[str] = ()

    def sentence(self, decision: Decision, clock: Clock, about: About = _NOTHING_KNOWN) -> str:
        """This decision, and what is known ``about`` it; ``clock`` gives the time of day."""
        match decision:
            case LetIn() | Refused() | Overflowed() | Left() | Moved():
                return self._in_and_out(decision, clock, about)
            case Stood() | Waited() | Announced() | Revalued() | ChangeRefused():
                return self._waiting(decision, clock, about)
            case Offered() | PassedBy() | Answered() | OfferLost() | Ended() | WrapUpChanged():
                return self._with_agents(decision, clock, about)

    def _in_and_out(
        self, decision: LetIn | Refused | Overflowed | Left | Moved, clock: Clock, about: About
    ) -> str:
        match decision:
            case LetIn():
                return self._let_in(decision, clock, about)
            case Refused():
                return self._refused(decision, clock)
            case Overflowed():
                return self._overflowed(decision, about)
            case Left(_, _, queue, waited_ms):
                return (
                    f"Left {local_name(queue)} by itself after {length(waited_ms)}: the caller "
                    "hung up, or the flow took it away."
                )
            case Moved(_, _, before, queue, by_crisis, wait_ends_at):
                why = _why_moved(by_crisis, about)
                return (
                    f"Moved from {local_name(before)} to {local_name(queue)} {why}: it keeps the "
                    f"time it has waited, its steps begin anew, and it waits there till "
                    f"{clock(wait_ends_at)} at the longest."
                )

    def _waiting(
        self,
        decision: Stood | Waited | Announced | Revalued | ChangeRefused,
        clock: Clock,
        about: About,
    ) -> str:
        match decision:
            case Stood():
                return self._stood(decision, clock)
            case Waited():
                return self._waited(decision, clock)
            case Announced(_, _, queue, position, expected_ms, next_at):
                told = f"Told that it is number {position} in {local_name(queue)}"
                if expected_ms is not None:
                    told += f", with {wait_told(expected_ms)} to go"
                return told + (f"; next at {clock(next_at)}." if next_at is not None else ".")
            case Revalued(_, _, priority_ms, waiting_ms, position):
                who = "" if about.asked_by is None else f", as {about.asked_by} asked"
                return (
                    f"Its priority is worth {length(priority_ms)} from now on{who}: it counts as "
                    f"waiting for {length(waiting_ms)} and is number {position} of its queue."
                )
            case ChangeRefused(_, _, queue):
                to = "another priority" if queue is None else local_name(queue)
                who = about.asked_by or "Somebody"
                return (
                    f"{who} asked for {to}, and nothing changed: it does not wait now, or "
                    "nobody is there in that queue."
                )

    def _with_agents(
        self,
        decision: Offered | PassedBy | Answered | OfferLost | Ended | WrapUpChanged,
        clock: Clock,
        about: About,
    ) -> str:
        full = self.names.full
        match decision:
            case Offered():
                return self._offered(decision, clock)
            case PassedBy(_, _, agent, contacts, own, taken, ahead):
                why = why_another(own, taken, contacts, ahead=ahead)
                return (
                    f"{full(agent)} became free and took {taken.contact} of "
                    f"{local_name(taken.queue)}: {why}."
                )
            case Answered():
                return explain_talks.answered(decision, self.names, about)
            case OfferLost():
                return explain_talks.offer_lost(decision, self.names, clock)
            case Ended():
                return explain_talks.ended(decision, self.names, clock, about)
            case WrapUpChanged():
                return explain_talks.wrap_up_changed(decision, self.names, clock)

    # In and out

    def _let_in(self, told: LetIn, clock: Clock, about: About) -> str:
        agent = waited_for(told.queue)
        if agent is not None:
            why = "who is asked" if is_consultation(told.contact) else "to whom it was passed on"
            why = "to whom it goes back" if about.returns else why
            return f"Waits for {self.names.full(agent)}, {why}, till {clock(told.wait_ends_at)}."
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

    def _refused(self, told: Refused, clock: Clock) -> str:
        queue, agent = local_name(told.queue), waited_for(told.queue)
        if agent is not None and told.cause is OverflowCause.NO_AGENTS:
            state, who = her_state(told.preferred), self.names.full(agent)
            is_asked = is_consultation(told.contact)
            return f"{f'{who} is not asked' if is_asked else f'Not passed on to {who}'}: {state}."
        match told.cause:
            case OverflowCause.FULL:
                why = (
                    f"it is full: {told.waiting} of at most {told.waiting_max} "
                    f"{_wait(told.waiting)} there, and {_staff(told.staff)}"
                )
            case OverflowCause.OVERLOAD:
                why = (
                    f"in all queues together {told.pool_waiting} {_wait(told.pool_waiting)}, and "
                    f"class {told.contact_class} may wait only while fewer than "
                    f"{told.pool_waiting_max} do ({told.admitted_percent} % of all who may)"
                )
            case OverflowCause.EXPECTED_WAIT:
                why = (
                    f"as number {told.position} it would wait about "
                    f"{length(told.expected_ms or 0)} ({_reckoned(told, clock)}, and "
                    f"{_staff(told.staff)}), and nobody is let in who would wait "
                    f"more than {length(told.expected_ms_max or 0)}"
                )
            case OverflowCause.CRISIS:
                why = _crisis(told.to)
            case OverflowCause.NO_AGENTS | OverflowCause.TIMED_OUT:
                why = self._nobody(told.queue, told.excluded)
        return f"Not let into {queue}: {why}."

    def _overflowed(self, told: Overflowed, about: About) -> str:
        queue, waited = local_name(told.queue), length(told.waited_ms)
        agent = waited_for(told.queue)
        if told.cause is OverflowCause.TIMED_OUT:
            why = f"the longest wait of {length(told.wait_ms_max)} is over"
        elif told.cause is not OverflowCause.NO_AGENTS:
            declared = "" if about.asked_by is None else f"; {about.asked_by} declared it"
            why = _GIVEN_BACK[told.cause] + declared
        elif agent is not None:
            why = her_state(next((each for each in told.excluded if each.agent == agent), None))
        else:
            why = self._nobody(told.queue, told.excluded)
        if agent is not None:
            return f"{self.names.full(agent)} is waited for no longer, after {waited}: {why}."
        return f"Given back by {queue} after {waited}: {why}."

    def _nobody(self, queue: QueueId, excluded: tuple[Excluded, ...]) -> str:
        steps = "it" if local_name(queue) in self.one_step else "any of its steps"
        said = listed(states(excluded))
        return f"nobody is there for {steps}{f' ({said})' if said else ''}"

    # Waiting

    def _stood(self, told: Stood, clock: Clock) -> str:
        before, now = _step(told.before), _step(told.now)
        busy = _all_busy(told.excluded, told.contact)
        match told.reason:
            case StandReason.STEP_OVER:
                why = (
                    f"The time for {needed(told.before.requirement)} is over"
                    if told.was_offered
                    else f"Nobody with {needed(told.before.requirement)} was free for it for "
                    f"{length(told.since_ms)}{busy}"
                )
                will_do = f"{_will_do(told.now)} will do from now on"
                return f"{why}, so {will_do}{_ends(told.now, clock)}."
            case StandReason.PREFERRED_OVER:
                agent = told.before.preferred
                name = "its agent" if agent is None else self.names.full(agent)
                return (
                    f"{name} is waited for no longer, after {length(told.since_ms)}{busy}; the "
                    f"steps begin with {now}{_ends(told.now, clock)}."
                )
            case StandReason.STAFF:
                return (
                    f"Somebody came or went, so it stands at {now} instead of {before}"
                    f"{_ends(told.now, clock)}."
                )
            case StandReason.RULES:
                return (
                    f"The steps of {local_name(told.now.queue)} are other ones now: it stands at "
                    f"{now} instead of {before}{_ends(told.now, clock)}."
                )

    def _waited(self, told: Waited, clock: Clock) -> str:
        standing = told.standing
        if standing.preferred is not None:
            who, busy = self.names.full(standing.preferred), _all_busy(told.excluded, told.contact)
            if waited_for(standing.queue) is not None:
                return f"Waits for {who} alone{busy}."
            return f"Waits for {who} alone, its preferred agent{busy}{_ends(standing, clock)}."
        low = too_low(told.excluded)
        said = (
            f"Waits as number {told.position} at {_step(standing)}{_skipped(standing)}: nobody "
            f"who could take it is idle{_all_busy(told.excluded, told.contact)}"
        )
        if low:
            said += f"; too low: {listed(low)}"
        return f"{said}{_ends(standing, clock)}."

    # Agents

    def _offered(self, told: Offered, clock: Clock) -> str:
        who, step = self.names.full(told.agent), _step(told.standing) + _skipped(told.standing)
        rings = f"It rings till {clock(told.ring_ends_at)} at {local_name(told.device)}."
        preferred = told.standing.preferred is not None
        is_hers = waited_for(told.standing.queue) is not None
        if told.by is Chooser.AGENT:
            place = ", as the contact's preferred agent" if preferred else f", at {step}"
            place = "" if is_hers else place
            return f"{who} became free and is rung{place}: {why_it(told)}. {rings}"
        if preferred:
            why = "it is for her alone" if is_hers else "the contact's preferred agent"
            return f"Rang {who}: {why}. {rings}"
        passed_over = listed(states(told.excluded))
        not_asked = f" Not asked: {passed_over}." if passed_over else ""
        return f"Rang {who} for {step}: {why_her(told, clock)}.{not_asked} {rings}"


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


def _step(standing: Standing) -> str:
    if standing.step == PREFERRED_STEP:
        return "the preferred agent"
    return f"step {standing.step + 1} ({needed(standing.requirement)})"


def _will_do(standing: Standing) -> str:
    """What is asked now; of one skill at the lowest level, ``any data skill``."""
    asked = needed(standing.requirement)
    return f"any {asked} skill" if asked.isidentifier() else asked


def _skipped(standing: Standing) -> str:
    if not standing.skipped:
        return ""
    passed_over = listed([needed(each) for each in standing.skipped])
    return f", as nobody is there for {passed_over}"


def _ends(standing: Standing, clock: Clock) -> str:
    """Nothing where steps were passed over: the time that ends then is one of theirs."""
    if standing.ends_at is None or standing.skipped:
        return ""
    return f"; this step ends at {clock(standing.ends_at)}"


def _all_busy(excluded: tuple[Excluded, ...], own: ContactId) -> str:
    said = listed(states(excluded, own=own))
    return f" ({said})" if said else ""


def _why_moved(by_crisis: bool, about: About) -> str:
    who = about.asked_by
    if by_crisis:
        return f"because of the crisis there{'' if who is None else f', which {who} declared'}"
    return f"as {who or 'somebody'} asked"


def _crisis(to: QueueId | None) -> str:
    if to is None:
        return "it is switched off by a crisis, with no other queue to go to"
    return (
        f"it is switched off by a crisis, and {local_name(to)}, where its contacts go, has a "
        "crisis itself or nobody there"
    )
