"""`expertline explain`: why a contact went where it went, decision by decision.

Reads only, also beside a running engine: nothing of this is kept while calls are live, so the
journal is given to the cores again, up to the contact's end. Exit status: 0 told, 1 it cannot be,
2 used wrongly or no store.
"""

import shutil
import sys
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from ivr.adapters.core_version import core_version
from ivr.adapters.store.store import StoreBeside
from ivr.cli.explain_choices import Clock, Names
from ivr.cli.explain_context import about, asker, who_is_asked
from ivr.cli.explain_words import Teller
from ivr.cli.listing import (
    DATA_DIR,
    DataDirOption,
    FormatOption,
    ListFormat,
    iso_time,
    print_json,
    printable,
    refused,
    shown_time,
)
from ivr.cli.outcome_words import outcome_words
from ivr.cli.store_beside import store_beside
from ivr.engine.explain import (
    ROWS_REPLAYED_MAX,
    ContactNotFound,
    ExplainRefused,
    Explanation,
    Over,
    ToldDecision,
)
from ivr.engine.explain import (
    explain as explained,
)
from ivr.engine.recover import Kept
from ivr.site_shelf import SiteShelf
from router.explain import Decision, LetIn, PassedBy, Refused, kind_of
from router.model import ContactId, local_name

PASSED_BY_TOLD_MAX = 5
"""Times in a row that a freed agent took another contact, told for people; more are counted."""

SINCE_WIDTH = 11
"""Room for the seconds since the arrival."""

COLUMNS_MIN = 60
"""A screen narrower than that breaks lines better by itself."""

ContactArgument = Annotated[
    str, typer.Argument(help="The contact's id, as `contacts list` shows it.")
]


def explain(
    contact: ContactArgument,
    *,
    data_dir: DataDirOption = DATA_DIR,
    list_format: FormatOption = ListFormat.TEXT,
) -> None:
    """Tell why a contact went where it went: each decision about it, with what decided."""
    root, _, _ = contact.partition(".")
    with store_beside(data_dir) as store:
        explanation = _explained(store, ContactId(root), data_dir)
    if list_format is ListFormat.JSON:
        print_json(_document(explanation))
    else:
        _print(explanation)


def _explained(store: StoreBeside, contact: ContactId, data_dir: Path) -> Explanation:
    streams = store.journal.streams()
    if len(streams) != 1:
        raise refused(f"the journal in {data_dir} has {len(streams)} streams, not one")
    (stream,) = streams
    kept = Kept(store.journal.snapshots(stream), lambda seq: store.journal.rows(stream, after=seq))
    sites = SiteShelf(store.stored_sites.one)
    try:
        return explained(contact, kept, core=core_version(), sites=sites)
    except ExplainRefused as problem:
        raise refused(str(problem)) from problem
    except ContactNotFound as problem:
        raise refused(_not_found(store, contact, problem)) from problem


def _not_found(store: StoreBeside, contact: ContactId, problem: ContactNotFound) -> str:
    """Why there is nothing to tell, and what comes nearest to it."""
    if store.contacts.one(contact) is not None:
        begins = shown_time(problem.begins_wall)
        return (
            f"the journal no longer holds the contact {contact}: what is kept of it begins at "
            f"{begins}. `expertline contacts show {contact}` tells what happened"
        )
    if problem.near is not None:
        return f"there is no contact {contact!r} in the journal; did you mean {problem.near}?"
    return (
        f"there is no contact {contact!r} in the journal: `expertline contacts list` shows those "
        "that have ended"
    )


def _teller(explanation: Explanation) -> Teller:
    site = explanation.site
    if site is None:
        return Teller(Names({}))
    titles = {name: agent.title for name, agent in site.agents.items()}
    one_step = {name for name, queue in site.queues.items() if len(queue.steps) == 1}
    return Teller(Names(titles), one_step)


def _print(explanation: Explanation) -> None:
    arrived = shown_time(explanation.arrived_wall)
    typer.echo(f"contact {explanation.contact}, arrived {arrived}\n")
    teller = _teller(explanation)
    columns = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    for line in _lines(explanation, teller):
        typer.echo(fitted(printable(line), columns))
    for line in _closing(explanation):
        typer.echo(f"\n{line}")


