"""Work orders as rows: loaded by key, changed by ``decide``, saved with what others are told.

The engine changes them through its writer; the command line, another process, in short
transactions of its own. Both take the file's write lock before they read the row, so neither can
overwrite what the other has just written.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine, Select, func, or_, select
from sqlalchemy import insert as add
from sqlalchemy.dialects.sqlite import insert

from ivr.adapters.store.journal import mark_intent
from ivr.adapters.store.reading import changing, columns_of, plain, reading
from ivr.adapters.store.schema import outbox, parties, work_orders
from ivr.adapters.store.writer import Group, Work, Writer
from ivr.orders.decide import decide
from ivr.orders.events import CallbackPromised, Changed, DeadlinePassed, Decision, OrderEvent
from ivr.orders.model import OrderId, OrderPhase, UtcMillis, WorkOrder

ORDERS_LISTED_MAX = 10_000
"""Orders given at once, whatever is asked for."""

DUE_MAX = 100
"""Deadlines worked in one transaction; the next call works the rest."""

NUMBER_CHARS_MIN = 3
"""Less than this is no number (withheld, ``anonymous`` cut by a trunk): it joins with nobody."""

OPENED = "opened"
"""The result with which a promise's intent is marked."""

_Query = Select[Any, Any]

DecisionSink = Callable[[Decision], None]


def _ignore(_decision: Decision) -> None:
    """Nobody wants to know."""


class SqlOrders:
    """The engine's side of the work orders. For one thread, the loop's."""

    def __init__(self, writer: Writer, reader: Engine, *, path: Path) -> None:
        self._writer = writer
        self._reader = reader
        self._path = path

    def promise(
        self,
        event: CallbackPromised,
        *,
        at: UtcMillis,
        intent: str | None = None,
        told: DecisionSink = _ignore,
    ) -> None:
        """Open a work order, or join the live one of this customer and topic.

        With ``intent`` the intent of that key is marked in the same transaction; when it is
        marked already, nothing happens and nobody is told. ``told`` hears after the commit.
        """
        decided: list[Decision] = []

        def tell() -> None:
            for decision in decided:
                told(decision)

        run = partial(_promise, event, at, intent, decided)
        self._writer.push(Work(run, tell, guarded=True))

    def work_due(self, at: UtcMillis) -> None:
        """Show as overdue the orders whose deadline has passed."""

        def run(group: Group) -> None:
            table = work_orders.c
            due = select(table.order).where(table.next_deadline <= at)
            connection = group.connection
            for key in connection.execute(
                due.order_by(table.next_deadline).limit(DUE_MAX)
            ).scalars():
                change_order(connection, OrderId(key), DeadlinePassed(), at=at)

        self._writer.push(Work(run, guarded=True))

    def next_deadline(self) -> UtcMillis | None:
        """When ``work_due`` has something to do, as far as it is committed."""
        earliest = select(func.min(work_orders.c.next_deadline))
        with reading(self._reader, self._path) as connection:
            return connection.execute(earliest).scalar()


@dataclass(frozen=True, slots=True)
class StoredOrder:
    """A work order with its customer's number; None when that was erased or withheld."""

    order: WorkOrder
    number: str | None


class OrderDesk:
    """Looks up work orders and changes them, also beside a running engine."""

    def __init__(self, engine: Engine, path: Path) -> None:
        self._engine = engine
        self._path = path

    def live(self, *, overdue_at: UtcMillis | None, limit: int) -> list[StoredOrder]:
        """Orders not closed, nearest deadline first; ``overdue_at``: only those overdue then."""
        table = work_orders.c
        query = _with_number().where(table.phase != OrderPhase.CLOSED.value)
        if overdue_at is not None:
            query = query.where(table.deadline <= overdue_at)
        return self._found(query.order_by(table.deadline, table.order), limit)

    def newest(self, *, limit: int) -> list[StoredOrder]:
        """All orders, the closed ones too, newest first."""
        table = work_orders.c
        return self._found(_with_number().order_by(table.opened_at.desc(), table.order), limit)

    def one(self, order: OrderId) -> StoredOrder | None:
        """This order."""
        found = self._found(_with_number().where(work_orders.c.order == order), 1)
        return found[0] if found else None

    def change(self, order: OrderId, event: OrderEvent, *, at: UtcMillis) -> Decision:
        """Have this happen to the order, in a transaction of its own."""
        with changing(self._engine, self._path) as connection:
            return change_order(connection, order, event, at=at)

    def _found(self, query: _Query, limit: int) -> list[StoredOrder]:
        with reading(self._engine, self._path) as connection:
            rows = connection.execute(query.limit(min(limit, ORDERS_LISTED_MAX)))
            return [StoredOrder(_order(document), number) for document, number in rows]


def change_order(
    connection: Connection, key: OrderId, event: OrderEvent, *, at: UtcMillis
) -> Decision:
    """Load an order, decide, and save it with its outbox rows, within a transaction."""
    decision = decide(_load(connection, key), event, at)
    _save(connection, decision, at)
    return decision


def _promise(
    event: CallbackPromised,
    at: UtcMillis,
    intent: str | None,
    decided: list[Decision],
    group: Group,
) -> None:
    connection = group.connection
    decided.clear()
    if intent is not None and not mark_intent(connection, intent, OPENED):
        return
    joined = _live_of(connection, event)
    decision = decide(joined or _load(connection, event.order), event, at)
    _save(connection, decision, at)
    decided.append(decision)


def _live_of(connection: Connection, event: CallbackPromised) -> WorkOrder | None:
    """The live order of this customer and topic.

    Each contact has a reference of its own, so "the same customer" is asked of the table of
    numbers: by the reference itself, or by a reference that stands for the same number.
    """
    table = work_orders.c
    number = (
        select(parties.c.number)
        .where(parties.c.ref == event.customer, func.length(parties.c.number) >= NUMBER_CHARS_MIN)
        .scalar_subquery()
    )
    same = select(parties.c.ref).where(parties.c.number == number)
    query = (
        select(table.document)
        .where(table.topic == event.topic, table.phase != OrderPhase.CLOSED.value)
        .where(or_(table.customer == event.customer, table.customer.in_(same)))
        .order_by(table.opened_at, table.order)
        .limit(1)
    )
    document = connection.execute(query).scalar_one_or_none()
    return None if document is None else _order(document)


def _load(connection: Connection, key: OrderId) -> WorkOrder | None:
    query = select(work_orders.c.document).where(work_orders.c.order == key)
    document = connection.execute(query).scalar_one_or_none()
    return None if document is None else _order(document)


def _save(connection: Connection, decision: Decision, at: UtcMillis) -> None:
    if not isinstance(decision, Changed):
        return
    order = decision.order
    values = {
        **columns_of(work_orders, plain(order)),
        "next_deadline": order.next_deadline,
    }
    connection.execute(
        insert(work_orders)
        .values(values)
        .on_conflict_do_update(index_elements=["order"], set_=values)
    )
    for notice in decision.notices:
        connection.execute(add(outbox).values(subject=order.order, kind=notice.value, at=at))


def _order(document: str) -> WorkOrder:
    return msgspec.json.decode(document, type=WorkOrder)


def _with_number() -> _Query:
    return select(work_orders.c.document, parties.c.number).outerjoin(
        parties, parties.c.ref == work_orders.c.customer
    )
