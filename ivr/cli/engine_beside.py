"""The running engine of a data folder, for the commands that ask it."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from ivr.adapters.control.client import ControlClient
from ivr.adapters.control.problem import ControlProblem
from ivr.cli.listing import NO_TEXT, WRONG_USE, refused


@contextmanager
def engine_beside(data_dir: Path) -> Generator[ControlClient]:
    """The engine that runs on this folder; why it cannot be asked is told, status 2."""
    try:
        with ControlClient(data_dir) as engine:
            yield engine
    except ControlProblem as problem:
        raise refused(str(problem), status=WRONG_USE) from problem
    except UnicodeEncodeError as error:
        raise refused(NO_TEXT, status=WRONG_USE) from error
