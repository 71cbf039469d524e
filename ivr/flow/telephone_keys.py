"""The keys that lead a caller on, at a menu and while she waits."""

from ivr.flow.keys import Form, Name, Named, NameOf
from ivr.flow.node_parts import NodeParts
from ivr.flow.problems import Code, quoted
from ivr.flow.yaml_tree import Scalar

TELEPHONE_KEYS = "0123456789*#"
"""Those that every telephone has; A to D of ITU-T Q.23 are on none that a caller holds."""

KEY_WAYS = Named(Name(NameOf.NODE), key=Form(f"[{TELEPHONE_KEYS}]", "a key of a telephone"), low=1)
"""Which key leads to which node."""


def is_telephone_key(parts: NodeParts, key: Scalar, *, remedy: str) -> bool:
    """Whether there is such a key; reported with this remedy if not."""
    if len(key.text) == 1 and key.text in TELEPHONE_KEYS:
        return True
    parts.problems.error(
        Code.CHOICE_KEY_NOT_A_DIGIT,
        key.place,
        f"{quoted(key.text)} is no key of a telephone.",
        remedy,
    )
    return False
