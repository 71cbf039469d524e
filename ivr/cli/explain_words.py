"""Each decision about a contact as a sentence that a floor manager understands.

A sentence says what was decided, then why, with the numbers of that moment. Long lists are cut:
the document for programs has them in full, as far as the router told them.
"""

from collections.abc import Collection
from dataclasses import dataclass

from ivr.cli import explain_doors, explain_talks
from ivr.cli.explain_choices import (
    Clock,
    Names,
    length,
    listed,
    needed,
    states,
    too_low,
    wait_told,
    why_another,
    why_her,
    why_it,
)
from ivr.cli.explain_context import About, waited_for
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
from router.model import PREFERRED_STEP, ContactId, local_name

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
                return explain_doors.let_in(decision, self.names, clock, about)
            case Refused():
                return explain_doors.refused(decision, self.names, clock, self.one_step)
            case Overflowed():
                return explain_doors.overflowed(decision, self.names, about, self.one_step)
            case Left(_, _, queue, waited_ms):
                return (
                    f"Left {local_name(queue)} by itself after {length(waited_ms)}: the caller "
                    "hung up, or the flow took it away."
                )
            case Moved():
                return explain_doors.moved(decision, clock, about)

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
            case ChangeRefused():
                return explain_doors.change_refused(decision, about)

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
