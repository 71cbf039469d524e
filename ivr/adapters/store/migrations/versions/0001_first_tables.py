"""The first tables: journal, intents, snapshots, contacts, parties, work orders, outbox."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """From an empty file."""
    _journal()
    _records()
    _orders()


def _required(name: str, kind: type[sa.types.TypeEngine[Any]]) -> sa.Column[Any]:
    return sa.Column(name, kind(), nullable=False)


def _journal() -> None:
    op.create_table(
        "meta", sa.Column("key", sa.Text(), primary_key=True), _required("value", sa.Integer)
    )
    op.create_table(
        "journal",
        sa.Column("stream", sa.Text(), primary_key=True),
        sa.Column("seq", sa.Integer(), primary_key=True, autoincrement=False),
        _required("epoch", sa.Integer),
        _required("node", sa.Text),
        *(_required(name, sa.Integer) for name in ("at", "wall")),
        *(_required(name, sa.Text) for name in ("core", "kind")),
        _required("body", sa.LargeBinary),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "intents",
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column("key", sa.Text(), nullable=False, unique=True),
        _required("stream", sa.Text),
        _required("seq", sa.Integer),
        _required("kind", sa.Text),
        _required("body", sa.LargeBinary),
        sa.Column("done", sa.Text()),
    )
    op.create_index("intents_open", "intents", ["number"], sqlite_where=sa.text("done IS NULL"))
    op.create_table(
        "snapshots",
        sa.Column("stream", sa.Text(), primary_key=True),
        sa.Column("seq", sa.Integer(), primary_key=True, autoincrement=False),
        *(_required(name, sa.Integer) for name in ("at", "wall")),
        _required("core", sa.Text),
        _required("body", sa.LargeBinary),
    )


def _records() -> None:
    op.create_table(
        "contacts",
        sa.Column("contact", sa.Text(), primary_key=True),
        *(_required(name, sa.Text) for name in ("hotline", "caller", "outcome")),
        sa.Column("queue", sa.Text()),
        sa.Column("agent", sa.Text()),
        _required("site", sa.Text),
        *(_required(name, sa.Integer) for name in ("arrived_wall", "ended_wall")),
        _required("document", sa.Text),
    )
    op.create_index("contacts_by_arrival", "contacts", ["arrived_wall"])
    op.create_index("contacts_by_queue", "contacts", ["queue", "arrived_wall"])
    op.create_index("contacts_by_agent", "contacts", ["agent", "arrived_wall"])
    op.create_index("contacts_by_caller", "contacts", ["caller"])
    op.create_table(
        "parties",
        sa.Column("ref", sa.Text(), primary_key=True),
        _required("number", sa.Text),
        _required("wall", sa.Integer),
    )
    op.create_index("parties_by_number", "parties", ["number"])


def _orders() -> None:
    op.create_table(
        "work_orders",
        sa.Column("order", sa.Text(), primary_key=True),
        *(_required(name, sa.Text) for name in ("customer", "topic", "phase")),
        sa.Column("owner", sa.Text()),
        *(_required(name, sa.Integer) for name in ("opened_at", "deadline")),
        sa.Column("next_deadline", sa.Integer()),
        _required("document", sa.Text),
    )
    op.create_index("work_orders_by_customer", "work_orders", ["customer", "topic"])
    op.create_index("work_orders_by_topic", "work_orders", ["topic", "phase"])
    op.create_index("work_orders_by_deadline", "work_orders", ["deadline"])
    op.create_index(
        "work_orders_due",
        "work_orders",
        ["next_deadline"],
        sqlite_where=sa.text("next_deadline IS NOT NULL"),
    )
    op.create_table(
        "outbox",
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=True),
        *(_required(name, sa.Text) for name in ("subject", "kind")),
        _required("at", sa.Integer),
        sqlite_autoincrement=True,
    )
