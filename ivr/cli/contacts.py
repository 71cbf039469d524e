"""`expertline contacts`: the records of what happened to callers, one for each contact.

Of those who still wait the running engine tells. Exit status: 0 good, 1 there is no such contact or
queue, 2 used wrongly, or no store or engine.
"""

from collections.abc import Sequence
from functools import partial
from typing import Annotated

import msgspec
import typer

from ivr.adapters.store.records import ContactFilter, StoredContact
from ivr.adapters.store.store import utc_millis
from ivr.call.model import Outcome
from ivr.cli.contact_story import ToldRecord, closing, heading, span, time_line, told_of
from ivr.cli.listing import (
    DATA_DIR,
    LISTED,
    WRONG_USE,
    DataDirOption,
    FormatOption,
    LimitOption,
    ListFormat,
    RevealOption,
    iso_time,
    print_fields,
    print_found,
    print_json,
    printable,
    refused,
    shown_number,
    shown_time,
    since_millis,
)
from ivr.cli.moving import move
from ivr.cli.store_beside import store_beside
from ivr.cli.table import print_table
from ivr.cli.waiting import list_waiting
from router.model import as_qualified, local_name

app = typer.Typer(help="The records of contacts.", no_args_is_help=True)
app.command()(move)

SinceOption = Annotated[
    str | None, typer.Option("--since", help="Arrived since: 2h, 1d, 2026-10-01T08:00.")
]
QueueOption = Annotated[str | None, typer.Option("--queue", help="Its last queue.")]
OutcomeOption = Annotated[Outcome | None, typer.Option("--outcome", help="How it ended.")]
AgentOption = Annotated[str | None, typer.Option("--agent", help="Who talked to the caller.")]
WaitingOption = Annotated[
    bool, typer.Option("--waiting", help="Who waits now, told by the running engine.")
]
ContactArgument = Annotated[str, typer.Argument(help="The contact's id, as `list` shows it.")]


@app.command(name="list")
def list_contacts(  # noqa: PLR0913 - each is one option of the command line
    *,
    since: SinceOption = None,
    queue: QueueOption = None,
    outcome: OutcomeOption = None,
    agent: AgentOption = None,
    limit: LimitOption = LISTED,
    list_format: FormatOption = ListFormat.TEXT,
    data_dir: DataDirOption = DATA_DIR,
    reveal: RevealOption = False,
    waiting: WaitingOption = False,
) -> None:
    """Show the latest contacts that fit, latest first; or with --waiting who waits now."""
    if waiting:
        if reveal or (since, outcome, agent) != (None, None, None):
            raise refused(
                "--waiting goes with --queue, --limit and --format only: the engine tells of "
                "nobody's number, and who waits has met no agent and no end yet",
                status=WRONG_USE,
            )
        list_waiting(queue, limit=limit, list_format=list_format, data_dir=data_dir)
        return
    wanted = ContactFilter(
        since=since_millis(since, now=utc_millis()),
        queue=None if queue is None else as_qualified(queue),
        outcome=None if outcome is None else outcome.value,
        agent=None if agent is None else as_qualified(agent),
    )
    with store_beside(data_dir) as store:
        found = store.contacts.newest(wanted, limit=limit)
    print_found(
        found,
        list_format,
        key="contacts",
        document=partial(_document, reveal=reveal),
        table=partial(_print_contacts, reveal=reveal),
        what="contact fits",
    )


@app.command()
def show(
    contact: ContactArgument,
    *,
    list_format: FormatOption = ListFormat.TEXT,
    data_dir: DataDirOption = DATA_DIR,
    reveal: RevealOption = False,
) -> None:
    """Tell one contact's story, in seconds from its arrival; JSON holds the whole record."""
    with store_beside(data_dir) as store:
        found = store.contacts.one(contact)
    if found is None:
        raise refused(
            f"there is no record of a contact {contact!r}: `expertline contacts list` shows those "
            "there are, and a contact has its record only when it has ended"
        )
    if list_format is ListFormat.JSON:
        print_json(_document(found, reveal=reveal))
    else:
        _print_story(found, reveal=reveal)


def _document(stored: StoredContact, *, reveal: bool) -> dict[str, object]:
    """The record as it was kept, with wall times, and the number instead of its reference."""
    return {
        **stored.record,
        "caller": shown_number(stored.number, reveal=reveal),
        "site": stored.site,
        "arrived": iso_time(stored.arrived_wall),
        "ended": iso_time(stored.ended_wall),
    }


def _told(stored: StoredContact) -> ToldRecord:
    try:
        return told_of(stored.record)
    except msgspec.ValidationError as error:
        raise refused(
            f"the record of {stored.record.get('contact')} is of a form that cannot be told "
            f"({error}): `--format json` shows it as it was kept"
        ) from error


def _told_or_nothing(stored: StoredContact) -> ToldRecord:
    """For a list, which one odd record shall not keep from the rest."""
    try:
        return told_of(stored.record)
    except msgspec.ValidationError:
        return ToldRecord()


def _print_story(stored: StoredContact, *, reveal: bool) -> None:
    told = _told(stored)
    caller = shown_number(stored.number, reveal=reveal)
    print_fields(heading(told, caller=caller, arrived=shown_time(stored.arrived_wall)))
    typer.echo()
    for line in time_line(told):
        typer.echo(printable(line))
    typer.echo()
    print_fields(closing(told))


def _print_contacts(contacts: Sequence[StoredContact], *, reveal: bool) -> None:
    headings = (
        *("arrived", "contact", "caller", "hotline", "queue", "agent", "outcome"),
        *("waited", "talked", "lasted"),
    )
    rows: list[tuple[object, ...]] = []
    for each in contacts:
        record, told = each.record, _told_or_nothing(each)
        rows.append(
            (
                shown_time(each.arrived_wall),
                record.get("contact"),
                shown_number(each.number, reveal=reveal),
                record.get("hotline"),
                _local(record.get("queue")),
                _local(record.get("agent")),
                record.get("outcome"),
                span(told.wait_ms),
                span(told.talk_ms),
                span(each.ended_wall - each.arrived_wall),
            )
        )
    print_table(headings, rows)


def _local(name: object) -> str:
    return local_name(name) if isinstance(name, str) else "-"
