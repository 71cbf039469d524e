"""`expertline graph`: a hotline's flow as a picture, with what was tested or who called over it.

Exit status: 0 good, 1 the site has an error, 2 used wrongly, or a file can not be read or written.
"""

from enum import Enum
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from ivr.adapters.site_files import NoSiteError, find_site, known_timezones, read_site_files
from ivr.adapters.store.records import CONTACTS_LISTED_MAX, ContactFilter, StoredContact
from ivr.adapters.store.store import utc_millis
from ivr.cli.check import SITE_PATH, CatalogueOption
from ivr.cli.listing import (
    DATA_DIR,
    WRONG_USE,
    DataDirOption,
    refused,
    shown_time,
    since_millis,
)
from ivr.cli.store_beside import store_beside
from ivr.flow.load import load_site
from ivr.flow.model import Hotline
from ivr.flow.picture import Overlay, Picture, Words, picture_of
from ivr.flow.picture_flow import flows_drawn, picture_of_flow
from ivr.flow.picture_overlay import Passage, overlay_of
from ivr.flow.picture_svg import svg
from ivr.flow.picture_text import dot, mermaid
from ivr.flow.problems import listing
from ivr.flow.site import Site
from ivr.prompts.catalogue import CATALOGUE_PATH, CatalogueInvalid, load_catalogue
from ivr.prompts.model import LANGUAGES, Catalogue


class GraphFormat(Enum):
    """A picture, or a text that another program draws."""

    SVG = "svg"
    MERMAID = "mermaid"
    DOT = "dot"


SUFFIXES = {".svg": GraphFormat.SVG, ".mmd": GraphFormat.MERMAID, ".dot": GraphFormat.DOT}
DRAWERS = {GraphFormat.SVG: svg, GraphFormat.MERMAID: mermaid, GraphFormat.DOT: dot}


class _Test(msgspec.Struct):
    """One call of `expertline test --format json`, as far as it is drawn."""

    hotline: str
    nodes: list[str]


class _Tested(msgspec.Struct):
    """What `expertline test --format json` prints, as far as it is drawn."""

    tests: list[_Test]


HotlineArgument = Annotated[str, typer.Argument(help="A hotline, or the path of one.")]
OutOption = Annotated[
    Path | None, typer.Option("-o", "--out", help="FILE.svg, FILE.mmd or FILE.dot; else printed.")
]
FormatOption = Annotated[
    GraphFormat | None, typer.Option("--format", help="If the file's name does not say it.")
]
LanguageOption = Annotated[
    str | None, typer.Option("--language", help="The words in the boxes; the first if left out.")
]
CoverageOption = Annotated[
    Path | None, typer.Option("--coverage", help="What `expertline test --format json` printed.")
]
FlowOption = Annotated[str | None, typer.Option("--flow", help="Only this flow, as it is written.")]
RecordsOption = Annotated[bool, typer.Option("--records", help="Show which ways callers went.")]
SinceOption = Annotated[
    str, typer.Option("--since", help="With --records, arrived since: 2h, 7d, 2026-10-01.")
]


def graph(  # noqa: PLR0913 - each is one option of the command line
    hotline: HotlineArgument = str(SITE_PATH),
    *,
    out: OutOption = None,
    graph_format: FormatOption = None,
    language: LanguageOption = None,
    coverage: CoverageOption = None,
    flow: FlowOption = None,
    records: RecordsOption = False,
    since: SinceOption = "7d",
    data_dir: DataDirOption = DATA_DIR,
    catalogue: CatalogueOption = CATALOGUE_PATH,
) -> None:
    """Draw a hotline's flow; with --coverage or --records, how often each way was gone."""
    if records and coverage is not None:
        raise refused("--records and --coverage exclude each other: choose one", status=WRONG_USE)
    if flow is not None and (records or coverage is not None):
        raise refused(
            "--flow draws a flow as it is written: leave out --records and --coverage",
            status=WRONG_USE,
        )
    form = _form(out, graph_format)
    site, chosen, known = _site(hotline, catalogue)
    if language is not None and language not in chosen.languages:
        spoken = listing(chosen.languages)
        raise refused(
            f"hotline {chosen.name} does not speak {language!r}: choose one of {spoken}",
            status=WRONG_USE,
        )
    overlay = None
    if coverage is not None:
        overlay = _tested(coverage, chosen)
    elif records:
        overlay = _recorded(data_dir, since, chosen)
    words = _words(known)
    picture = picture_of(chosen, words, site.queues, language=language, overlay=overlay)
    if flow is not None:
        picture = _one_flow(picture, chosen, flow)
    _write(picture, form, out)


