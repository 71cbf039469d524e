"""The site as a rehearsal plays it: its caller watched, and doors for others to its queues."""

from collections.abc import Mapping
from dataclasses import replace

from ivr.flow.model import EnterQueue, Flow, HangUp, Hotline, NodeName, QueueExit
from ivr.flow.site import Site
from ivr.rehearsal.footprints import Footprints, watched

WAITING = "waiting/"
"""Begins the number that other callers dial: one for each queue, straight into it."""


def with_doors(site: Site, hotline: str, footprints: Footprints, ahead: Mapping[str, int]) -> Site:
    """The site with the caller's hotline watched, and a door of its own to each queue in use."""
    lines: dict[str, Hotline] = dict(site.hotlines)
    lines[hotline] = watched(site.hotlines[hotline], footprints)
    for queue in ahead:
        lines[f"{WAITING}{queue}"] = _straight_into(queue, site.hotlines[hotline])
    return replace(site, hotlines=lines)


def _straight_into(queue: str, like: Hotline) -> Hotline:
    wait, end = NodeName("wait"), NodeName("end")
    exits = dict.fromkeys(QueueExit, end)
    nodes = {wait: EnterQueue(queue, 0, exits), end: HangUp()}
    name = f"{WAITING}{queue}"
    return Hotline(name, (name,), like.languages, like.timezone, Flow("waiting", wait, nodes))
