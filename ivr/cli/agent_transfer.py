"""`expertline agent transfer`: what an agent can ask of her talk by keys, from the command line.

Exit status: 0 it is as asked, 1 it is not, 2 used wrongly, no such target, or no engine to ask.
"""

from typing import Annotated, assert_never

import typer

from ivr.adapters.control.problem import ControlCode, ControlProblem
from ivr.adapters.control.wire import NAME_CHARS_MAX, SiteLine, TransferLine
from ivr.call.effects import TransferAnswer
from ivr.call.events import TransferOrder
from ivr.cli.agent_words import unknown_agent
from ivr.cli.listing import DATA_DIR, WRONG_USE, DataDirOption, engine_beside, printable, refused
from router.model import qualified

AgentArgument = Annotated[str, typer.Argument(help="Who talks to the caller: her name.")]
QueueOption = Annotated[str | None, typer.Option("--queue", help="To whoever serves this queue.")]
ExpertOption = Annotated[
    str | None, typer.Option("--expert", help='To an expert of a target, such as "data >= 3".')
]
ToOption = Annotated[str | None, typer.Option("--to", help="To this one agent.")]
BlindOption = Annotated[bool, typer.Option("--blind", help="At once, without asking her first.")]
CompleteOption = Annotated[
    bool, typer.Option("--complete", help="Caller and expert go on without her.")
]
CancelOption = Annotated[bool, typer.Option("--cancel", help="Back to the caller.")]


def transfer(  # noqa: PLR0913 - each is one option of the command line
    *,
    agent: AgentArgument,
    queue: QueueOption = None,
    expert: ExpertOption = None,
    to: ToOption = None,
    blind: BlindOption = False,
    complete: CompleteOption = False,
    cancel: CancelOption = False,
    data_dir: DataDirOption = DATA_DIR,
) -> None:
    """Transfer the caller an agent talks to: ask somebody first, or pass the caller on at once."""
    order = _order(
        [each for each in (queue, expert, to) if each is not None],
        blind=blind,
        complete=complete,
        cancel=cancel,
    )
    for name in (agent, queue, expert, to):
        if name is not None and not (0 < len(name) <= NAME_CHARS_MAX and name.isprintable()):
            raise refused(f"a name has 1 to {NAME_CHARS_MAX} characters", status=WRONG_USE)
    name = agent.removeprefix(qualified(""))
    with engine_beside(data_dir) as engine:
        try:
            line = engine.transfer(order, name, queue=queue, expert=expert, to=to)
        except ControlProblem as problem:
            if problem.code is ControlCode.UNKNOWN_TARGET:
                raise refused(printable(str(problem)), status=WRONG_USE) from None
            raise
        if line.answer is not TransferAnswer.DONE:
            raise refused(printable(bad_news(name, order, line, engine.site())))
    typer.echo(printable(good_news(name, order, line)))


def _order(targets: list[str], *, blind: bool, complete: bool, cancel: bool) -> TransferOrder:
    wishes = bool(targets or blind) + complete + cancel
    if wishes == 1 and len(targets) == (not complete and not cancel):
        if complete:
            return TransferOrder.COMPLETE
        if cancel:
            return TransferOrder.CANCEL
        return TransferOrder.BLIND if blind else TransferOrder.CONSULT
    raise refused(
        "say one thing: a target (--queue, --expert or --to, with --blind to pass the caller on at "
        "once), --complete, or --cancel",
        status=WRONG_USE,
    )


def good_news(agent: str, order: TransferOrder, line: TransferLine) -> str:
    """The sentence for a transfer that is under way, or done."""
    match order:
        case TransferOrder.CONSULT:
            return (
                f"{agent}: the caller waits with music while somebody of {line.queue} is asked; "
                "then give --complete or --cancel."
            )
        case TransferOrder.BLIND:
            return f"{agent}: out of it; the caller waits for {line.queue}."
        case TransferOrder.COMPLETE:
            return f"{agent}: out of it; the caller goes on with whoever was asked."
        case TransferOrder.CANCEL:
            return f"{agent}: back with the caller."
        case _:
            assert_never(order)


def bad_news(agent: str, order: TransferOrder, line: TransferLine, site: SiteLine) -> str:
    """Why nothing was transferred, and what to do."""
    match line.answer:
        case TransferAnswer.UNKNOWN_AGENT:
            return unknown_agent(agent, site)
        case TransferAnswer.NOT_TALKING:
            return f"{agent} talks to no caller: see `expertline agent list`"
        case TransferAnswer.NO_SUCH_TARGET:
            return (
                f"the caller of {agent} can not be transferred to {line.queue}, for the site has "
                "it no more: choose another target"
            )
        case TransferAnswer.ALREADY_CONSULTING:
            return f"{agent} asks somebody already: first give --complete or --cancel"
        case TransferAnswer.NOT_CONSULTING:
            return f"{agent} asks nobody: there is nothing to {order.value}"
        case TransferAnswer.TOO_MANY:
            return (
                f"the caller of {agent} was transferred too often already, and stays with her: "
                "let her end the contact herself"
            )
        case TransferAnswer.DONE:
            return f"{agent} is as asked"
        case _:
            assert_never(line.answer)