def _form(out: Path | None, wanted: GraphFormat | None) -> GraphFormat:
    if wanted is not None:
        return wanted
    if out is None:
        return GraphFormat.SVG
    if out.suffix not in SUFFIXES:
        raise refused(
            f"{out} does not say what to draw: name it .svg, .mmd or .dot, or add --format",
            status=WRONG_USE,
        )
    return SUFFIXES[out.suffix]


def _site(hotline: str, catalogue: Path) -> tuple[Site, Hotline, Catalogue]:
    path = Path(hotline)
    if not path.exists() and (SITE_PATH / hotline).is_dir():
        path = SITE_PATH / hotline
    try:
        root = find_site(path)
        texts = read_site_files(root).texts
        known = load_catalogue(catalogue)
    except (NoSiteError, CatalogueInvalid) as error:
        raise refused(str(error), status=WRONG_USE) from error
    site = load_site(texts, prompts=known.playable(), timezones=known_timezones()).site
    if site is None:
        raise refused(f"the site in {root} has errors: `expertline check {path}` tells them")
    folder = path.resolve().relative_to(root).parts
    name = folder[0] if folder else ""
    if name not in site.hotlines and len(site.hotlines) == 1:
        name = next(iter(site.hotlines))
    if name not in site.hotlines:
        raise refused(
            f"choose a hotline: there are {listing(sorted(site.hotlines))}", status=WRONG_USE
        )
    return site, site.hotlines[name], known


def _one_flow(picture: Picture, hotline: Hotline, name: str) -> Picture:
    known = flows_drawn(hotline.flow)
    if name not in known:
        raise refused(
            f"callers of {hotline.name} come to no flow {name!r}: choose one of {listing(known)}",
            status=WRONG_USE,
        )
    return picture_of_flow(picture, hotline.flow, name)


def _words(known: Catalogue) -> Words:
    playable = known.playable()
    return {
        language: {key: known.text([key], language) for key in sorted(playable[language])}
        for language in LANGUAGES
    }


def _tested(path: Path, hotline: Hotline) -> Overlay:
    try:
        tested = msgspec.json.decode(path.read_bytes(), type=_Tested)
    except (OSError, msgspec.DecodeError) as error:
        raise refused(
            f"{path} is not what `expertline test --format json` prints: {error}",
            status=WRONG_USE,
        ) from error
    calls = [Passage(each.nodes) for each in tested.tests if each.hotline == hotline.name]
    title = f"What {len(calls)} caller tests go through."
    return overlay_of(hotline.flow, calls, title=title, counted="tests", tells_served=False)


def _recorded(data_dir: Path, since: str, hotline: Hotline) -> Overlay:
    begun = since_millis(since, now=utc_millis())
    with store_beside(data_dir) as store:
        found = store.contacts.newest(ContactFilter(since=begun), limit=CONTACTS_LISTED_MAX)
    passages = [_passage(each) for each in found if each.record.get("hotline") == hotline.name]
    title = f"Where {len(passages)} callers went since {shown_time(begun)}."
    if len(found) == CONTACTS_LISTED_MAX:
        title = f"Where the latest {len(passages)} callers went."
    return overlay_of(hotline.flow, passages, title=title, counted="callers", tells_served=True)


def _passage(stored: StoredContact) -> Passage:
    record = stored.record
    nodes = msgspec.convert(record.get("nodes", []), list[str])
    language = record.get("language")
    return Passage(
        nodes,
        language if isinstance(language, str) else None,
        served=record.get("connected_at") is not None,
    )


def _write(picture: Picture, form: GraphFormat, out: Path | None) -> None:
    text = DRAWERS[form](picture)
    if out is None:
        typer.echo(text, nl=False)
        return
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise refused(
            f"{out} can not be written: {error.strerror}; choose another place", status=WRONG_USE
        ) from error
    typer.echo(str(out))
