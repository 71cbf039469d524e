"""The nodes an author can write, as tables of keys: what there is, and a sentence on each.

These tables are the language of flows. The reader takes unknown and missing keys from them, and
whatever documents the language later (editor schema, reference page) can take the sentences.
"""

from collections.abc import Mapping

from ivr.flow.durations import PRIORITY_MS_MAX
from ivr.flow.keys import (
    Duration,
    Either,
    Flag,
    Inner,
    Key,
    Name,
    NameOf,
    Nothing,
    Several,
    Shape,
    Whole,
)
from ivr.flow.model import LIKE_FULL, QueueExit
from ivr.flow.read_ask import ASK_NODE
from ivr.flow.read_branch import BRANCH_NODE
from ivr.flow.read_collect import COLLECT_NODE
from ivr.flow.read_goto import GOTO_NODE, RETURN_NODE
from ivr.flow.read_hours import HOURS_NODE
from ivr.flow.read_lookup import LOOKUP_NODE
from ivr.flow.read_message import MESSAGE_NODE
from ivr.flow.read_prefer import QUEUE_PREFER
from ivr.flow.read_queue_keys import QUEUE_CONTEXT, QUEUE_KEYS
from ivr.flow.read_record import RECORD_NODE
from ivr.flow.read_retry import AFTER, REPROMPT_HERE, THEN, TIMES_DEFAULT, TIMES_MAX
from ivr.flow.read_say import SAY_NODE
from ivr.flow.read_set import SET_NODE
from ivr.flow.read_subflow import SUBFLOW_NODE
from ivr.flow.read_transfer import TRANSFER_NODE
from ivr.flow.telephone_keys import KEY_WAYS

WITHIN_MS_MIN, WITHIN_MS_MAX = 60_000, 30 * 24 * 3_600_000
"""How soon a customer can be called back at the earliest, and how late it is still a promise."""

REASON_DEFAULT = "completed"

_NODE = Name(NameOf.NODE)
_PROMPTS = Several(Name(NameOf.PROMPT), low=1, or_one=True)

_PROMPT = Key("prompt", "the key of a prompt, or a list of them", required=True, value=_PROMPTS)
_PROMPT_IF_ANY = Key("prompt", "the key of a prompt, or a list of them", value=_PROMPTS)
_SAID_FIRST = Key("prompt", "what is said before the menu asks again", value=_PROMPTS)
_REPROMPT = Key(
    "reprompt", "what is asked from the second time on, instead of the prompt", value=_PROMPTS
)
_NEXT = Key("next", "the node that follows", required=True, value=_NODE)
_BARGE_IN = Key("barge_in", "false when no key may cut the prompt", value=Flag(), default=True)
_TIMES = Key(
    "times", "how often the menu asks again", value=Whole(0, TIMES_MAX), default=TIMES_DEFAULT
)

PLAY = Shape("play", (_PROMPT, _BARGE_IN))
_ASKED_AGAIN = (_TIMES, THEN, _SAID_FIRST, REPROMPT_HERE)
NOINPUT = Shape("noinput", (AFTER, *_ASKED_AGAIN))
NOMATCH = Shape("nomatch", _ASKED_AGAIN)
MENU = Shape(
    "menu",
    (
        _PROMPT,
        _REPROMPT,
        Key("choices", "which key leads to which node", required=True, value=KEY_WAYS),
        Key("noinput", "what happens when no key is pressed", value=Inner(NOINPUT)),
        Key("nomatch", "what happens on a key without a choice", value=Inner(NOMATCH)),
        _BARGE_IN,
    ),
)
QUEUE = Shape(
    "queue",
    (
        Key(
            "name",
            "a queue of this hotline or a shared one",
            required=True,
            value=Name(NameOf.QUEUE),
        ),
        Key(
            "priority",
            "the head start over others, as a duration",
            value=Duration(0, PRIORITY_MS_MAX),
        ),
        QUEUE_CONTEXT,
        QUEUE_KEYS,
        QUEUE_PREFER,
    ),
)
WORK_ORDER = Shape(
    "work_order",
    (
        Key(
            "topic",
            "what it is about; orders of one customer and topic join",
            required=True,
            value=Name(),
        ),
        Key(
            "skill",
            "what the expert who calls back must have; anybody may if left out",
            value=Name(NameOf.SKILL),
        ),
        Key(
            "within",
            "by when the customer is called, such as 4h",
            required=True,
            value=Duration(WITHIN_MS_MIN, WITHIN_MS_MAX),
        ),
    ),
)
ON = Shape(
    "on",
    tuple(
        Key(
            each.value,
            "the node that follows; that of full if left out, else of no_agents"
            if each in LIKE_FULL
            else "the node that follows",
            value=_NODE,
            needed=each in (QueueExit.NO_AGENTS, QueueExit.TIMED_OUT),
        )
        for each in QueueExit
    ),
)
HANGUP = Shape(
    "hangup",
    (
        _PROMPT_IF_ANY,
        Key("reason", "a word for the contact record", value=Name(), default=REASON_DEFAULT),
    ),
)

NODE_KINDS: Mapping[str, Shape] = {
    "play": Shape(
        "a play node", (Key("play", "what is said", value=Either((_PROMPTS, Inner(PLAY)))), _NEXT)
    ),
    "say": SAY_NODE,
    "menu": Shape("a menu node", (Key("menu", "what is asked", value=Inner(MENU)),)),
    "collect": COLLECT_NODE,
    "set": SET_NODE,
    "branch": BRANCH_NODE,
    "hours": HOURS_NODE,
    "queue": Shape(
        "a queue node",
        (
            Key("queue", "where to wait", value=Inner(QUEUE)),
            Key("on", "the ways out", value=Inner(ON), needed=True),
        ),
    ),
    "transfer": TRANSFER_NODE,
    "work_order": Shape(
        "a work_order node",
        (Key("work_order", "the promise to call back", value=Inner(WORK_ORDER)), _NEXT),
    ),
    "lookup": LOOKUP_NODE,
    "record": RECORD_NODE,
    "message": MESSAGE_NODE,
    "ask": ASK_NODE,
    "subflow": SUBFLOW_NODE,
    "return": RETURN_NODE,
    "goto": GOTO_NODE,
    "hangup": Shape(
        "a hangup node",
        (Key("hangup", "the last words", value=Either((Inner(HANGUP), Nothing()))),),
    ),
}
