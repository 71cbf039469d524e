"""Run by alembic: every step of one opening goes into one transaction of the given connection."""

from alembic import context
from sqlalchemy import Connection

from ivr.adapters.store.schema import metadata


def _migrate(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=metadata, transactional_ddl=True)
    context.run_migrations()


_migrate(context.config.attributes["connection"])
