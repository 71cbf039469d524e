"""The other systems an engine asks: those of its site, some perhaps at another address."""

from ivr.adapters.http.lookups import HttpLookups, LookupEdges
from ivr.app_site import EngineProblem
from ivr.flow.problems import did_you_mean, listing
from ivr.flow.site import Site
from ivr.settings import EngineSettings


def lookups_of(settings: EngineSettings, site: Site, edges: LookupEdges) -> HttpLookups:
    """What asks this site's services. Raises ``EngineProblem`` for an address of no service."""
    for name in settings.services:
        if name not in site.services:
            known = tuple(site.services)
            remedy = did_you_mean(name, known, otherwise=f"there are: {listing(known)}.")
            raise EngineProblem(f"the site has no service {name} for --service; {remedy}")
    return HttpLookups(site.services, edges, overrides=settings.services)
