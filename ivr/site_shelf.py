"""The versions of a site that an engine or a replay can be asked for, loaded when they are."""

from collections.abc import Callable, Iterator, Mapping

from ivr.adapters.site_files import known_timezones
from ivr.adapters.store.sites import StoredSite
from ivr.flow.load import load_site
from ivr.flow.site import Site

HERE_MAX = 4
"""Sites held loaded at once, the ones used last: a contact holds what it needs of its own, so all
but the active one and the one before it are asked for by a restart or a replay only."""


class SiteShelf(Mapping[str, Site]):
    """Sites by version: those that were put here, and those that the store kept.

    A kept site is loaded from its files again, with the prompts that could be played when it was
    activated. Under other code its content may have another address by now; it is known by the
    version it was activated under all the same.
    """

    def __init__(self, stored: Callable[[str], StoredSite | None]) -> None:
        self._stored = stored
        self._here: dict[str, Site] = {}

    def put(self, site: Site) -> None:
        """Have this one here."""
        self._hold(site.version, site)

    def __getitem__(self, version: str) -> Site:
        site = self._here.get(version)
        if site is None:
            kept = self._stored(version)
            site = None if kept is None else _loaded(kept)
            if site is None:
                raise KeyError(version)
        self._hold(version, site)
        return site

    def _hold(self, version: str, site: Site) -> None:
        self._here.pop(version, None)
        self._here[version] = site
        if len(self._here) > HERE_MAX:
            del self._here[next(iter(self._here))]

    def __iter__(self) -> Iterator[str]:
        return iter(self._here)

    def __len__(self) -> int:
        return len(self._here)


def _loaded(kept: StoredSite) -> Site | None:
    prompts = {language: frozenset(keys) for language, keys in kept.prompts.items()}
    return load_site(kept.texts, prompts=prompts, timezones=known_timezones()).site
