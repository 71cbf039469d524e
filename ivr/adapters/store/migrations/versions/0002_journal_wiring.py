"""What a turn led to, beside its row; the sites that rows name; changes of presence."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a column that older rows leave empty, and two tables."""
    op.add_column("journal", sa.Column("effects", sa.Text(), nullable=False, server_default=""))
    op.create_table(
        "sites",
        sa.Column("version", sa.Text(), primary_key=True),
        _required("document", sa.Text),
        _required("wall", sa.Integer),
    )
    op.create_table(
        "presence_log",
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column("key", sa.Text(), nullable=False, unique=True),
        _required("agent", sa.Text),
        _required("presence", sa.Text),
        sa.Column("reason", sa.Text()),
        sa.Column("device", sa.Text()),
        _required("origin", sa.Text),
        *(_required(name, sa.Integer) for name in ("at", "wall")),
    )
    op.create_index("presence_log_by_agent", "presence_log", ["agent", "wall"])
    op.create_index("presence_log_by_wall", "presence_log", ["wall"])


def _required(name: str, kind: type[sa.types.TypeEngine[Any]]) -> sa.Column[Any]:
    return sa.Column(name, kind(), nullable=False)
