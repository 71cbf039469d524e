"""Sites as they were activated, by version: what a row or a snapshot names can be loaded again."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec
from sqlalchemy import Engine, select
from sqlalchemy.dialects.sqlite import insert

from ivr.adapters.store.reading import plain, reading
from ivr.adapters.store.schema import sites
from ivr.adapters.store.writer import Group, Work, Writer


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
        """Keep this site; what is appended to the journal after it may name it."""
        document = msgspec.json.encode(plain(site), order="deterministic").decode()

        def run(group: Group) -> None:
            row = insert(sites).values(version=version, document=document, wall=wall)
            group.connection.execute(row.on_conflict_do_nothing())

        self._writer.push(Work(run))
