"""`expertline agent transfer`: what an agent can ask of her talk by keys, from the command line.

Exit status: 0 it is under way or as asked, 1 it is not, 2 used wrongly, no such agent or target, or
no engine to ask.
"""

from typing import Annotated, assert_never

import typer

from ivr.adapters.control.client import ControlClient
from ivr.adapters.control.problem import ControlCode, ControlProblem
from ivr.adapters.control.wire import NAME_CHARS_MAX, SiteLine, TransferLine
from ivr.call.asked import TransferAnswer, TransferOrder
from ivr.cli.agent_words import presence_words, unknown_agent
from ivr.cli.engine_beside import engine_beside
from ivr.cli.listing import (
    BAD,
    DATA_DIR,
    WRONG_USE,
    DataDirOption,
    printable,
    refused,
)
from ivr.flow.transfer_names import agent_waited_for
from router.model import Presence, qualified

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
            unknown = line.answer is TransferAnswer.UNKNOWN_AGENT
            sentence = bad_news(name, order, line, engine.site())
            raise refused(printable(sentence), status=WRONG_USE if unknown else BAD)
        away = _why_away(to, engine)
    typer.echo(printable(away_news(name, away) if away else good_news(name, order, line, expert)))


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


def _who(line: TransferLine, expert: str | None) -> str:
    """Whom the transfer asks for; the queues behind targets have names that nobody wrote."""
    queue = line.queue or ""
    if expert is not None:
        return f"an expert with {expert}"
    return agent_waited_for(queue) or f"somebody of {queue}"


def _why_away(to: str | None, engine: ControlClient) -> str | None:
    """Why the one agent who was meant is not waited for; None where she is, or nobody was named."""
    name = (to or "").removeprefix(qualified(""))
    line = next((each for each in engine.agents() if each.agent == name), None) if to else None
    if line is None or (line.presence is Presence.AVAILABLE and line.reachable):
        return None
    if line.presence is Presence.AVAILABLE:
        return f"the phone of {name} cannot be reached"
    return f"{name} is {presence_words(line)}"


def away_news(agent: str, why: str) -> str:
    """The sentence for a transfer to somebody who is not there: it comes to nothing."""
    return f"{why}: the caller goes back to {agent}."


def good_news(agent: str, order: TransferOrder, line: TransferLine, expert: str | None) -> str:
    """The sentence for a transfer that is under way, or done."""
    who = _who(line, expert)
    match order:
        case TransferOrder.CONSULT:
            return (
                f"{agent}: the caller waits with music while {who} is asked; "
                "then give --complete or --cancel."
            )
        case TransferOrder.BLIND:
            return f"{agent}: out of it; the caller waits for {who}."
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
                f"the caller of {agent} can not be transferred there, for the site has it no "
                "more: choose another target"
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
