"""The store of a data folder, for the commands that look into it beside the engine."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from ivr.adapters.store.problem import StoreProblem
from ivr.adapters.store.store import StoreBeside
from ivr.cli.listing import NO_TEXT, WRONG_USE, refused


@contextmanager
def store_beside(data_dir: Path, *, writing: bool = False) -> Generator[StoreBeside]:
    """The store in this folder; what is wrong with it is told in one sentence, status 2."""
    try:
        store = StoreBeside(data_dir, writing=writing)
    except StoreProblem as problem:
        raise refused(str(problem), status=WRONG_USE) from problem
    try:
        yield store
    except StoreProblem as problem:
        raise refused(str(problem), status=WRONG_USE) from problem
    except UnicodeEncodeError as error:
        raise refused(NO_TEXT, status=WRONG_USE) from error
    finally:
        store.close()
