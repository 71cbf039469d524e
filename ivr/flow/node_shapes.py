"""The nodes an author can write, as tables of keys: what there is, and a sentence on each.

These tables are the language of flows. The reader takes unknown and missing keys from them, and
whatever documents the language later (editor schema, reference page) can take the sentences.
"""

from collections.abc import Mapping

from ivr.flow.model import QueueExit
from ivr.flow.shape import Key, Shape

NOINPUT_AFTER_MS_DEFAULT = 5_000
NOINPUT_AFTER_MS_MIN, NOINPUT_AFTER_MS_MAX = 500, 120_000
TIMES_DEFAULT, TIMES_MAX = 2, 10
PRIORITY_MS_MAX = 24 * 3_600_000
WITHIN_MS_MIN, WITHIN_MS_MAX = 60_000, 30 * 24 * 3_600_000
CHOICE_KEYS = "0123456789*#"
REASON_DEFAULT = "completed"

_PROMPT = Key("prompt", "the key of a prompt, or a list of them", required=True)
_PROMPT_IF_ANY = Key("prompt", "the key of a prompt, or a list of them")
_NEXT = Key("next", "the node that follows", required=True)
_BARGE_IN = Key("barge_in", "false when no key may cut the prompt")
_TIMES = Key("times", "how often the menu asks again")

NODE_KINDS: Mapping[str, Shape] = {
    "play": Shape("a play node", (Key("play", "what is said"), _NEXT)),
    "menu": Shape("a menu node", (Key("menu", "what is asked"),)),
    "set": Shape("a set node", (Key("set", "what changes"), _NEXT)),
    "queue": Shape("a queue node", (Key("queue", "where to wait"), Key("on", "the ways out"))),
    "work_order": Shape(
        "a work_order node", (Key("work_order", "the promise to call back"), _NEXT)
    ),
    "hangup": Shape("a hangup node", (Key("hangup", "the last words"),)),
}
PLAY = Shape("play", (_PROMPT, _BARGE_IN))
MENU = Shape(
    "menu",
    (
        _PROMPT,
        Key("choices", "which key leads to which node", required=True),
        Key("noinput", "what happens when no key is pressed"),
        Key("nomatch", "what happens on a key without a choice"),
        _BARGE_IN,
    ),
)
NOINPUT = Shape(
    "noinput",
    (
        Key("after", "how long to wait for a key"),
        _TIMES,
        Key("then", "the node that follows"),
        _PROMPT_IF_ANY,
    ),
)
NOMATCH = Shape("nomatch", (_TIMES, Key("then", "the node that follows"), _PROMPT_IF_ANY))
SET = Shape("set", (Key("language", "one of the hotline's languages", required=True),))
QUEUE = Shape(
    "queue",
    (
        Key("name", "a queue of this hotline or a shared one", required=True),
        Key("priority", "the head start over others, as a duration"),
    ),
)
WORK_ORDER = Shape(
    "work_order",
    (
        Key("topic", "what it is about; orders of one customer and topic join", required=True),
        Key("skill", "what the expert who calls back must have; anybody may if left out"),
        Key("within", "by when the customer is called, such as 4h", required=True),
    ),
)
ON = Shape("on", tuple(Key(each.value, "the node that follows") for each in QueueExit))
HANGUP = Shape("hangup", (_PROMPT_IF_ANY, Key("reason", "a word for the contact record")))
