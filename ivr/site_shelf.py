"""The versions of a site that an engine or a replay can be asked for, loaded when they are."""

from collections.abc import Callable, Iterator, Mapping

from ivr.adapters.site_files import known_timezones
from ivr.adapters.store.sites import StoredSite
from ivr.flow.load import load_site
from ivr.flow.site import Site


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
        self._here[site.version] = site

    def __getitem__(self, version: str) -> Site:
        if version not in self._here:
            kept = self._stored(version)
            loaded = None if kept is None else _loaded(kept)
            if loaded is None:
                raise KeyError(version)
            self._here[version] = loaded
        return self._here[version]

    def __iter__(self) -> Iterator[str]:
        return iter(self._here)

    def __len__(self) -> int:
        return len(self._here)


def _loaded(kept: StoredSite) -> Site | None:
    prompts = {language: frozenset(keys) for language, keys in kept.prompts.items()}
    return load_site(kept.texts, prompts=prompts, timezones=known_timezones()).site
