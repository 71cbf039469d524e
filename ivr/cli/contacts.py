"""`expertline contacts`: the records of what happened to callers, one for each contact.

Exit status: 0 good, 1 there is no such contact, 2 used wrongly or no store.
"""

import json
from collections.abc import Sequence
from typing import Annotated

import msgspec
import typer

from ivr.adapters.store.records import ContactFilter, StoredContact
from ivr.adapters.store.store import utc_millis
from ivr.call.model import Outcome
from ivr.cli.listing import (
    DATA_DIR,
    LISTED,
    DataDirOption,
    FormatOption,
    LimitOption,
    ListFormat,
    RevealOption,
    each_or_nothing,
    iso_time,
    print_fields,
    print_json,
    print_table,
    refused,
    shown_number,
    shown_time,
    since_millis,
    store_beside,
)
from router.model import local_name, qualified

app = typer.Typer(help="The records of contacts.", no_args_is_help=True)

SinceOption = Annotated[
    str | None, typer.Option("--since", help="Arrived since: 2h, 1d, 2026-10-01T08:00.")
]
QueueOption = Annotated[str | None, typer.Option("--queue", help="Its last queue.")]
OutcomeOption = Annotated[Outcome | None, typer.Option("--outcome", help="How it ended.")]
AgentOption = Annotated[str | None, typer.Option("--agent", help="Who talked to the caller.")]
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
) -> None:
    """Show the latest contacts that fit, latest first."""
    wanted = ContactFilter(
        since=since_millis(since, now=utc_millis()),
        queue=None if queue is None else _whole_name(queue),
        outcome=None if outcome is None else outcome.value,
        agent=None if agent is None else _whole_name(agent),
    )
    with store_beside(data_dir) as store:
        found = store.contacts.newest(wanted, limit=limit)
    if list_format is ListFormat.JSON:
        print_json({"contacts": [_document(each, reveal=reveal) for each in found]})
        return

    def show(contacts: Sequence[StoredContact]) -> None:
        _print_contacts(contacts, reveal=reveal)

    each_or_nothing(found, show, what="contact fits")


@app.command()
def show(
    contact: ContactArgument,
    *,
    list_format: FormatOption = ListFormat.TEXT,
    data_dir: DataDirOption = DATA_DIR,
    reveal: RevealOption = False,
) -> None:
    """Show one contact's whole record."""
    with store_beside(data_dir) as store:
        found = store.contacts.one(contact)
    if found is None:
        raise refused(
            f"there is no record of a contact {contact!r}: `expertline contacts list` shows those "
            "there are, and a contact has its record only when it has ended"
        )
    document = _document(found, reveal=reveal)
    if list_format is ListFormat.JSON:
        print_json(document)
    else:
        print_fields([(name, _in_words(value)) for name, value in document.items()])


def _whole_name(name: str) -> str:
    return name if ":" in name else qualified(name)


def _document(stored: StoredContact, *, reveal: bool) -> dict[str, object]:
    """The record as it was kept, with wall times, and the number instead of its reference."""
    return {
        **stored.record,
        "caller": shown_number(stored.number, reveal=reveal),
        "site": stored.site,
        "arrived": iso_time(stored.arrived_wall),
        "ended": iso_time(stored.ended_wall),
    }


def _in_words(value: object) -> object:
    """Lists as a person reads them; one with a shape of its own stays as it is in JSON."""
    if not isinstance(value, list):
        return value
    items = msgspec.convert(value, list[object])
    if all(isinstance(each, str) for each in items):
        return ", ".join(str(each) for each in items) or None
    return json.dumps(items)


def _print_contacts(contacts: Sequence[StoredContact], *, reveal: bool) -> None:
    headings = ("arrived", "contact", "caller", "hotline", "queue", "agent", "outcome", "seconds")
    rows: list[tuple[object, ...]] = []
    for each in contacts:
        record = each.record
        seconds = (each.ended_wall - each.arrived_wall) // 1000
        names = (_local(record.get("queue")), _local(record.get("agent")))
        rows.append(
            (
                shown_time(each.arrived_wall),
                record.get("contact"),
                shown_number(each.number, reveal=reveal),
                record.get("hotline"),
                *names,
                record.get("outcome"),
                seconds,
            )
        )
    print_table(headings, rows)


def _local(name: object) -> str:
    return local_name(name) if isinstance(name, str) else "-"
