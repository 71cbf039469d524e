"""`expertline crisis`: queues that are switched off at once, and whose contacts go elsewhere.

Asks the running engine over the control socket in its data folder. Exit status: 0 each queue is as
asked (also when it was before), 1 one of them is not, 2 used wrongly, no such queue, or no engine.
"""

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
    print_json,
    printable,
    refused,
)
from ivr.cli.table import print_table
from ivr.cli.whoever import whoever
from ivr.engine.command_answer import CommandAnswer
from router.model import qualified

app = typer.Typer(help="Switch queues off in a crisis.", no_args_is_help=True)

QueuesArgument = Annotated[list[str], typer.Argument(help="Queues, such as 10086/data.")]
ToOption = Annotated[
    str | None, typer.Option("--to", help="Where their contacts go; else on by their flows.")
]


@app.command()
def start(queues: QueuesArgument, to: ToOption = None, data_dir: DataDirOption = DATA_DIR) -> None:
    """Switch queues off: whoever waits there, or comes there, goes elsewhere at once."""
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
    """Show which queues are switched off."""
    with engine_beside(data_dir) as engine:
        off = [each for each in engine.queues() if each.in_crisis]
    if list_format is ListFormat.JSON:
        print_json({"crises": [{"queue": each.queue, "to": each.crisis_to} for each in off]})
    elif off:
        print_table(("queue", "contacts go"), [(each.queue, _goes(each)) for each in off])
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


def _goes(line: QueueLine) -> str:
    return "on by their flows" if line.crisis_to is None else f"to {line.crisis_to}"


def _off_now(engine: ControlClient, queue: str) -> QueueLine | None:
    name = queue.removeprefix(qualified(""))
    return next((each for each in engine.queues() if each.queue == name and each.in_crisis), None)


def _start(engine: ControlClient, queue: str, to: str | None) -> int:
    goes = "on by its flow's way `crisis`" if to is None else f"to {printable(to)}"
    match engine.start_crisis(queue, to=to, by=whoever()):
        case CommandAnswer.DONE:
            return _told(f"{printable(queue)} is switched off: whoever comes there goes {goes}.")
        case CommandAnswer.UNCHANGED:
            return _was_off(queue, to, _off_now(engine, queue))
        case CommandAnswer.UNKNOWN_QUEUE:
            return _not(unknown_queue(queue, engine), status=WRONG_USE)
        case CommandAnswer.UNKNOWN_TARGET:
            return _not(unknown_queue(to or "", engine), status=WRONG_USE)
        case CommandAnswer.SAME_QUEUE:
            return _not("a queue cannot be switched off to itself: choose another --to")
        case _:
            return _not(f"{printable(queue)} is as before: choose another --to")


def _was_off(queue: str, to: str | None, off: QueueLine | None) -> int:
    if off is None:
        return _told(f"{printable(queue)} was switched off before; nothing changed.")
    if to is not None and to.removeprefix(qualified("")) != off.crisis_to:
        return _not(
            f"{printable(queue)} is in a crisis already, its callers go {_goes(off)}; end it "
            f"first: `expertline crisis end {printable(queue)}`"
        )
    return _told(f"{printable(queue)} was switched off before: its callers go {_goes(off)}.")


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
