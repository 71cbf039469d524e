"""The door of set-up: refuses an old Python in one sentence, then hands over.

This file alone must parse on Python 3.7, or the sentence would be a SyntaxError instead.
"""

from __future__ import annotations

import sys

PYTHON_MIN = (3, 11)


def old_python_refusal(found: tuple[int, ...]) -> str | None:
    """The sentence for an interpreter older than 3.11; None when it is new enough."""
    if tuple(found[:2]) >= PYTHON_MIN:
        return None
    needed, this = (".".join(map(str, version[:2])) for version in (PYTHON_MIN, found))
    return (
        f"set-up: Python {needed} or newer is needed and this is Python {this}; install a newer "
        f"one and name it, as in: make demo PYTHON=python{needed}"
    )


def start() -> int:
    """Exit status of the whole set-up: 0 done, 2 refused, 130 interrupted."""
    refusal = old_python_refusal(tuple(sys.version_info[:2]))
    if refusal is not None:
        sys.stderr.write(refusal + "\n")
        return 2
    from ivr.provision.sequence import main

    return main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(start())
