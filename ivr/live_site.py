"""The site that serves now, and its change while calls go on.

A changed site is read and checked whole beside the loop, for that may take seconds, and calls go
on meanwhile. Only a good one is activated, by an event that is journalled like any other: new
contacts begin on it, live ones finish on the flow they began with, queues and agents change for
all. A broken one changes nothing.
"""

import asyncio
import gc
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass

from ivr.adapters.control.wire import ChangeLine, ReloadLine, ReloadResult
from ivr.app_site import CheckedSite, EngineProblem, Servable, reasons_of
from ivr.flow.changes import Change, How, Part, differences
from ivr.flow.site import Site
from ivr.prompts.catalogue import CatalogueInvalid
from ivr.prompts.model import Catalogue
from ivr.prompts.renewed import renewal_notices
from ivr.runtime import Runtime
from router.model import AgentId, Presence, QueueId, qualified

TRACED_MAX = 20
"""Changes or reasons written into the trace; who asked by command is told all of them."""

DEVICES_S_MAX = 15.0
"""How long Asterisk may take to read its devices anew."""

MatchDevices = Callable[[Collection[str], Collection[str]], Awaitable[tuple[str, ...]]]
"""Lets Asterisk have these devices and none of those; what people must know of it."""


@dataclass(frozen=True, slots=True)
class SiteEdges:
    """What a change of the site needs of its surroundings.

    ``read`` may block and raises ``EngineProblem`` or ``CatalogueInvalid``. ``activate`` keeps a
    site for a restart and gives it to the engine.
    """

    read: Callable[[], Servable]
    activate: Callable[[CheckedSite], None]
    play: Callable[[Catalogue], None]
    """Makes what this catalogue has playable, too."""
    match_devices: MatchDevices


class LiveSite:
    """Use it from the loop's thread. Reloads take place one after another."""

    def __init__(
        self, site: Site, runtime: Runtime, edges: SiteEdges, *, catalogue: Catalogue
    ) -> None:
        self._site = site
        self._catalogue = catalogue
        self._runtime = runtime
        self._edges = edges
        self._turn = asyncio.Lock()
        self._tasks: set[asyncio.Task[ReloadLine]] = set()
        self._not_begun: asyncio.Task[ReloadLine] | None = None

    def site(self) -> Site:
        """The site that new contacts get."""
        return self._site

    async def reload(self) -> ReloadLine:
        """Serve by the files as they are now; what came of it. Cancelling ends the waiting only."""
        return await asyncio.shield(self.begin_reload())

    def begin_reload(self) -> asyncio.Task[ReloadLine]:
        """The same for who does not wait.

        Who asks while one waits for its turn shares that one, for it will read what is there then:
        so there are never more than two.
        """
        if self._not_begun is None:
            task = asyncio.create_task(self._reload(), name="site reload")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            self._not_begun = task
        return self._not_begun

    async def stop(self) -> None:
        """Begin no change any more, and give up those under way."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _reload(self) -> ReloadLine:
        async with self._turn:
            self._not_begun = None
            try:
                servable = await asyncio.to_thread(_uncollected, self._edges.read)
            except (EngineProblem, CatalogueInvalid) as refusal:
                line = self._line(ReloadResult.REFUSED, reasons=reasons_of(refusal))
            else:
                line = await self._take(servable)
            self._note(line)
            return line

    async def _take(self, servable: Servable) -> ReloadLine:
        old, new = self._site, servable.checked.site
        # Also of an equal site: the prompts it names may have been built into another catalogue.
        self._edges.play(servable.catalogue)
        heard = renewal_notices(self._catalogue, servable.catalogue)
        self._catalogue = servable.catalogue
        if new.version == old.version:
            notices = (*heard, *await self._matched(old, new))
            return self._line(ReloadResult.UNCHANGED, notices=notices)
        changes = differences(old, new)
        left = [*self._left_queues(changes), *self._left_agents(changes)]
        self._edges.activate(servable.checked)
        if self._runtime.site != new.version:
            return self._line(
                ReloadResult.REFUSED,
                reasons=("The engine is stopping and takes no change of its site any more.",),
            )
        self._site = new
        notices = (*heard, *left, *await self._matched(old, new))
        return self._line(ReloadResult.ACTIVATED, changes=changes, notices=notices)

    async def _matched(self, old: Site, new: Site) -> tuple[str, ...]:
        gone = old.devices.keys() - new.devices.keys()
        try:
            async with asyncio.timeout(DEVICES_S_MAX):
                return await self._edges.match_devices(new.devices.keys(), gone)
        except TimeoutError:
            return (
                f"Asterisk did not read its devices within {DEVICES_S_MAX:g} s: reload once more "
                "to see which it knows.",
            )

    def _left_queues(self, changes: Sequence[Change]) -> list[str]:
        gone = {QueueId(qualified(each.name)): each.name for each in _removed(changes, Part.QUEUE)}
        views = self._runtime.queues()
        left = ((gone.get(view.queue), view.waiting + view.offered) for view in views)
        return [
            f"Queue {name} is gone: {callers} who waited there go on by no_agents of their flow."
            for name, callers in left
            if name is not None and callers
        ]

    def _left_agents(self, changes: Sequence[Change]) -> list[str]:
        gone = {AgentId(qualified(each.name)): each.name for each in _removed(changes, Part.AGENT)}
        here = [
            gone[view.agent]
            for view in self._runtime.agents()
            if view.agent in gone and view.presence is not Presence.SIGNED_OUT
        ]
        return [f"Agent {name} is gone from the site and was signed out." for name in sorted(here)]

    def _line(
        self,
        result: ReloadResult,
        *,
        changes: Sequence[Change] = (),
        reasons: tuple[str, ...] = (),
        notices: tuple[str, ...] = (),
    ) -> ReloadLine:
        told = tuple(ChangeLine(c.part.value, c.name, c.how.value, c.keys) for c in changes)
        live = self._runtime.live_contacts()
        return ReloadLine(result, self._site.version, live, told, reasons, notices)

    def _note(self, line: ReloadLine) -> None:
        told = {"result": line.result.value, "version": line.version}
        changes = [f"{each.part} {each.name} {each.how}" for each in line.changes]
        for kind, said in (
            ("changes", changes),
            ("reasons", line.reasons),
            ("notices", line.notices),
        ):
            if said:
                told[kind] = "; ".join(said[:TRACED_MAX])
                told[f"{kind}_all"] = str(len(said))
        self._runtime.note("site_reload", told)


def _uncollected(read: Callable[[], Servable]) -> Servable:
    """What ``read`` gives, without the collector of cycles at work meanwhile.

    It halts all threads for as long as it looks through the growing site: measured at 24,000 nodes,
    reading takes half the time without it, and calls wait a third as long.
    """
    gc.disable()
    try:
        return read()
    finally:
        gc.enable()


def _removed(changes: Sequence[Change], part: Part) -> list[Change]:
    return [each for each in changes if each.part is part and each.how is How.REMOVED]
