"""Short looks at the store, and plain data in and out of its JSON columns."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from sqlalchemy import Connection, Engine, Table
from sqlalchemy.exc import DBAPIError

from ivr.adapters.store.problem import READING, problem_of


@contextmanager
def reading(engine: Engine, path: Path) -> Generator[Connection]:
    """A connection for one look; what SQLite says against it comes as a ``StoreProblem``.

    Close it soon: while it is open, the write-ahead log cannot be begun anew and grows.
    """
    try:
        with engine.connect() as connection:
            yield connection
    except DBAPIError as error:
        raise problem_of(error, path, operation=READING) from error


@contextmanager
def changing(engine: Engine, path: Path) -> Generator[Connection]:
    """A short transaction beside the engine; nothing of it stays when it fails."""
    try:
        with engine.begin() as connection:
            yield connection
    except DBAPIError as error:
        raise problem_of(error, path, operation="changing") from error


def plain(message: object) -> dict[str, object]:
    """A record as JSON can hold it; half characters from a foreign end are replaced."""
    return msgspec.convert(_whole(msgspec.to_builtins(message)), dict[str, object])


def columns_of(table: Table, document: dict[str, object]) -> dict[str, object]:
    """The columns of a table that have a field of the same name, and the whole as JSON."""
    named = {column.name: document[column.name] for column in table.c if column.name in document}
    return {**named, "document": msgspec.json.encode(document).decode()}


def document_in(text: str) -> dict[str, object]:
    """What a ``document`` column holds."""
    return msgspec.json.decode(text, type=dict[str, object])


def _whole(value: object) -> object:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        items = msgspec.convert(value, dict[str, object]).items()
        return {_whole(key): _whole(each) for key, each in items}
    if isinstance(value, list | tuple):
        return [_whole(each) for each in msgspec.convert(value, list[object])]
    return value
