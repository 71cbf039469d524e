"""Whether a call came with its caller's number."""

WITHHELD = frozenset({"", "anonymous", "unknown", "restricted", "private", "unavailable"})
"""What stands for a number that was withheld or lost on the way: ``anonymous`` is RFC 3323,
section 4.1.1.3; the others are what exchanges put there in words."""


def is_known(number: str) -> bool:
    """Whether this is a number; whose it is nobody vouches for."""
    return number.strip().lower() not in WITHHELD
