"""The event by which a site comes to hold."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SiteActivated:
    """From now on this version of the site holds; it was given to the driver before."""

    version: str
