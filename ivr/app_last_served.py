"""Who served a caller last, asked of the store only where the site's flows have a use for it."""

from collections.abc import Callable

from ivr.adapters.store.last_served import LastServed
from ivr.flow.model import EnterQueue
from ivr.flow.site import Site
from router.model import AgentId, Millis


class LastServedOfSite:
    """Answers the line to Asterisk while a call comes in."""

    def __init__(self, first: Site, last_served: LastServed) -> None:
        self.site: Callable[[], Site] = lambda: first
        """The site that new contacts get."""
        self._last_served = last_served
        self._judged: Site | None = None
        self._asks = False

    def of(self, number: str) -> tuple[AgentId, Millis] | None:
        """Who served this number last and how long ago; None where no flow prefers anybody."""
        site = self.site()
        if site is not self._judged:
            self._judged, self._asks = site, prefers_last(site)
        found = self._last_served.of(number) if self._asks else None
        return None if found is None else (AgentId(found.agent), found.ago_ms)


def prefers_last(site: Site) -> bool:
    """Whether some queue node of this site prefers who served the caller last."""
    return any(
        isinstance(node, EnterQueue) and node.prefer is not None and node.prefer.agent is None
        for hotline in site.hotlines.values()
        for node in hotline.flow.nodes.values()
    )
