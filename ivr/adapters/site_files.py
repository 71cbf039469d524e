"""Reads a site's files from disk, for ``ivr.flow.load``, which knows no disk.

Nothing is judged here. Bytes that are no UTF-8 are handed on as lone surrogates and files that
are too large only in part: the loader reports both, with the line where that makes sense.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ivr.adapters.time_zones import known_timezones as known_timezones
from ivr.flow.load import SITE_FILE
from ivr.flow.yaml_tree import FILE_BYTES_MAX

FILES_MAX = 5_000
"""More YAML files than this are no site, but somebody's whole disk."""

FOLDERS_UP_MAX = 8
"""How far above a hotline's folder its site is looked for."""

SUFFIXES = (".yaml", ".yml")


TESTS_FOLDER = "tests"
"""Within a hotline's folder: its caller tests, which are no part of the site."""


class NoSiteError(Exception):
    """A path that is no site, nor within one; its text is one sentence for the user."""


@dataclass(frozen=True, slots=True)
class SiteFiles:
    """A site's folder and the text of its files by path within it (``10086/hotline.yaml``)."""

    root: Path
    texts: dict[str, str]


def find_site(path: Path) -> Path:
    """The site's folder for a site, a hotline's folder or a file, looking upward from it."""
    if not path.exists():
        raise NoSiteError(f"There is no file or folder {path}; give the path of a site.")
    folder = path.resolve()
    for _ in range(FOLDERS_UP_MAX):
        if (folder / SITE_FILE).is_file():
            return folder
        folder = folder.parent
    raise NoSiteError(
        f"Neither {path} nor a folder above it holds a {SITE_FILE}; give the path of a site."
    )


def read_site_files(root: Path) -> SiteFiles:
    """All YAML files of a site's folder, hidden ones left out; links to folders not followed.

    Caller tests are not among them: who adds a test changes no site.
    """
    texts: dict[str, str] = {}
    for folder, folders, names in os.walk(root):
        left_out = (TESTS_FOLDER,) if Path(folder).parent == root else ()
        folders[:] = sorted(
            each for each in folders if not each.startswith(".") and each not in left_out
        )
        for name in sorted(names):
            if name.startswith(".") or not name.endswith(SUFFIXES):
                continue
            if len(texts) >= FILES_MAX:
                raise NoSiteError(
                    f"{root} holds more than {FILES_MAX} YAML files; give the path of a site."
                )
            file = Path(folder, name)
            # A name that is no UTF-8 could not even be printed in the message about it.
            shown = os.fsencode(file.relative_to(root).as_posix()).decode(errors="backslashreplace")
            texts[shown] = _text(file)
    return SiteFiles(root, texts)


def read_test_files(root: Path, hotlines: Iterable[str]) -> dict[str, str]:
    """The text of these hotlines' caller tests by path within the site's folder."""
    texts: dict[str, str] = {}
    for hotline in hotlines:
        folder = root / hotline / TESTS_FOLDER
        for file in sorted(folder.iterdir()) if folder.is_dir() else ():
            if file.suffix in SUFFIXES and not file.name.startswith("."):
                if len(texts) >= FILES_MAX:
                    raise NoSiteError(f"{root} holds more than {FILES_MAX} files of caller tests.")
                texts[file.relative_to(root).as_posix()] = _text(file)
    return texts


def _text(file: Path) -> str:
    if not file.is_file():
        raise NoSiteError(f"{file} is not a regular file; remove it from the site.")
    try:
        with file.open("rb") as opened:
            content = opened.read(FILE_BYTES_MAX + 1)
    except OSError as refused:
        raise NoSiteError(f"{file} cannot be read: {refused.strerror}.") from refused
    return content.decode("utf-8", errors="surrogateescape")
