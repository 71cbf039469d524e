"""`expertline call TARGET`: one call in the terminal, played by hand and without a phone.

Exit status: 0 the call was played, 1 the site has an error, 2 there is nothing of that name.
"""

import os
import select
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from ivr.cli.call_lookups import AskedByHand, stubs_of_options
from ivr.cli.check import SITE_PATH, WRONG_USE, CatalogueOption
from ivr.cli.run_tests import open_site
from ivr.flow.model import Hotline
from ivr.flow.problems import did_you_mean, listing
from ivr.flow.site import Seating, Site
from ivr.prompts.catalogue import CATALOGUE_PATH
from ivr.prompts.model import Catalogue
from ivr.rehearsal.by_hand import HANG_UP, TALK_MS, CallByHand
from ivr.rehearsal.experts import Habit
from ivr.rehearsal.stage import Company, Stage
from ivr.rehearsal.transcript import Heard, Line, PositionSaid
from ivr.rehearsal.wording import clock, line_text, prompts_text, words

CHUNK_BYTES_MAX = 4_096
"""Of what is typed, read at once."""

LETTERS = """\
  0-9 * #  press this key          h  hang up
  a        the expert answers      s  skip time till something happens
  r        the expert rejects      x  the expert hangs up
  v        speak for 5 s, after the beep of a message
  Several may stand in one line, such as 11sa; then Enter."""

TargetArgument = Annotated[str, typer.Argument(help="A number, a hotline, or a flow.")]
SiteOption = Annotated[Path, typer.Option("--site", help="The site, or a folder within it.")]
ExpertsOption = Annotated[
    str | None,
    typer.Option("--experts", help="Who is signed in: names with commas, or none. Default: all."),
]
RealTimeOption = Annotated[
    bool, typer.Option("--real-time", help="Let time pass as on the phone, instead of by keys.")
]
LookupsOption = Annotated[
    list[str] | None,
    typer.Option("--lookup", help="What a service answers: NAME.FIELD=VALUE, or NAME=failed."),
]


def call(
    target: TargetArgument,
    site: SiteOption = SITE_PATH,
    experts: ExpertsOption = None,
    real_time: RealTimeOption = False,
    catalogue: CatalogueOption = CATALOGUE_PATH,
    lookup: LookupsOption = None,
) -> None:
    """Call a hotline in the terminal: read what is said, type keys, let experts answer."""
    _, known, _, prompts = open_site(site, catalogue)
    hotline, number = _called(known, target)
    company = Company(
        dict.fromkeys(_signed_in(known, experts), Habit.RINGS_OUT),
        lookups=stubs_of_options(known, lookup or []),
    )
    stage = Stage(known, hotline.name, prompts, company)
    stage.services.otherwise = AskedByHand(known)
    played = CallByHand(stage, number, talk_ms=0 if real_time else TALK_MS)
    terminal = _Terminal(played, prompts, hotline)
    if sys.stdin.isatty():
        typer.echo(LETTERS)
    if real_time:
        terminal.play_in_real_time()
    else:
        terminal.play()


def _called(site: Site, target: str) -> tuple[Hotline, str]:
    """The hotline that is meant, and the number it is called by."""
    for hotline in site.hotlines.values():
        if target in hotline.numbers:
            return hotline, target
    named = site.hotlines.get(target)
    by_flow = [each for each in site.hotlines.values() if each.flow.name == target]
    found = [named] if named is not None else by_flow
    if len(found) == 1:
        return found[0], found[0].numbers[0]
    several = f"{listing(each.name for each in found)} have a flow of this name; name the hotline."
    near = did_you_mean(target, sorted(site.hotlines), otherwise=f"There are: {_names(site)}.")
    told = several if found else f"There is no hotline, number or flow {target!r}. {near}"
    typer.echo(told, err=True)
    raise typer.Exit(WRONG_USE)


def _names(site: Site) -> str:
    return listing(sorted(site.hotlines))


