"""Reads what ``menu``, ``ask`` and ``collect`` share: prompts, ``noinput`` and ``nomatch``."""

from dataclasses import dataclass

from ivr.flow.durations import duration_text
from ivr.flow.keys import Duration, Key, Name, NameOf, Several, Shape, Whole
from ivr.flow.model import NodeName, PromptKey, Retry
from ivr.flow.node_parts import NodeParts
from ivr.flow.problems import Code
from ivr.flow.shape import Fields
from ivr.flow.yaml_tree import Table

TIMES_DEFAULT, TIMES_MAX = 2, 10
"""How often a caller is asked again; more would keep who cannot answer."""

AFTER_MS_DEFAULT, AFTER_MS_MIN, AFTER_MS_MAX = 5_000, 500, 120_000
"""How long a menu or a question waits for its one key."""

_PROMPTS = Several(Name(NameOf.PROMPT), low=1, or_one=True)
AFTER = Key(
    "after",
    "how long to wait for a key",
    value=Duration(AFTER_MS_MIN, AFTER_MS_MAX),
    default=duration_text(AFTER_MS_DEFAULT),
)
THEN = Key("then", "the node that follows; needed here or in `defaults`", value=Name(NameOf.NODE))
REPROMPT_HERE = Key("reprompt", "what is asked after this, instead of the prompt", value=_PROMPTS)
RETRY_KEYS = (
    Key("times", "how often it asks again", value=Whole(0, TIMES_MAX), default=TIMES_DEFAULT),
    THEN,
    Key("prompt", "what is said before it asks again", value=_PROMPTS),
    REPROMPT_HERE,
)


@dataclass(frozen=True, slots=True)
class Asking:
    """How a node asks, whatever it asks for."""

    prompts: tuple[PromptKey, ...]
    noinput: Retry
    nomatch: Retry
    barge_in: bool


def read_asking(
    parts: NodeParts, asking: Fields, *, noinput: Shape, nomatch: Shape
) -> Asking | None:
    """The prompts of a node that asks, its two retries of these shapes, and whether keys cut it."""
    prompts = parts.prompts_of(asking, "prompt")
    reprompt = parts.prompts_of(asking, "reprompt", default=())
    otherwise = reprompt or ()
    silent = read_retry(parts, asking, "noinput", shape=noinput, otherwise=otherwise)
    wrong = read_retry(parts, asking, "nomatch", shape=nomatch, otherwise=otherwise)
    barge_in = parts.asking_barge_in(asking)
    if prompts is None or reprompt is None or barge_in is None:
        return None
    if silent is None or wrong is None:
        return None
    return Asking(prompts, silent, wrong, barge_in)


def read_after_ms(parts: NodeParts, asking: Fields) -> int | None:
    """How long to wait for a key: as ``noinput`` says, else the defaults of the file."""
    noinput = asking.value("noinput")
    for entry in noinput.entries if isinstance(noinput, Table) else ():
        if entry.key.text == AFTER.name:
            return parts.read.duration(
                entry.value, "the value of after", low_ms=AFTER_MS_MIN, high_ms=AFTER_MS_MAX
            )
    return parts.defaults.noinput.after_ms or AFTER_MS_DEFAULT


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
