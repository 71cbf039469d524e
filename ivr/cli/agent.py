"""`expertline agent`: who is there; sign-in, pause, wrap-up and the rest from the command line.

Asks the running engine over the control socket in its data folder. Exit status: 0 every agent is
as asked (also who was so before), 1 one at least is not, 2 used wrongly or no engine to ask.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from ivr.adapters.control.client import ControlClient
from ivr.adapters.control.problem import ControlCode, ControlProblem
from ivr.adapters.control.wire import AgentLine, PresenceLine, SiteLine
from ivr.cli.agent_transfer import transfer
from ivr.cli.agent_words import (
    Wish,
    bad_news,
    doing_words,
    good_news,
    is_as_wished,
    presence_words,
    unknown_device,
    unknown_queue,
    unknown_reason,
)
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
from router.model import PresenceChange, WrapUpChange, qualified

app = typer.Typer(help="Who takes contacts, and what each is doing.", no_args_is_help=True)
app.command()(transfer)

AgentsArgument = Annotated[list[str], typer.Argument(help="Names as in site.yaml: 1001 1002.")]
QueueOption = Annotated[str | None, typer.Option("--queue", help="Only who serves this queue.")]
DeviceOption = Annotated[
    str | None, typer.Option("--device", help="Where she sits; needed where seating is free.")
]
ReasonOption = Annotated[str, typer.Option("--reason", help="One of the site's pause reasons.")]

AfterContactOption = Annotated[
    bool, typer.Option("--after-contact", help="Not before what she has in hand is over.")
]

_THIS_AGENT_ONLY = (ControlCode.UNKNOWN_DEVICE, ControlCode.UNKNOWN_REASON)


@app.command(name="list")
def list_agents(
    *,
    queue: QueueOption = None,
    list_format: FormatOption = ListFormat.TEXT,
    data_dir: DataDirOption = DATA_DIR,
) -> None:
    """Show every agent as the running engine sees her now."""
    with engine_beside(data_dir) as engine:
        site, found = engine.site(), engine.agents()
    if queue is not None:
        queue = _short(queue)
        if queue not in site.queues:
            raise refused(unknown_queue(queue, site), status=WRONG_USE)
        found = [each for each in found if queue in each.queues]
    found = sorted(found, key=lambda each: each.agent)
    if list_format is ListFormat.JSON:
        print_json({"agents": [_document(each) for each in found]})
    elif found:
        _print_agents(found)
    else:
        typer.echo("No agent of the site." if queue is None else f"No agent serves {queue}.")


@app.command()
def sign_in(
    agents: AgentsArgument, device: DeviceOption = None, data_dir: DataDirOption = DATA_DIR
) -> None:
    """Sign agents in, each at her fixed seat, or one of free seating at a device."""
    _change(
        agents,
        Wish(PresenceChange.SIGN_IN, device=None if device is None else _short(device)),
        data_dir,
    )


@app.command()
def pause(
    *,
    agents: AgentsArgument,
    reason: ReasonOption,
    after_contact: AfterContactOption = False,
    data_dir: DataDirOption = DATA_DIR,
) -> None:
    """Give agents a break: no offers; what they have in hand goes on."""
    _change(
        agents,
        Wish(PresenceChange.PAUSE, reason=reason, after_contact=after_contact),
        data_dir,
    )


@app.command()
def resume(agents: AgentsArgument, data_dir: DataDirOption = DATA_DIR) -> None:
    """End agents' breaks."""
    _change(agents, Wish(PresenceChange.RESUME), data_dir)


@app.command()
def sign_out(agents: AgentsArgument, data_dir: DataDirOption = DATA_DIR) -> None:
    """Sign agents out; what they have in hand goes on."""
    _change(agents, Wish(PresenceChange.SIGN_OUT), data_dir)


@app.command()
def end_wrap_up(agents: AgentsArgument, data_dir: DataDirOption = DATA_DIR) -> None:
    """End agents' wrap-ups: each can have her next contact."""
    _change(agents, Wish(WrapUpChange.END), data_dir)


