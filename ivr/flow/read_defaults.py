"""Reads ``defaults``: what every menu, collect and ask of a file does unless it says otherwise.

A node that is told to follow is looked for in each flow that uses it; so a mistake in its name is
told at the defaults, once for each flow that has no such node.
"""

from dataclasses import dataclass

from ivr.flow.keys import Duration, Flag, Inner, Key, Name, NameOf, Several, Shape, Whole
from ivr.flow.model import NodeName, PromptKey
from ivr.flow.problems import Place
from ivr.flow.read_names import NameReader
from ivr.flow.shape import Fields, Reader

AFTER_MS_MIN, AFTER_MS_MAX = 500, 60_000
"""What both a menu and a collect can wait for the first key."""

TIMES_MAX = 10
"""As at a node (``ivr.flow.read_retry``)."""

_TIMES = Key("times", "how often it is asked again", value=Whole(0, TIMES_MAX))
_THEN = Key("then", "the node that follows, in each flow that uses it", value=Name(NameOf.NODE))
_PROMPT = Key(
    "prompt",
    "what is said before it is asked again",
    value=Several(Name(NameOf.PROMPT), low=1, or_one=True),
)
NOINPUT_DEFAULTS = Shape(
    "noinput of the defaults",
    (
        Key(
            "after",
            "how long to wait for the first key",
            value=Duration(AFTER_MS_MIN, AFTER_MS_MAX),
        ),
        _TIMES,
        _THEN,
        _PROMPT,
    ),
)
NOMATCH_DEFAULTS = Shape("nomatch of the defaults", (_TIMES, _THEN, _PROMPT))
DEFAULTS = Shape(
    "defaults",
    (
        Key("noinput", "what happens when no key is pressed", value=Inner(NOINPUT_DEFAULTS)),
        Key("nomatch", "what happens on a wrong key", value=Inner(NOMATCH_DEFAULTS)),
        Key("barge_in", "false when no key may cut a question", value=Flag()),
    ),
)
DEFAULTS_KEY = Key(
    "defaults",
    "what menus, collect and ask nodes of this file do unless they say otherwise",
    value=Inner(DEFAULTS),
)


@dataclass(frozen=True, slots=True)
class RetryDefaults:
    """What a node without it takes for ``noinput`` or ``nomatch``; None where there is nothing.

    ``is_broken`` says that something here could not be read: no node lacks it, then.
    """

    times: int | None = None
    then: NodeName | None = None
    then_at: Place | None = None
    prompts: tuple[PromptKey, ...] = ()
    after_ms: int | None = None
    is_broken: bool = False


@dataclass(frozen=True, slots=True)
class Defaults:
    """Of one file; empty where there are none."""

    noinput: RetryDefaults = RetryDefaults()
    nomatch: RetryDefaults = RetryDefaults()
    barge_in: bool = True

    def of(self, key: str) -> RetryDefaults:
        """Of ``noinput`` or of ``nomatch``."""
        return self.noinput if key == "noinput" else self.nomatch


def read_defaults(fields: Fields, names: NameReader, read: Reader) -> Defaults:
    """The defaults of this file; what is wrong with them is told here and nowhere else."""
    written = fields.value(DEFAULTS_KEY.name)
    if written is None:
        broken = RetryDefaults(is_broken=DEFAULTS_KEY.name in fields.meant)
        return Defaults(broken, broken)
    asked = read.fields(written, DEFAULTS)
    if asked is None:
        return Defaults(RetryDefaults(is_broken=True), RetryDefaults(is_broken=True))
    flag = asked.value("barge_in")
    barge_in = True if flag is None else read.flag(flag, "the value of barge_in")
    return Defaults(
        _retry(asked, "noinput", NOINPUT_DEFAULTS, names, read),
        _retry(asked, "nomatch", NOMATCH_DEFAULTS, names, read),
        barge_in is not False,
    )


def _retry(asked: Fields, key: str, shape: Shape, names: NameReader, read: Reader) -> RetryDefaults:
    written = asked.value(key)
    fields = None if written is None else read.fields(written, shape)
    if fields is None:
        return RetryDefaults(is_broken=written is not None or key in asked.meant)
    times, then, prompt, after = (
        fields.value(each) for each in ("times", "then", "prompt", "after")
    )
    often = None if times is None else read.whole(times, f"times in {key}", low=0, high=TIMES_MAX)
    name = None if then is None else read.name(then, f"the node that {key} leads to")
    prompts = () if prompt is None else names.prompt_keys(prompt)
    after_ms = None
    if after is not None:
        after_ms = read.duration(
            after, "the value of after", low_ms=AFTER_MS_MIN, high_ms=AFTER_MS_MAX
        )
    return RetryDefaults(
        often,
        None if name is None else NodeName(name),
        None if then is None else then.place,
        prompts or (),
        after_ms,
        is_broken=name is None and (then is not None or "then" in fields.meant),
    )
