"""Reads ``noinput`` and ``nomatch`` of a node that asks the caller for something."""

from ivr.flow.keys import Shape
from ivr.flow.model import PromptKey, Retry
from ivr.flow.node_parts import NodeParts
from ivr.flow.problems import Code
from ivr.flow.shape import Fields

TIMES_DEFAULT, TIMES_MAX = 2, 10
"""How often a caller is asked again; more would keep who cannot answer."""


def read_retry(
    parts: NodeParts, asking: Fields, key: str, *, shape: Shape, otherwise: tuple[PromptKey, ...]
) -> Retry | None:
    """How often it is asked again; with the words ``otherwise`` where none are written here."""
    written = asking.value(key)
    fields = None if written is None else parts.read.fields(written, shape)
    if fields is None or fields.value("then") is None:
        _report_no_exit(parts, asking, key, fields)
        return None
    then = parts.target(fields, "then")
    prompts = parts.prompts_of(fields, "prompt", default=())
    reprompt = parts.prompts_of(fields, "reprompt", default=otherwise)
    tried = fields.value("times")
    times = TIMES_DEFAULT
    if tried is not None:
        times = parts.read.whole(tried, f"times in {key}", low=0, high=TIMES_MAX)
    if then is None or prompts is None or times is None or reprompt is None:
        return None
    return Retry(times, then, prompts, reprompt)


def _report_no_exit(parts: NodeParts, asking: Fields, key: str, retry: Fields | None) -> None:
    """Say that there is no way on, unless what is wrong there has been said already."""
    is_absent = asking.value(key) is None and key not in asking.meant
    if is_absent or (retry is not None and "then" not in retry.meant):
        kind = "collect node" if "digits" in asking.entries else "menu"
        parts.problems.error(
            Code.MENU_EXIT_MISSING,
            asking.place_of(key),
            f"This {kind} does not say where a caller goes after {key}.",
            f"Add `{key}: {{times: {TIMES_DEFAULT}, then: <node>}}`.",
        )
