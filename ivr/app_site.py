"""The site that an engine serves, read from its files and checked whole, audio included."""

from dataclasses import dataclass
from pathlib import Path

from ivr.adapters.media import BuiltPrompts
from ivr.adapters.site_files import NoSiteError, find_site, known_timezones, read_site_files
from ivr.adapters.store.sites import StoredSite
from ivr.flow.load import load_site
from ivr.flow.problems import ConfigProblem, Severity
from ivr.flow.site import Site
from ivr.prompts.catalogue import CATALOGUE_PATH, CatalogueInvalid, load_catalogue
from ivr.prompts.model import Catalogue
from ivr.settings import EngineSettings

MISSING_NAMED_MAX = 5
"""Missing prompts named in one sentence; of more only the number is told."""


class EngineProblem(Exception):
    """The engine cannot start; the text is one sentence for whoever started it."""


class SiteInvalid(EngineProblem):
    """A site that must not be served; ``problems`` are its mistakes, each with place and remedy."""

    def __init__(self, site: Path, problems: tuple[ConfigProblem, ...]) -> None:
        told = "\n".join(f"  {problem}" for problem in problems)
        super().__init__(f"the site {site} has mistakes:\n{told}")
        self.problems = problems


@dataclass(frozen=True, slots=True)
class CheckedSite:
    """A site without a mistake, with what it takes to load it again."""

    site: Site
    stored: StoredSite


@dataclass(frozen=True, slots=True)
class Servable:
    """All that an engine needs to serve a site: each prompt of the catalogue has its audio."""

    checked: CheckedSite
    catalogue: Catalogue


def servable_site(settings: EngineSettings, catalogue: Path = CATALOGUE_PATH) -> Servable:
    """The site and the catalogue as they lie on the disk now.

    Raises ``EngineProblem`` or ``CatalogueInvalid`` with every mistake.
    """
    texts = load_catalogue(catalogue)
    checked = checked_site(settings, texts)
    refuse_missing_prompts(BuiltPrompts(texts, settings.audio))
    return Servable(checked, texts)


def checked_site(settings: EngineSettings, catalogue: Catalogue) -> CheckedSite:
    """The site of these settings, or ``EngineProblem`` with every mistake in it."""
    try:
        files = read_site_files(find_site(settings.site))
    except NoSiteError as error:
        raise EngineProblem(str(error)) from error
    prompts = catalogue.playable()
    loaded = load_site(files.texts, prompts=prompts, timezones=known_timezones())
    if loaded.site is None:
        raise SiteInvalid(settings.site, loaded.problems)
    keys = {language: tuple(sorted(each)) for language, each in prompts.items()}
    return CheckedSite(loaded.site, StoredSite(files.texts, keys))


def load_checked_site(settings: EngineSettings, catalogue: Catalogue) -> Site:
    """The site of these settings, or ``EngineProblem`` with every mistake in it."""
    return checked_site(settings, catalogue).site


def refuse_missing_prompts(media: BuiltPrompts) -> None:
    """Raise ``EngineProblem`` where audio is missing that a caller could be promised."""
    missing = media.missing()
    if not missing:
        return
    named = ", ".join(str(path) for path in missing[:MISSING_NAMED_MAX])
    unnamed = len(missing) - MISSING_NAMED_MAX
    more = f" and {unnamed} more" if unnamed > 0 else ""
    raise EngineProblem(
        f"audio is missing: {named}{more}; run `expertline prompts build` to make it"
    )


def reasons_of(refusal: EngineProblem | CatalogueInvalid) -> tuple[str, ...]:
    """Why a site is not served, a line for each mistake; mere warnings are left out."""
    match refusal:
        case SiteInvalid(problems=problems):
            return tuple(str(each) for each in problems if each.severity is Severity.ERROR)
        case CatalogueInvalid(problems=problems):
            return tuple(map(str, problems))
        case _:
            return (str(refusal),)
