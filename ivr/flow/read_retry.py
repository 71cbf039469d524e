"""Reads ``noinput`` and ``nomatch`` of a node that asks the caller for something."""

from ivr.flow.keys import Shape
from ivr.flow.model import NodeName, PromptKey, Retry
from ivr.flow.node_parts import NodeParts
from ivr.flow.problems import Code
from ivr.flow.shape import Fields

TIMES_DEFAULT, TIMES_MAX = 2, 10
"""How often a caller is asked again; more would keep who cannot answer."""


def read_retry(
    parts: NodeParts, asking: Fields, key: str, *, shape: Shape, otherwise: tuple[PromptKey, ...]
) -> Retry | None:
    """How often it is asked again; with the words ``otherwise`` where none are written here.

    What is not written at the node the defaults of its file say.
    """
    usual = parts.defaults.of(key)
    written = asking.value(key)
    fields = Fields(asking.place, {}) if written is None else parts.read.fields(written, shape)
    if fields is None:
        return None
    then = _then(parts, asking, key, fields)
    prompts = parts.prompts_of(fields, "prompt", default=usual.prompts)
    reprompt = parts.prompts_of(fields, "reprompt", default=otherwise)
    tried = fields.value("times")
    times = TIMES_DEFAULT if usual.times is None else usual.times
    if tried is not None:
        times = parts.read.whole(tried, f"times in {key}", low=0, high=TIMES_MAX)
    if then is None or prompts is None or times is None or reprompt is None:
        return None
    return Retry(times, then, prompts, reprompt)


def _then(parts: NodeParts, asking: Fields, key: str, fields: Fields) -> NodeName | None:
    usual = parts.defaults.of(key)
    if fields.value("then") is not None:
        return parts.target(fields, "then")
    if usual.then is not None and usual.then_at is not None:
        return parts.lead_by_default(usual.then, usual.then_at)
    if not usual.is_broken:
        _report_no_exit(parts, asking, key, fields)
    return None


def _report_no_exit(parts: NodeParts, asking: Fields, key: str, retry: Fields) -> None:
    """Say that there is no way on, unless what is wrong there has been said already."""
    if key not in asking.meant and "then" not in retry.meant:
        kind = "collect node" if "digits" in asking.entries else "menu"
        kind = "ask node" if "answers" in asking.entries else kind
        parts.problems.error(
            Code.MENU_EXIT_MISSING,
            asking.place_of(key),
            f"This {kind} does not say where a caller goes after {key}.",
            f"Add `{key}: {{times: {TIMES_DEFAULT}, then: <node>}}`.",
        )