def _signed_in(site: Site, experts: str | None) -> list[str]:
    """Who is signed in; of those without a seat, as many as find a device."""
    agents = site.agents
    if experts is None:
        fixed = [name for name, each in agents.items() if each.seating is Seating.FIXED]
        free = [name for name, each in agents.items() if each.seating is Seating.FREE]
        return fixed + free[: len(site.devices) - len(fixed)]
    wanted = [name.strip() for name in experts.split(",") if name.strip() not in ("", "none")]
    unknown = [name for name in wanted if name not in agents]
    if unknown:
        typer.echo(f"There is no agent {unknown[0]!r}; there are: {listing(agents)}.", err=True)
        raise typer.Exit(WRONG_USE)
    return wanted


class _Terminal:
    """Prints what happens in a call, and reads what is to be done."""

    def __init__(self, call: CallByHand, catalogue: Catalogue, hotline: Hotline) -> None:
        self._call = call
        self._catalogue = catalogue
        self._languages = hotline.languages
        self._is_tty = sys.stdin.isatty()

    def play(self) -> None:
        """Time passes by keys: it stands still while somebody has to act."""
        self._go_on()
        for letter in self._typed():
            self._do(letter)
            self._go_on()
            if self._call.stage.is_over:
                break
        self._end()

    def play_in_real_time(self) -> None:
        """Time passes as on the phone; a key counts when its line is entered."""
        stage = self._call.stage
        began = time.monotonic() - stage.now / 1_000
        is_open = True
        self._tell()
        while not stage.is_over:
            due = stage.next_due()
            seconds = None if due is None else max(0.0, began + due / 1_000 - time.monotonic())
            ready = select.select([sys.stdin], [], [], seconds)[0] if is_open else []
            if not is_open and seconds:
                time.sleep(seconds)
            stage.run_until(max(stage.now, int((time.monotonic() - began) * 1_000)))
            if ready:
                typed = os.read(sys.stdin.fileno(), CHUNK_BYTES_MAX).decode(errors="replace")
                is_open = bool(typed)
                for letter in typed if is_open else HANG_UP:
                    self._do(letter)
            self._tell()
        self._end()

    def _typed(self) -> Iterator[str]:
        """Letter by letter; the end of what is typed hangs up."""
        while True:
            if self._is_tty:
                typer.echo(f"[{self._call.situation()}] > ", nl=False)
            line = sys.stdin.readline()
            if not line:
                yield HANG_UP
                return
            yield from line

    def _do(self, letter: str) -> None:
        if letter.isspace():
            return
        if letter == "?":
            typer.echo(LETTERS)
            return
        refused = self._call.do(letter)
        if refused is not None:
            typer.echo(f"         ({refused})")

    def _go_on(self) -> None:
        self._call.run_on()
        self._tell()

    def _tell(self) -> None:
        began_at = self._call.stage.transcript.began_at
        for line in self._call.news():
            typer.echo(f"{clock(line.at - began_at):>7}  {self._head(line)}")
            if isinstance(line, Heard | PositionSaid):
                for said in self._said(line):
                    typer.echo(f"           {said}")

    def _head(self, line: Line) -> str:
        if isinstance(line, Heard):
            return f"hears {prompts_text(line.prompts)} ({line.language})"
        return line_text(line, self._catalogue)

    def _said(self, line: Heard | PositionSaid) -> list[str]:
        """The words, the caller's language first; what is put together is said in hers only."""
        others = (each for each in self._languages if each != line.language)
        languages = [line.language, *(() if isinstance(line, PositionSaid) else others)]
        said = [words(line.prompts, each, self._catalogue) for each in languages]
        return list(dict.fromkeys(said))

    def _end(self) -> None:
        self._call.stage.run_until(self._call.stage.now)
        self._tell()
        record = self._call.stage.record
        if record is not None:
            lasted = clock(record.ended_at - record.arrived_at)
            typer.echo(f"The call is over after {lasted}: {record.outcome.value}.")
