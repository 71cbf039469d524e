"""The ``Presences`` port as a table: each change of an agent's presence, once."""

from functools import partial

from sqlalchemy.dialects.sqlite import insert

from ivr.adapters.store.journal import mark_intent
from ivr.adapters.store.reading import plain
from ivr.adapters.store.schema import presence_log
from ivr.adapters.store.writer import Group, Work, Writer
from router.model import PresenceRecord

KEPT = "kept"
"""The result with which a change's intent is marked."""


class SqlPresences:
    """Keeps changes of presence for the audit. For one thread, the loop's."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    def keep(self, record: PresenceRecord, *, wall: int, intent: str | None = None) -> None:
        """Keep this change; ``wall`` is its UTC time, in milliseconds.

        With ``intent`` the intent of that key is marked in the same transaction; when it is
        marked already, nothing happens.
        """
        self._writer.push(Work(partial(_keep, record, wall, intent), guarded=True))


def _keep(record: PresenceRecord, wall: int, intent: str | None, group: Group) -> None:
    connection = group.connection
    if intent is not None and not mark_intent(connection, intent, KEPT):
        return
    # A router that forgot all counts its keys anew; with the time they are used once.
    values = {**plain(record), "key": f"{record.key}@{record.at}", "wall": wall}
    connection.execute(insert(presence_log).values(values).on_conflict_do_nothing())
