"""Sites as they were activated, by version: what a row or a snapshot names can be loaded again."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec
from sqlalchemy import Connection, Engine, delete, select
from sqlalchemy.dialects.sqlite import insert

from ivr.adapters.store.reading import plain, reading
from ivr.adapters.store.schema import journal, sites, snapshots, text_messages
from ivr.adapters.store.writer import Group, Work, Writer
from ivr.engine.activation import SiteActivated
from ivr.engine.rows import ANCHORED

SITES_MAX = 32
"""Sites kept before it is looked which of them nobody can ask for any more."""

SITES_LEFT_MAX = 16
"""The latest ones, which stay then in any case: so that it is looked for at every 16th change."""


@dataclass(frozen=True, slots=True)
class StoredSite:
    """The text of a site's files, and the prompts that could be played when it was activated."""

    texts: Mapping[str, str]
    prompts: Mapping[str, tuple[str, ...]]
    """Language -> the keys of its prompts."""


class SiteReader:
    """Looks up activated sites, also beside a running engine."""

    def __init__(self, engine: Engine, path: Path) -> None:
        self._engine = engine
        self._path = path

    def one(self, version: str) -> StoredSite | None:
        """The site of this version; None when it was never activated here."""
        query = select(sites.c.document).where(sites.c.version == version)
        with reading(self._engine, self._path) as connection:
            document = connection.execute(query).scalar_one_or_none()
        return None if document is None else msgspec.json.decode(document, type=StoredSite)


class SqlSites:
    """Keeps the sites that are activated. For one thread, the loop's."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    def keep(self, version: str, site: StoredSite, *, wall: int) -> None:
        """Keep this site; what is appended to the journal after it may name it.

        Earlier ones go once they are many, but for those that a restart or a replay may ask for.
        """
        document = msgspec.json.encode(plain(site), order="deterministic").decode()

        def run(group: Group) -> None:
            row = insert(sites).values(version=version, document=document, wall=wall)
            known = row.on_conflict_do_update(index_elements=["version"], set_={"wall": wall})
            group.connection.execute(known)
            _drop_unasked(group.connection)

        self._writer.push(Work(run))


class _Named(msgspec.Struct):
    """Of a row or a live contact, the site it names; all else is passed over."""

    site: str | None = None
    version: str | None = None


class _NamingState(msgspec.Struct):
    """Of a state of the cores, the sites it names."""

    site: str | None
    calls: "_NamingCalls"


class _NamingCalls(msgspec.Struct):
    site: str | None = None
    contacts: tuple[_Named, ...] = ()


class _NamingKept(msgspec.Struct):
    state: _NamingState


def _drop_unasked(connection: Connection) -> None:
    """Drop the sites that no state and no row names, once there are too many of them."""
    newest = select(sites.c.version).order_by(sites.c.wall.desc(), sites.c.version)
    kept = connection.execute(newest).scalars().all()
    if len(kept) <= SITES_MAX:
        return
    asked_for = _asked_for(connection)
    if asked_for is None:
        return
    gone = [each for each in kept[SITES_LEFT_MAX:] if each not in asked_for]
    connection.execute(delete(sites).where(sites.c.version.in_(gone)))


def _asked_for(connection: Connection) -> set[str] | None:
    """The sites that something kept names; None where that cannot be told."""
    rows, named = journal.c, set[str]()
    wanted = rows.kind.in_((SiteActivated.__name__, ANCHORED))
    try:
        for kind, body in connection.execute(select(rows.kind, rows.body).where(wanted)):
            if kind == ANCHORED:
                named |= _named_by(body)
            else:
                named.add(msgspec.json.decode(body, type=_Named).version or "")
        for body in connection.execute(select(snapshots.c.body)).scalars():
            named |= _named_by(body)
        named |= set(connection.execute(select(text_messages.c.site).distinct()).scalars())
    except msgspec.DecodeError:
        # What another version of the code wrote, or a damaged state: then nothing is dropped.
        return None
    return named


def _named_by(body: bytes) -> set[str]:
    state = msgspec.json.decode(body, type=_NamingKept).state
    found = {state.site, state.calls.site, *(each.site for each in state.calls.contacts)}
    return {each for each in found if each is not None}
