"""A core's whole state as plain values, so that two moments can be compared.

Left out is what cannot change a decision: counters of the ignored, heaps whose live entries are
held beside them, the running numbers that only order equal times, and who came last.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from functools import cache
from typing import Any, cast

from router.core import Router
from router.deadlines import Deadlines

IMMATERIAL = {
    "ignored",
    "_ignored",
    "_effects",
    "_count",
    "_heaps",
    "heap",
    "_hotline",
    "_numbers",
    "hotline",
    "came",
    "answers_seen",
}


def state_of(value: Any) -> Any:
    """This object and all it holds, as values that compare by content."""
    match value:
        case None | str() | int() | Enum():
            return value
        case _ if _is_a_value(cast("type[Any]", type(value))):
            return value
        case Router():
            ledger = vars(value).get("ledger")
            return replace(value.snapshot(), ignored=()), state_of(ledger)
        case Deadlines():
            deadlines = cast("Deadlines[Any]", value)
            return dict(deadlines.in_order())
        case Counter():
            counted = cast("Counter[Any]", value)
            return {key: number for key, number in counted.items() if number}
        case Mapping():
            items = cast("Mapping[Any, Any]", value).items()
            return {key: state_of(held) for key, held in items}
        case _ if is_dataclass(value):
            names = [field.name for field in fields(value) if field.name not in IMMATERIAL]
            return {name: state_of(getattr(value, name)) for name in names}
        case set() | frozenset():
            return frozenset(cast("set[Any]", value))
        case Iterable():
            return tuple(map(state_of, cast("Iterable[Any]", value)))
        case _:
            held = cast("dict[str, Any]", vars(value))
            return {name: state_of(each) for name, each in held.items() if name not in IMMATERIAL}


@cache
def _is_a_value(kind: type) -> bool:
    """Whether such an object never changes and holds nothing immaterial: it is its own state."""
    if not is_dataclass(kind) or not kind.__dataclass_params__.frozen:  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
        return False
    return IMMATERIAL.isdisjoint(field.name for field in fields(kind))
