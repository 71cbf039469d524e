"""`expertline contacts move`: a waiting contact into another queue, or further ahead.

Asks the running engine. Exit status: 0 it is as asked, 1 it is not, 2 used wrongly, no such
queue, or no engine.
"""

from typing import Annotated

import typer

from ivr.adapters.control.wire import NAME_CHARS_MAX
from ivr.cli.crisis import queue_name, unknown_queue
from ivr.cli.engine_beside import engine_beside
from ivr.cli.listing import (
    DATA_DIR,
    WRONG_USE,
    DataDirOption,
    printable,
    refused,
)
from ivr.cli.whoever import whoever
from ivr.engine.command_answer import CommandAnswer
from ivr.flow.durations import DURATION_REMEDY, PRIORITY_MS_MAX, duration_ms
from ivr.flow.problems import quoted

ContactArgument = Annotated[
    str, typer.Argument(help="The contact's id, as `contacts list --waiting` shows it.")
]
QueueOption = Annotated[str | None, typer.Option("--queue", help="The queue to wait in.")]
PriorityOption = Annotated[
    str | None, typer.Option("--priority", help="The head start over others, such as 60s.")
]


def move(
    contact: ContactArgument,
    *,
    queue: QueueOption = None,
    priority: PriorityOption = None,
    data_dir: DataDirOption = DATA_DIR,
) -> None:
    """Let a waiting contact wait in another queue, or ahead of others; it keeps its time."""
    if queue is None and priority is None:
        raise refused("say where to: give --queue, --priority or both", status=WRONG_USE)
    if not 0 < len(contact) <= NAME_CHARS_MAX:
        raise refused(f"a contact's id has 1 to {NAME_CHARS_MAX} characters", status=WRONG_USE)
    to = None if queue is None else queue_name(queue)
    ahead_ms = None if priority is None else _priority_ms(priority)
    with engine_beside(data_dir) as engine:
        answer = engine.move_contact(contact, queue=to, priority_ms=ahead_ms, by=whoever())
        if answer is CommandAnswer.UNKNOWN_QUEUE:
            raise refused(unknown_queue(to or "", engine), status=WRONG_USE)
    who = f"contact {printable(contact)}"
    match answer:
        case CommandAnswer.DONE:
            where = "" if to is None else f" in {printable(to)}"
            ahead = "" if priority is None else f", {printable(priority)} ahead"
            typer.echo(f"{who[:1].upper()}{who[1:]} waits{where}{ahead}.")
        case CommandAnswer.UNCHANGED:
            typer.echo(f"{who[:1].upper()}{who[1:]} waits there already.")
        case CommandAnswer.NOBODY_THERE:
            raise refused(
                f"{who} stays where it is: no agent is there who serves {printable(to or '')}"
            )
        case CommandAnswer.IN_CRISIS:
            raise refused(
                f"{who} stays where it is: {printable(to or '')} is switched off, see "
                "`expertline crisis list`"
            )
        case _:
            raise refused(
                f"there is no contact {quoted(contact)} waiting: it has ended or never was, an "
                "agent's phone rings for it, or it talks already"
            )


def _priority_ms(text: str) -> int:
    ms = duration_ms(text)
    if ms is None or ms > PRIORITY_MS_MAX:
        raise refused(f"--priority {text!r} is no head start. {DURATION_REMEDY}", status=WRONG_USE)
    return ms
