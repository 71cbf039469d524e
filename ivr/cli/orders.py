"""`expertline orders`: the promises to call back, and what agents do about them.

Works while the engine runs. Exit status: 0 good, 1 there is no such order or it does not allow
that, 2 used wrongly or no store.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, assert_never

import msgspec
import typer

from ivr.adapters.store.orders import StoredOrder
from ivr.adapters.store.store import utc_millis
from ivr.cli.listing import (
    DATA_DIR,
    LISTED,
    DataDirOption,
    FormatOption,
    LimitOption,
    ListFormat,
    RevealOption,
    iso_time,
    print_fields,
    print_found,
    print_json,
    refused,
    shown_number,
    shown_time,
)
from ivr.cli.store_beside import store_beside
from ivr.cli.table import print_table
from ivr.orders.events import (
    AttemptMade,
    Changed,
    Ignored,
    OrderClaimed,
    OrderEvent,
    OrderSettled,
    Refusal,
    Refused,
)
from ivr.orders.model import OrderId, UtcMillis
from router.model import AgentId, as_qualified, local_name

app = typer.Typer(help="Work orders: whom to call back.", no_args_is_help=True)

OrderArgument = Annotated[str, typer.Argument(help="The order's id, as `list` shows it.")]
OverdueOption = Annotated[bool, typer.Option("--overdue", help="Only those past their deadline.")]
AllOption = Annotated[bool, typer.Option("--all", help="The closed ones too, newest first.")]
AgentOption = Annotated[str, typer.Option("--agent", help="Who takes it.")]
ByOption = Annotated[str | None, typer.Option("--agent", help="Who closes it; else its owner.")]
ResultOption = Annotated[str, typer.Option("--result", help="What came of it, in words.")]


@app.command(name="list")
def list_orders(
    *,
    overdue: OverdueOption = False,
    closed_too: AllOption = False,
    limit: LimitOption = LISTED,
    list_format: FormatOption = ListFormat.TEXT,
    data_dir: DataDirOption = DATA_DIR,
    reveal: RevealOption = False,
) -> None:
    """Show the orders that wait for a result, nearest deadline first."""
    if overdue and closed_too:
        raise refused("--overdue and --all exclude each other: choose one", status=2)
    now = utc_millis()
    with store_beside(data_dir) as store:
        if closed_too:
            found = store.orders.newest(limit=limit)
        else:
            found = store.orders.live(overdue_at=now if overdue else None, limit=limit)
    print_found(
        found,
        list_format,
        key="orders",
        document=partial(_document, now=now, reveal=reveal),
        table=partial(_print_orders, now=now, reveal=reveal),
        what="overdue order" if overdue else "order",
    )


@app.command()
def show(
    order: OrderArgument,
    *,
    list_format: FormatOption = ListFormat.TEXT,
    data_dir: DataDirOption = DATA_DIR,
    reveal: RevealOption = False,
) -> None:
    """Show one order with all its attempts."""
    with store_beside(data_dir) as store:
        found = store.orders.one(OrderId(order))
    if found is None:
        raise refused(f"{order}: {Refusal.UNKNOWN.value}")
    document = _document(found, utc_millis(), reveal=reveal)
    if list_format is ListFormat.JSON:
        print_json(document)
        return
    attempts = [
        (f"attempt {number}", f"{shown_time(each.at)} {local_name(each.agent)}: {each.result}")
        for number, each in enumerate(found.order.attempts, start=1)
    ]
    document["contacts"] = ", ".join(found.order.contacts)
    fields = [(name, value) for name, value in document.items() if name != "attempts"]
    print_fields([*fields, *attempts])


@app.command()
def claim(order: OrderArgument, agent: AgentOption, data_dir: DataDirOption = DATA_DIR) -> None:
    """Take an order into an agent's hands."""
    _change(order, OrderClaimed(_agent(agent)), data_dir, done=f"claimed for {agent}")


@app.command()
def attempt(order: OrderArgument, result: ResultOption, data_dir: DataDirOption = DATA_DIR) -> None:
    """Note that the customer was called, and what came of it; the order stays open."""
    _change(order, AttemptMade(result), data_dir, done="attempt noted")


@app.command()
def close(
    order: OrderArgument,
    result: ResultOption,
    agent: ByOption = None,
    data_dir: DataDirOption = DATA_DIR,
) -> None:
    """Close an order with its result."""
    by = None if agent is None else _agent(agent)
    _change(order, OrderSettled(result, by), data_dir, done="closed")


def _change(order: str, event: OrderEvent, data_dir: Path, *, done: str) -> None:
    with store_beside(data_dir, writing=True) as store:
        decision = store.orders.change(OrderId(order), event, at=utc_millis())
    match decision:
        case Changed():
            typer.echo(f"{order}: {done}.")
        case Ignored():
            typer.echo(f"{order}: nothing to change, it is so already.")
        case Refused(refusal):
            raise refused(f"{order}: {refusal.value}")
        case _:
            assert_never(decision)


def _agent(name: str) -> AgentId:
    return AgentId(as_qualified(name))


def _document(stored: StoredOrder, now: UtcMillis, *, reveal: bool) -> dict[str, object]:
    order = stored.order
    fields = msgspec.convert(msgspec.to_builtins(order), dict[str, object])
    times = ("opened_at", "deadline", "overdue_at", "closed_at")
    return {
        **fields,
        **{name: iso_time(getattr(order, name)) for name in times},
        "customer": shown_number(stored.number, reveal=reveal),
        "attempts": [
            {"at": iso_time(each.at), "agent": each.agent, "result": each.result}
            for each in order.attempts
        ],
        "overdue": order.is_overdue(now),
        "tries_left": order.tries_left,
    }


def _print_orders(orders: Sequence[StoredOrder], now: UtcMillis, *, reveal: bool) -> None:
    headings = ("deadline", "order", "customer", "topic", "skill", "asked", "tries", "owner", "")
    rows: list[tuple[object, ...]] = []
    for stored in orders:
        order = stored.order
        rows.append(
            (
                shown_time(order.deadline),
                order.order,
                shown_number(stored.number, reveal=reveal),
                order.topic,
                order.skill,
                order.asked,
                f"{len(order.attempts)}/{order.tries_max}",
                local_name(order.owner) if order.owner else None,
                "OVERDUE" if order.is_overdue(now) else order.phase.value,
            )
        )
    print_table(headings, rows)
