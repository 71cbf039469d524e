"""`expertline schema`: what an editor needs to complete and explain every key of a site.

Exit status: 0 good, 2 the site or the place to write to is unusable.
"""

import json
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from ivr.adapters.site_files import NoSiteError, find_site, read_site_files
from ivr.cli.listing import WRONG_USE, refused
from ivr.flow.keys import NameOf, Shape
from ivr.flow.load import FLOWS_FILE, HOTLINE_FILE, QUEUES_FILE
from ivr.flow.offered import offered_names
from ivr.flow.queue_shapes import MUSICS, QUEUES
from ivr.flow.read_flows import FLOWS
from ivr.flow.read_hotline import HOTLINE
from ivr.flow.read_messages import MESSAGES, MESSAGES_FILE
from ivr.flow.read_site import SITE
from ivr.flow.reference import reference_page
from ivr.flow.schema import Offered, Schema, file_schema
from ivr.prompts.catalogue import CATALOGUE_PATH, read_catalogue
from ivr.rehearsal.typed_shapes import CALLER_TESTS


class SiteFile(Enum):
    """The kinds of files in a site."""

    SITE = "site"
    HOTLINE = "hotline"
    QUEUES = "queues"
    MESSAGES = "messages"
    FLOWS = "flows"
    TESTS = "tests"
    """Caller tests beside a hotline: no part of the site."""


class SchemaFormat(Enum):
    """JSON Schema for an editor, or the reference page for a person."""

    JSON = "json"
    MARKDOWN = "markdown"


SHAPES: dict[SiteFile, Shape] = {
    SiteFile.SITE: SITE,
    SiteFile.HOTLINE: HOTLINE,
    SiteFile.QUEUES: QUEUES,
    SiteFile.MESSAGES: MESSAGES,
    SiteFile.FLOWS: FLOWS,
}

FileOption = Annotated[SiteFile, typer.Option("--file", help="Which file's schema to print.")]
OutOption = Annotated[
    Path | None, typer.Option("-o", "--out", help="A folder: write the schema of every file there.")
]
SiteOption = Annotated[
    Path | None, typer.Option("--site", help="Offer the names of this site: queues, nodes ...")
]
FormatOption = Annotated[SchemaFormat, typer.Option("--format", help="For an editor or a reader.")]
CatalogueOption = Annotated[Path, typer.Option("--catalogue", help="The texts of all prompts.")]


def schema(
    *,
    file: FileOption = SiteFile.HOTLINE,
    out: OutOption = None,
    site: SiteOption = None,
    schema_format: FormatOption = SchemaFormat.JSON,
    catalogue: CatalogueOption = CATALOGUE_PATH,
) -> None:
    """Print or write the JSON Schema of a site's files, for completion in an editor."""
    if schema_format is SchemaFormat.MARKDOWN:
        typer.echo(reference_page(), nl=False)
        return
    files = _texts(site)
    if out is None:
        typer.echo(_json(_schema(file, _offered(files, None, catalogue))))
        return
    for path, text in _written(files, catalogue):
        target = out / path
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
        except OSError as error:
            raise refused(
                f"{target} can not be written: {error.strerror}; choose another folder",
                status=WRONG_USE,
            ) from error
        typer.echo(str(target))


def _texts(site: Path | None) -> dict[str, str]:
    if site is None:
        return {}
    try:
        return read_site_files(find_site(site)).texts
    except NoSiteError as error:
        raise refused(str(error), status=WRONG_USE) from error


def _written(files: dict[str, str], catalogue: Path) -> Iterator[tuple[Path, str]]:
    """One for each kind of file, and one for each hotline's own files, which know its names."""
    for kind in SiteFile:
        yield _name(kind), _json(_schema(kind, _offered(files, None, catalogue)))
    own = {
        HOTLINE_FILE: SiteFile.HOTLINE,
        QUEUES_FILE: SiteFile.QUEUES,
        MESSAGES_FILE: SiteFile.MESSAGES,
        FLOWS_FILE: SiteFile.FLOWS,
    }
    for path in files:
        folder, _, name = path.rpartition("/")
        if folder and name in own:
            of_hotline = name == HOTLINE_FILE
            for kind in (own[name], SiteFile.TESTS) if of_hotline else (own[name],):
                offered = _offered(files, folder, catalogue)
                yield Path(folder) / _name(kind), _json(_schema(kind, offered))


def _name(kind: SiteFile) -> Path:
    return Path(f"{kind.value}.schema.json")


def _schema(kind: SiteFile, offered: Offered) -> Schema:
    what = "Caller tests" if kind is SiteFile.TESTS else f"{kind.value}.yaml"
    shape = CALLER_TESTS if kind is SiteFile.TESTS else SHAPES[kind]
    return file_schema(shape, title=f"{what} of Expertline", offered=offered)


def _offered(files: dict[str, str], folder: str | None, catalogue: Path) -> Offered:
    texts, _ = read_catalogue(catalogue)
    playable = texts.playable()
    return {
        NameOf.LANGUAGE: tuple(sorted(playable)),
        NameOf.PROMPT: tuple(sorted({key for keys in playable.values() for key in keys})),
        NameOf.MUSIC: MUSICS,
        **offered_names(files, folder),
    }


def _json(document: Schema) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"