@app.command()
def extend_wrap_up(agents: AgentsArgument, data_dir: DataDirOption = DATA_DIR) -> None:
    """Let agents' wrap-ups last longer, as far as the queue of the contact lets them."""
    _change(agents, Wish(WrapUpChange.EXTEND), data_dir)


def _change(names: Sequence[str], wish: Wish, data_dir: Path) -> None:
    agents = list(dict.fromkeys(_short(name) for name in names))
    if wish.device is not None and len(agents) > 1:
        raise refused("--device is one agent's: sign the others in by themselves", status=WRONG_USE)
    with engine_beside(data_dir) as engine:
        site = engine.site()
        _refuse_unknown(wish, site)
        all_as_wished = _ask_each(engine, agents, wish, site)
    if not all_as_wished:
        raise typer.Exit(BAD)


def _refuse_unknown(wish: Wish, site: SiteLine) -> None:
    if wish.device is not None and all(wish.device != each.device for each in site.devices):
        raise refused(unknown_device(wish.device, site), status=WRONG_USE)
    if wish.reason is not None and wish.reason not in site.reasons:
        raise refused(unknown_reason(wish.reason, site), status=WRONG_USE)


def _ask_each(engine: ControlClient, agents: Sequence[str], wish: Wish, site: SiteLine) -> bool:
    """Asks for one after another, and tells of each; whether all are as wished."""
    all_as_wished = True
    for number, agent in enumerate(agents, start=1):
        try:
            line = _ask(engine, agent, wish)
        except ControlProblem as problem:
            all_as_wished = False
            _tell(f"{agent}: {problem}")
            if problem.code in _THIS_AGENT_ONLY:
                continue
            if number < len(agents):
                _tell(f"not asked for: {', '.join(agents[number:])}")
            break
        if is_as_wished(line.answer, wish):
            typer.echo(printable(good_news(agent, line, wish, site)))
        else:
            all_as_wished = False
            _tell(bad_news(agent, line, wish, site))
    return all_as_wished


def _ask(engine: ControlClient, agent: str, wish: Wish) -> PresenceLine:
    if isinstance(wish.change, WrapUpChange):
        return engine.wrap_up(wish.change, agent)
    if wish.after_contact and wish.reason is not None:
        return engine.pause_after(agent, reason=wish.reason)
    return engine.presence(wish.change, agent, device=wish.device, reason=wish.reason)


def _tell(sentence: str) -> None:
    typer.echo(f"expertline: {printable(sentence)}", err=True)


def _short(name: str) -> str:
    """The local name; one of another tenant stays whole, and is then unknown."""
    return name.removeprefix(qualified(""))


def _document(line: AgentLine) -> dict[str, object]:
    return {
        "agent": line.agent,
        "name": line.title,
        "skills": line.skills,
        "queues": line.queues,
        "seat": line.seat,
        "presence": line.presence.value,
        "reason": line.reason,
        "taken_for_absent": line.taken_for_absent,
        "pausing_for": line.pausing_for,
        "since": iso_time(line.since),
        "device": line.device,
        "reachable": line.reachable,
        "engagement": line.engagement.value,
        "contact": line.contact,
        "chats": line.chats,
        "own_calls": line.own_calls,
        "phone_in_use": line.phone_in_use,
        "doing": doing_words(line),
    }


def _print_agents(found: Sequence[AgentLine]) -> None:
    headings = ("agent", "name", "skills", "presence", "since", "device", "reachable", "doing")
    rows: list[tuple[object, ...]] = []
    for line in found:
        skills = sorted(line.skills.items(), key=lambda each: (-each[1], each[0]))
        reachable = None if line.device is None else "yes" if line.reachable else "no"
        rows.append(
            (
                line.agent,
                line.title,
                ", ".join(f"{name} {level}" for name, level in skills),
                presence_words(line),
                shown_time(line.since),
                line.device,
                reachable,
                doing_words(line),
            )
        )
    print_table(headings, rows)