def _lines(explanation: Explanation, teller: Teller) -> Iterator[str]:
    """A line for each decision; of many contacts that came before, one after another, a few."""
    lines = _sentences(explanation, teller)
    for passed_by, some in groupby(lines, lambda line: isinstance(line.told.decision, PassedBy)):
        run = list(some)
        shown = run[:PASSED_BY_TOLD_MAX] if passed_by else run
        for line in shown:
            yield f"{_when(line.told, explanation)}{line.whose}{line.sentence}"
        if len(run) > len(shown):
            more = len(run) - len(shown)
            yield f"{_when(run[-1].told, explanation)}... and {more} more such, up to here."


def fitted(line: str, columns: int | None) -> str:
    """A line for a screen of so many columns, what follows its time under its beginning."""
    if columns is None or columns < COLUMNS_MIN:
        return line
    hanging = " " * (len(_time_of_day(0)) + SINCE_WIDTH + 2)
    return textwrap.fill(line, columns, subsequent_indent=hanging, break_on_hyphens=False)


@dataclass(frozen=True, slots=True)
class _Line:
    told: ToldDecision
    whose: str
    """Of a consultation, who asks, or its id."""
    sentence: str


def _sentences(explanation: Explanation, teller: Teller) -> Iterator[_Line]:
    decisions = [each.decision for each in explanation.decisions]
    for index, told in enumerate(explanation.decisions):
        known = replace(about(decisions, index), asked_by=told.asked_by)
        sentence = teller.sentence(told.decision, _clock_of(told), known)
        yield _Line(told, _whose(explanation, decisions, index), sentence)


def _clock_of(told: ToldDecision) -> Clock:
    return lambda at: _time_of_day(told.wall + at - told.decision.at)


def _when(told: ToldDecision, explanation: Explanation) -> str:
    since = (told.decision.at - explanation.arrived_at) // 100 / 10
    return f"{_time_of_day(told.wall)} {f'(+{since:g} s)':<{SINCE_WIDTH}} "


def _whose(explanation: Explanation, decisions: Sequence[Decision], index: int) -> str:
    decision, site = decisions[index], explanation.site
    if decision.contact == explanation.contact:
        return ""
    agent = asker(decisions, index)
    if agent is None or not isinstance(decision, LetIn | Refused):
        return f"Consultation {decision.contact}: "
    asked = decision.asked if isinstance(decision, LetIn) else decision.queue
    who = who_is_asked(asked, {} if site is None else site.queues)
    return f"{local_name(agent)} asks for {who} ({decision.contact}): "


def _time_of_day(wall: int) -> str:
    return shown_time(wall).partition(" ")[2]


def _closing(explanation: Explanation) -> Iterator[str]:
    if not explanation.decisions:
        yield "No queue ever had to decide about it: `contacts show` tells what it heard."
    if explanation.left_out:
        yield f"{explanation.left_out} more decisions about it are left out."
    if explanation.cut:
        yield (
            f"Told up to {ROWS_REPLAYED_MAX} rows of the journal, the most that are gone through "
            "for one contact."
        )
    elif explanation.over is None:
        yield "The contact is not over, as far as the journal is written."
    else:
        yield f"In the end the caller {_outcome(explanation.over)}."


def _outcome(over: Over) -> str:
    agent = None if over.agent is None else local_name(over.agent)
    return outcome_words(over.outcome, over.reason, agent=agent, transferred_to=over.transferred_to)


def _document(explanation: Explanation) -> dict[str, object]:
    teller = _teller(explanation)
    return {
        "contact": explanation.contact,
        "arrived": iso_time(explanation.arrived_wall),
        "arrived_at": explanation.arrived_at,
        "ended": explanation.over is not None,
        "outcome": None if explanation.over is None else explanation.over.outcome.value,
        "rows": explanation.rows,
        "cut": explanation.cut,
        "left_out": explanation.left_out,
        "decisions": [_entry(each, explanation) for each in _sentences(explanation, teller)],
    }


def _entry(line: _Line, explanation: Explanation) -> dict[str, object]:
    decision = line.told.decision
    return {
        "kind": kind_of(decision),
        "time": iso_time(line.told.wall),
        "since_arrival_ms": decision.at - explanation.arrived_at,
        "sentence": line.sentence,
        "asked_by": line.told.asked_by,
        **msgspec.to_builtins(decision),
    }
