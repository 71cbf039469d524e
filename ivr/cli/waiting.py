"""`expertline contacts list --waiting`: who waits now, as the running engine sees it.

The records of contacts are written when these are over; this is for those who are still there.
"""

from collections.abc import Sequence
from pathlib import Path

import typer

from ivr.adapters.control.wire import ContactLine
from ivr.adapters.store.store import utc_millis
from ivr.cli.contact_story import span
from ivr.cli.crisis import queue_name, unknown_queue
from ivr.cli.engine_beside import engine_beside
from ivr.cli.listing import (
    ListFormat,
    iso_time,
    print_json,
    refused,
)
from ivr.cli.table import print_table
from router.model import local_name


def list_waiting(queue: str | None, *, limit: int, list_format: ListFormat, data_dir: Path) -> None:
    """Show who has met no agent yet, in this queue or any, longest waiting first."""
    asked = None if queue is None else queue_name(queue)
    with engine_beside(data_dir) as engine:
        found = engine.waiting(asked)
        if asked is not None and not found.contacts:
            known = {each.queue for each in engine.queues()}
            if not known & {asked, local_name(asked)}:
                raise refused(unknown_queue(asked, engine))
    shown = found.contacts[:limit]
    more = found.more + len(found.contacts) - len(shown)
    now = utc_millis()
    if list_format is ListFormat.JSON:
        print_json({"waiting": [_document(each, now) for each in shown], "more": more})
        return
    if not shown:
        typer.echo("Nobody waits.")
        return
    _print(shown, now)
    if more:
        typer.echo(f"... and {more} more.")


def step_words(line: ContactLine) -> str:
    """``2``, or that it waits for one agent alone, before any step."""
    return "preferred agent" if line.step is None else str(line.step)


def _waited_ms(line: ContactLine, now: int) -> int:
    return max(0, now - line.since)


def _document(line: ContactLine, now: int) -> dict[str, object]:
    return {
        "contact": line.contact,
        "queue": line.queue,
        "position": line.position,
        "step": line.step,
        "since": iso_time(line.since),
        "waited_ms": _waited_ms(line, now),
        "rings": line.rings,
    }


def _print(shown: Sequence[ContactLine], now: int) -> None:
    rows = [
        (
            each.contact,
            each.queue,
            each.position,
            step_words(each),
            span(_waited_ms(each, now) // 1000 * 1000),
            each.rings,
        )
        for each in shown
    ]
    print_table(("contact", "queue", "place", "step", "waited", "rings"), rows)
