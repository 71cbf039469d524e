"""Reads what a queue node says beside the queue itself: its keys, and what the expert is shown."""

from collections.abc import Mapping

from ivr.flow.keys import Key, Name, Several
from ivr.flow.model import Held, NodeName
from ivr.flow.node_parts import NodeParts, all_values
from ivr.flow.problems import Code, quoted
from ivr.flow.queue_context import CONTEXT_VARIABLES_MAX
from ivr.flow.read_expressions import slot_of
from ivr.flow.shape import Fields
from ivr.flow.telephone_keys import KEY_WAYS, is_telephone_key
from ivr.flow.yaml_tree import Tree

QUEUE_KEYS = Key(
    "keys",
    "which key leads to which node while the caller waits; the place in the queue is kept",
    value=KEY_WAYS,
)
QUEUE_CONTEXT = Key(
    "context",
    "the variables that the expert sees when her phone rings",
    value=Several(Name(), low=1, high=CONTEXT_VARIABLES_MAX),
)

_ONE_KEY = 'Write one key in quotes: "0" to "9", "*" or "#".'


def read_queue_keys(parts: NodeParts, entered: Fields) -> Mapping[str, NodeName] | None:
    """Which key leads where; none where the author wrote none."""
    written = entered.value("keys")
    if written is None:
        return {}
    table = parts.read.table(written, "keys", keys=('"1"',))
    if table is None:
        return None
    keys: dict[str, NodeName | None] = {}
    for entry in table.entries:
        to = parts.node_name(entry.value, f"the key {quoted(entry.key.text)}")
        is_key = is_telephone_key(parts, entry.key, remedy=_ONE_KEY)
        keys[entry.key.text] = to if is_key else None
    return all_values(keys)


def read_queue_context(parts: NodeParts, entered: Fields) -> tuple[Held, ...] | None:
    """The variables that the expert is shown; none where the author wrote none."""
    written = entered.value("context")
    if written is None:
        return ()
    items = parts.read.items(written, "the variables that the expert sees")
    if items is None:
        return None
    if not 1 <= len(items) <= CONTEXT_VARIABLES_MAX:
        parts.problems.error(
            Code.OUT_OF_RANGE,
            written.place,
            f"The expert is shown {len(items)} variables; there can be 1 to "
            f"{CONTEXT_VARIABLES_MAX}.",
            "Name those that matter before she says a word.",
        )
        return None
    held = [_held(parts, item) for item in items]
    good = tuple(each for each in held if each is not None)
    return good if len(good) == len(held) else None


def _held(parts: NodeParts, item: Tree) -> Held | None:
    name = parts.read.text(item, "the name of a variable")
    # A secret is refused there: no expert may see it.
    slot = None if name is None else slot_of(parts, name, item.place)
    if name is None or slot is None:
        return None
    return Held(name, slot.index)
