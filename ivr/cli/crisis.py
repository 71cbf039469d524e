"""`expertline crisis`: queues that are switched off at once, and whose contacts go elsewhere.

Asks the running engine over the control socket in its data folder. Exit status: 0 each queue is as
asked (also when it was before), 1 one of them is not, 2 used wrongly, no such queue, or no engine.
"""

from collections.abc import Mapping
from typing import Annotated

import typer

from ivr.adapters.control.client import ControlClient
from ivr.adapters.control.wire import NAME_CHARS_MAX, QueueLine
from ivr.cli import agent_words
from ivr.cli.engine_beside import engine_beside
from ivr.cli.listing import (
    BAD,
    DATA_DIR,
    WRONG_USE,
    DataDirOption,
    FormatOption,
    ListFormat,
    iso_time,
    print_json,
    printable,
    refused,
    shown_time,
)
from ivr.cli.table import print_table
from ivr.cli.whoever import whoever
from ivr.engine.command_answer import CommandAnswer
from ivr.flow.problems import listing
from router.model import qualified

app = typer.Typer(help="Switch queues off in a crisis.", no_args_is_help=True)

QueuesArgument = Annotated[list[str], typer.Argument(help="Queues, such as 10086/data.")]
ToOption = Annotated[
    str | None, typer.Option("--to", help="Where their contacts go; else on by their flows.")
]


@app.command()
def start(queues: QueuesArgument, to: ToOption = None, data_dir: DataDirOption = DATA_DIR) -> None:
    """Switch queues off: whoever waits there, or comes there, goes elsewhere at once.

    Of a queue that is switched off already, the next ones go where it says now.
    """
    names = [queue_name(each) for each in queues]
    target = None if to is None else queue_name(to)
    with engine_beside(data_dir) as engine:
        _end_with([_start(engine, each, target) for each in names])


@app.command()
def end(queues: QueuesArgument, data_dir: DataDirOption = DATA_DIR) -> None:
    """Let queues be as they were before."""
    names = [queue_name(each) for each in queues]
    with engine_beside(data_dir) as engine:
        _end_with([_end(engine, each) for each in names])


@app.command(name="list")
def list_crises(
    list_format: FormatOption = ListFormat.TEXT, data_dir: DataDirOption = DATA_DIR
) -> None:
    """Show which queues are switched off, where their contacts go, since when and by whom."""
    with engine_beside(data_dir) as engine:
        queues = _by_name(engine)
    off = [each for each in queues.values() if each.in_crisis]
    if list_format is ListFormat.JSON:
        print_json({"crises": [_document(each) for each in off]})
    elif off:
        headings = ("queue", "since", "switched off by", "contacts go")
        print_table(headings, [_row(each, queues) for each in off])
    else:
        typer.echo("No queue is switched off.")


def queue_name(name: str) -> str:
    """A name that could be a queue's; status 2 for others."""
    if 0 < len(name) <= NAME_CHARS_MAX and name.isprintable():
        return name
    raise refused(
        f"a queue's name has 1 to {NAME_CHARS_MAX} printable characters: write it with its folder, "
        "such as 10086/data",
        status=WRONG_USE,
    )


def unknown_queue(name: str, engine: ControlClient) -> str:
    """The sentence on a queue that the running site does not have."""
    return agent_words.unknown_queue(name, engine.site())


def _document(line: QueueLine) -> dict[str, object]:
    since, by = iso_time(line.crisis_since), line.crisis_by
    return {"queue": line.queue, "to": line.crisis_to, "since": since, "by": by}


def _row(line: QueueLine, queues: Mapping[str, QueueLine]) -> tuple[object, ...]:
    since, by = shown_time(line.crisis_since), line.crisis_by or "-"
    return line.queue, since, by, _goes(line.crisis_to, queues)


def _by_name(engine: ControlClient) -> dict[str, QueueLine]:
    return {each.queue: each for each in engine.queues()}


def _goes(to: str | None, queues: Mapping[str, QueueLine]) -> str:
    """Where contacts really go who are sent there: one crisis is not followed into the next."""
    if to is None:
        return "on by their flows"
    target = queues.get(_local(to))
    if target is None:
        return f"on by their flows, as {to} left the site"
    if target.in_crisis:
        return f"on by their flows as long as {to} is switched off too"
    if not target.staffed:
        return f"on by their flows as long as nobody is there for {to}"
    return f"to {to}"


def _local(queue: str) -> str:
    return queue.removeprefix(qualified(""))


def _start(engine: ControlClient, queue: str, to: str | None) -> int:
    match engine.start_crisis(queue, to=to, by=whoever()):
        case CommandAnswer.DONE:
            return _started(queue, to, _by_name(engine))
        case CommandAnswer.UNCHANGED:
            return _was_off(queue, _by_name(engine))
        case CommandAnswer.UNKNOWN_QUEUE:
            return _not(unknown_queue(queue, engine), status=WRONG_USE)
        case CommandAnswer.UNKNOWN_TARGET:
            return _not(unknown_queue(to or "", engine), status=WRONG_USE)
        case CommandAnswer.SAME_QUEUE:
            return _not("a queue cannot be switched off to itself: choose another --to")
        case _:
            return _not(f"{printable(queue)} is as before: choose another --to")


def _started(queue: str, to: str | None, queues: Mapping[str, QueueLine]) -> int:
    """Also of the queues whose contacts came here: they have to go elsewhere from now on."""
    goes = printable(_goes(to, queues))
    said = f"{printable(queue)} is switched off: its contacts, and whoever comes, go {goes}."
    sent = sorted(each.queue for each in queues.values() if each.crisis_to == _local(queue))
    if sent:
        said += f" Those of {printable(listing(sent))}, which came here, go on by their flows."
    return _told(said)


def _was_off(queue: str, queues: Mapping[str, QueueLine]) -> int:
    off = queues.get(_local(queue))
    if off is None or not off.in_crisis:
        return _told(f"{printable(queue)} was switched off before; nothing changed.")
    goes = printable(_goes(off.crisis_to, queues))
    return _told(f"{printable(queue)} was switched off before: its callers go {goes}.")


def _end(engine: ControlClient, queue: str) -> int:
    match engine.end_crisis(queue, by=whoever()):
        case CommandAnswer.DONE:
            return _told(f"{printable(queue)} takes contacts again.")
        case CommandAnswer.UNCHANGED:
            return _told(f"{printable(queue)} was not switched off.")
        case _:
            return _not(unknown_queue(queue, engine), status=WRONG_USE)


def _told(sentence: str) -> int:
    typer.echo(sentence)
    return 0


def _not(sentence: str, *, status: int = BAD) -> int:
    typer.echo(f"expertline: {sentence}", err=True)
    return status


def _end_with(statuses: list[int]) -> None:
    """Each queue was told of; the worst of them is the command's."""
    if any(statuses):
        raise typer.Exit(max(statuses))
