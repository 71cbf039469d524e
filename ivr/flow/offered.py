"""The names a site's files give to things, for an editor to offer.

Read from the trees, not from a loaded site: while an author is writing, the site is seldom whole,
and that is when the names are wanted.
"""

from collections.abc import Iterator, Mapping

from ivr.flow.keys import NameOf
from ivr.flow.load import FLOWS_FILE, HOTLINE_FILE, QUEUES_FILE, SITE_FILE
from ivr.flow.problems import Problems
from ivr.flow.read_messages import MESSAGES_FILE, SHARED_PREFIX
from ivr.flow.schema import Offered
from ivr.flow.site import SHARED
from ivr.flow.yaml_tree import Listing, Scalar, Table, Tree, entries_of, read_tree


def offered_names(files: Mapping[str, str], hotline: str | None) -> Offered:
    """Names that may be referred to from a hotline's files, or from any; broken files give none."""
    trees = {
        file: tree
        for file, text in files.items()
        if (tree := read_tree(file, text, Problems())) is not None
    }
    folders = [hotline, SHARED] if hotline else sorted({file.rpartition("/")[0] for file in trees})
    hotlines = [
        trees.get(f"{folder}/{name}") for folder in folders for name in (HOTLINE_FILE, FLOWS_FILE)
    ]
    flows = [flow for tree in hotlines for flow in _below(tree, "flows")]
    site = trees.get(SITE_FILE)
    found = {
        NameOf.SKILL: _items(_value(site, "skills")),
        NameOf.DEVICE: [name for name, _ in _below(site, "devices")],
        NameOf.CALENDAR: [
            name for tree in (site, *hotlines) for name, _ in _below(tree, "calendars")
        ],
        NameOf.QUEUE: [
            name
            for folder in folders
            for name, _ in _below(trees.get(f"{folder}/{QUEUES_FILE}"), "queues")
        ],
        NameOf.MESSAGE: [
            f"{SHARED_PREFIX if folder == SHARED else ''}{name}"
            for folder in folders
            for name, _ in _below(trees.get(f"{folder}/{MESSAGES_FILE}"), "messages")
        ],
        NameOf.FLOW: [name for name, _ in flows],
        NameOf.NODE: [name for _, flow in flows for name, _ in _below(flow, "nodes")],
    }
    return {of: tuple(dict.fromkeys(names)) for of, names in found.items() if names}


def _value(tree: Tree | None, key: str) -> Tree | None:
    if not isinstance(tree, Table):
        return None
    entry = entries_of(tree).get(key)
    return None if entry is None else entry.value


def _below(tree: Tree | None, key: str) -> Iterator[tuple[str, Tree]]:
    inner = _value(tree, key)
    if isinstance(inner, Table):
        for entry in inner.entries:
            yield entry.key.text, entry.value


def _items(tree: Tree | None) -> list[str]:
    items = tree.items if isinstance(tree, Listing) else ()
    return [item.text for item in items if isinstance(item, Scalar)]
