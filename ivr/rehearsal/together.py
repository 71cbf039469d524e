"""What a caller test expects at once, but never is: the caller waits, or she talks."""

from collections.abc import Iterable

from ivr.flow.problems import Code, Problems
from ivr.rehearsal.caller_test import Expectation
from ivr.rehearsal.read_words import NOBODY
from ivr.rehearsal.transcript import GivenUp, HungUp, LeavesQueue, Talks, Transcript, Waits

NONE = "none"

OF_A_QUEUE = ("queue", "skill", "priority")
_WHILE_WAITING = (*OF_A_QUEUE, "ringing", "transfer")


def can_be_together(things: Iterable[Expectation], problems: Problems) -> bool:
    """Whether these things can be so at the same time; tells where they can not."""
    meant = {each.what: each for each in things if each.value not in (NOBODY, NONE)}
    before = next((what for what in _WHILE_WAITING if what in meant), None)
    agent = meant.get("agent")
    if agent is None or before is None:
        return True
    problems.error(
        Code.NEVER_SO,
        agent.place,
        f"`{before}` and `agent` are never so at the same time: who talks to an expert waits no "
        "more.",
        f"Write two steps, one after the other: `expect: {{{before}: ...}}`, then "
        "`expect: {agent: ...}`.",
    )
    return False


def last_stay(transcript: Transcript) -> tuple[Waits, int] | None:
    """The last stay in a queue that is over, and when it was."""
    stay: Waits | None = None
    found: tuple[Waits, int] | None = None
    for line in transcript.lines:
        if isinstance(line, Waits):
            stay = line
        elif stay is not None and isinstance(line, GivenUp | LeavesQueue | Talks | HungUp):
            found, stay = (stay, line.at), None
    return None if stay is not None else found
