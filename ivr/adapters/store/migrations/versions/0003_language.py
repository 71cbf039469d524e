"""What flows leave behind for others to do: texts that wait to be sent, voices."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a table for each."""
    _text_messages()
    _voice_messages()


def _text_messages() -> None:
    op.create_table(
        "text_messages",
        sa.Column("message", sa.Text(), primary_key=True),
        *(_required(name, sa.Text) for name in ("contact", "customer", "hotline", "site")),
        *(_required(name, sa.Text) for name in ("template", "language", "values")),
        _required("made_wall", sa.Integer),
        _required("state", sa.Text),
    )
    op.create_index("text_messages_by_made", "text_messages", ["made_wall"])
    op.create_index("text_messages_by_state", "text_messages", ["state", "made_wall"])


def _voice_messages() -> None:
    op.create_table(
        "voice_messages",
        sa.Column("message", sa.Text(), primary_key=True),
        *(_required(name, sa.Text) for name in ("contact", "customer", "hotline", "topic")),
        _required("state", sa.Text),
        _required("wall", sa.Integer),
        _required("document", sa.Text),
    )
    op.create_index("voice_messages_by_wall", "voice_messages", ["wall"])
    op.create_index("voice_messages_by_hotline", "voice_messages", ["hotline", "wall"])


def _required(name: str, kind: type[sa.types.TypeEngine[Any]]) -> sa.Column[Any]:
    return sa.Column(name, kind(), nullable=False)
