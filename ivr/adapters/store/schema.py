"""The tables of the store, and the revision of them that this code reads and writes.

A change here needs a migration in ``migrations/versions`` and a new ``REVISION``; a test compares
the two. ``contacts`` and ``work_orders`` keep the whole record as JSON in ``document`` and beside
it, as columns, only what is searched or sorted by: a column is filled from the record's field of
the same name, so that a record that grows needs no change here.
"""

from sqlalchemy import (
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    text,
)

REVISION = "0003"
"""The newest migration; ``migrations/versions`` has one file of this name."""

APPLICATION_ID = 0x45585054
"""Tells our files from other SQLite files ("EXPT")."""

metadata = MetaData()

meta = Table(
    "meta",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Integer, nullable=False),
)

journal = Table(
    "journal",
    metadata,
    Column("stream", Text, primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("epoch", Integer, nullable=False),
    Column("node", Text, nullable=False),
    Column("at", Integer, nullable=False),
    Column("wall", Integer, nullable=False),
    Column("core", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("effects", Text, nullable=False, server_default=""),
    sqlite_with_rowid=False,
)

intents = Table(
    "intents",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("key", Text, nullable=False, unique=True),
    Column("stream", Text, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("done", Text),
    Index("intents_open", "number", sqlite_where=text("done IS NULL")),
)

snapshots = Table(
    "snapshots",
    metadata,
    Column("stream", Text, primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", Integer, nullable=False),
    Column("wall", Integer, nullable=False),
    Column("core", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
)

sites = Table(
    "sites",
    metadata,
    Column("version", Text, primary_key=True),
    Column("document", Text, nullable=False),
    Column("wall", Integer, nullable=False),
)

presence_log = Table(
    "presence_log",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("key", Text, nullable=False, unique=True),
    Column("agent", Text, nullable=False),
    Column("presence", Text, nullable=False),
    Column("reason", Text),
    Column("device", Text),
    Column("origin", Text, nullable=False),
    Column("at", Integer, nullable=False),
    Column("wall", Integer, nullable=False),
    Index("presence_log_by_agent", "agent", "wall"),
    Index("presence_log_by_wall", "wall"),
)

contacts = Table(
    "contacts",
    metadata,
    Column("contact", Text, primary_key=True),
    Column("hotline", Text, nullable=False),
    Column("caller", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("queue", Text),
    Column("agent", Text),
    Column("site", Text, nullable=False),
    Column("arrived_wall", Integer, nullable=False),
    Column("ended_wall", Integer, nullable=False),
    Column("document", Text, nullable=False),
    Index("contacts_by_arrival", "arrived_wall"),
    Index("contacts_by_queue", "queue", "arrived_wall"),
    Index("contacts_by_agent", "agent", "arrived_wall"),
    Index("contacts_by_caller", "caller"),
)

parties = Table(
    "parties",
    metadata,
    Column("ref", Text, primary_key=True),
    Column("number", Text, nullable=False),
    Column("wall", Integer, nullable=False),
    Index("parties_by_number", "number"),
)

work_orders = Table(
    "work_orders",
    metadata,
    Column("order", Text, primary_key=True),
    Column("customer", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("phase", Text, nullable=False),
    Column("owner", Text),
    Column("opened_at", Integer, nullable=False),
    Column("deadline", Integer, nullable=False),
    Column("next_deadline", Integer),
    Column("document", Text, nullable=False),
    Index("work_orders_by_customer", "customer", "topic"),
    Index("work_orders_by_topic", "topic", "phase"),
    Index("work_orders_due", "next_deadline", sqlite_where=text("next_deadline IS NOT NULL")),
    Index("work_orders_by_deadline", "deadline"),
)

voice_messages = Table(
    "voice_messages",
    metadata,
    Column("message", Text, primary_key=True),
    Column("contact", Text, nullable=False),
    Column("customer", Text, nullable=False),
    Column("hotline", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("wall", Integer, nullable=False),
    Column("document", Text, nullable=False),
    Index("voice_messages_by_wall", "wall"),
    Index("voice_messages_by_hotline", "hotline", "wall"),
)

text_messages = Table(
    "text_messages",
    metadata,
    Column("message", Text, primary_key=True),
    Column("contact", Text, nullable=False),
    Column("customer", Text, nullable=False),
    Column("hotline", Text, nullable=False),
    Column("site", Text, nullable=False),
    Column("template", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("values", Text, nullable=False),
    Column("made_wall", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Index("text_messages_by_made", "made_wall"),
    Index("text_messages_by_state", "state", "made_wall"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("subject", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("at", Integer, nullable=False),
    sqlite_autoincrement=True,
)
