"""Reads ``routing`` of site.yaml: what holds for all queues together."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ivr.flow.keys import Form, Inner, Key, Named, OneOf, Shape, Whole
from ivr.flow.problems import Code, Place, Problems, quoted
from ivr.flow.queue_shapes import SHARE
from ivr.flow.read_queue_routing import read_word
from ivr.flow.routing import CLASS_FIRST, CLASS_LAST, ContactFirst, RoutingRules
from ivr.flow.shape import Fields, Reader
from ivr.flow.site import QueueEntry
from ivr.flow.yaml_tree import Entry, Tree

POOL_WAITING_MAX = 2_000
"""As many contacts as one engine holds; a higher limit would never be met."""

_CLASS_FORM = Form(f"[{CLASS_FIRST}-{CLASS_LAST}]", "a class, 0 to 9")
_CLASS = re.compile(_CLASS_FORM.pattern)
_SHARE = re.compile(SHARE)

ROUTING = Shape(
    "routing",
    (
        Key(
            "contacts",
            "whose turn it is when an agent frees whom several queues wait for; oldest if left out",
            value=OneOf(tuple(each.value for each in ContactFirst)),
            default=ContactFirst.OLDEST.value,
        ),
        Key(
            "waiting",
            "how many callers may wait in all queues together; without a bound if left out",
            value=Whole(1, POOL_WAITING_MAX),
        ),
        Key(
            "admission",
            "for a class, the share of `waiting` from which it is let in no more; 100% if left out",
            value=Named(Form(SHARE, "a share of `waiting`"), key=_CLASS_FORM),
        ),
    ),
)
ROUTING_KEY = Key("routing", "what holds for all queues together", value=Inner(ROUTING))


@dataclass(frozen=True, slots=True)
class RoutingDraft:
    """The rules, and where each class that has a share of its own was written.

    ``is_bounded`` tells that ``waiting`` was written, however wrongly, or may have been.
    """

    rules: RoutingRules = field(default_factory=RoutingRules)
    classes: Mapping[int, Place] = field(default_factory=dict[int, Place])
    is_bounded: bool = True


def read_routing(read: Reader, site: Fields) -> RoutingDraft:
    """The rules of the site, each its default where it was written wrongly."""
    written = site.value(ROUTING_KEY.name)
    fields = None if written is None else read.fields(written, ROUTING)
    if fields is None:
        is_absent = written is None and ROUTING_KEY.name not in site.meant
        return RoutingDraft(is_bounded=not is_absent)
    chosen, bound = fields.value("contacts"), fields.value("waiting")
    contacts = None
    if chosen is not None:
        contacts = read_word(read, chosen, ContactFirst, "the order of contacts")
    waiting = None
    if bound is not None:
        waiting = read.whole(bound, "the value of waiting", low=1, high=POOL_WAITING_MAX)
    admission, places = _admission(read, fields.value("admission"))
    is_bounded = bound is not None or "waiting" in fields.meant
    if admission and not is_bounded:
        read.problems.warn(
            Code.ADMISSION_USELESS,
            fields.place_of("admission"),
            "Every class is let in always: there is no number of waiting callers to take a share "
            "of.",
            "Add `waiting:` beside it, such as 500, or remove `admission`.",
        )
    shares = tuple(sorted(admission.items()))
    rules = RoutingRules(contacts or ContactFirst.OLDEST, waiting, shares)
    return RoutingDraft(rules, places, is_bounded)


def _admission(read: Reader, written: Tree | None) -> tuple[dict[int, int], dict[int, Place]]:
    table = None if written is None else read.table(written, "admission", keys=("7",))
    shares: dict[int, int] = {}
    places: dict[int, Place] = {}
    for entry in () if table is None else table.entries:
        percent = _percent(read, entry.value)
        if _CLASS.fullmatch(entry.key.text) is None:
            _report_no_class(read.problems, entry)
        elif percent is not None:
            shares[int(entry.key.text)] = percent
            places[int(entry.key.text)] = entry.key.place
    return shares, places


def _report_no_class(problems: Problems, entry: Entry) -> None:
    problems.error(
        Code.OUT_OF_RANGE,
        entry.key.place,
        f"{quoted(entry.key.text)} is no class of contacts.",
        f"Write a class from {CLASS_FIRST} to {CLASS_LAST}, and its share: `7: 60%`.",
    )


def _percent(read: Reader, tree: Tree) -> int | None:
    scalar = read.scalar(tree, "the share of a class")
    found = None if scalar is None else _SHARE.fullmatch(scalar.text)
    if scalar is None or (found is not None and 1 <= int(found.group(1)) <= 100):
        return None if found is None else int(found.group(1))
    read.problems.error(
        Code.BAD_SHARE,
        scalar.place,
        f"The share of a class is {quoted(scalar.text)}, which is no share of all who may wait.",
        "Write a percentage from 1% to 100%, such as 80%.",
    )
    return None


def warn_classless(draft: RoutingDraft, queues: Iterable[QueueEntry], problems: Problems) -> None:
    """Warn of each class with a share that no queue has; only of a site without errors."""
    used = {queue.contact_class for queue in queues}
    if problems.has_errors():
        return
    for each, place in draft.classes.items():
        if each not in used:
            problems.warn(
                Code.ADMISSION_USELESS,
                place,
                f"No queue has the class {each}.",
                f"Give a queue `class: {each}`, or remove this share.",
            )


def warn_shares(draft: RoutingDraft, shares: Iterable[Place], problems: Problems) -> None:
    """Warn of each share of a queue that decides nothing; only of a site without errors."""
    if problems.has_errors() or draft.rules.contacts is not ContactFirst.OLDEST:
        return
    for place in shares:
        problems.warn(
            Code.SHARE_USELESS,
            place,
            "This share decides nothing: an agent who frees takes who waits longest, of whatever "
            "queue.",
            "Write `routing: {contacts: fair}` or `ratio` in site.yaml, or remove `share`.",
        )
