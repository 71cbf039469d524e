"""Files that only their owner can read, replaced whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from ivr.adapters.conf.problem import ConfProblem

FOLDER_MODE = 0o700


def make_private_folder(folder: Path) -> None:
    """Makes a folder (and its parents) that nobody else can enter; an open one is closed."""
    try:
        folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        folder.chmod(FOLDER_MODE)
    except OSError as error:
        raise ConfProblem(f"cannot make the folder {folder}: {error.strerror}") from error


def write_private(path: Path, text: str) -> None:
    """Replaces a file in one step: a reader sees the old text or the new, never a part.

    mkstemp makes it 0600 from its first byte, so that a secret is at no moment readable.
    """
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as stream:
                stream.write(text)
            Path(name).replace(path)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise ConfProblem(f"cannot write {path}: {error.strerror}") from error
