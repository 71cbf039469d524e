"""Queues that nobody can ever wait in, for no node of any hotline enters them."""

from collections.abc import Collection, Mapping

from ivr.flow.problems import Code, Place, Problems, quoted
from ivr.flow.site import SHARED


def warn_unused(
    places: Mapping[str, Mapping[str, Place] | None], entered: Collection[str], problems: Problems
) -> None:
    """Warn at each queue, by folder and qualified name, that is not among those entered.

    Only of a site without errors: what is wrong may be the very node that enters the queue.
    """
    if problems.has_errors():
        return
    for folder, queues in places.items():
        whose = "any hotline" if folder == SHARED else "this hotline"
        for name, place in (queues or {}).items():
            _, _, local = name.partition("/")
            if name not in entered:
                problems.warn(
                    Code.UNUSED_QUEUE,
                    place,
                    f"No caller ever waits in the queue {quoted(local)}: no queue node of {whose} "
                    "names it.",
                    f"Enter it by a queue node, `queue: {{name: {local}}}`, or remove it.",
                )
