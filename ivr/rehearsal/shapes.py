"""What an author can write in a caller test, as tables of keys."""

from ivr.flow.keys import Key, Shape

TESTS = Shape(
    "a file of caller tests",
    (
        Key("before", "steps that come first in every test of this file"),
        Key("tests", "a name and a call for each", True),
    ),
)

TEST = Shape(
    "a caller test",
    (
        Key("steps", "what the caller hears and does, one after another", True),
        Key("before", "`none` where the steps that come first in this file do not"),
        Key("experts", "who is signed in, and what she does when her phone rings"),
        Key("outside", "what becomes of calls outside: answers, busy, no answer or failed"),
        Key("ahead", "how many others called before, by queue"),
        Key("lookups", "what other systems answer, by service: values, failed or not_found"),
        Key("at", 'when the call is made, by the hotline\'s clock, such as "2026-10-01 09:00"'),
        Key("dial", "the number that is dialled, when the hotline has several"),
        Key("caller", "`withheld` for a caller whose number is not known; `known` if left out"),
        Key("closed", "why the hotline was closed by hand before the call"),
        Key("crisis", "queues that are switched off, each with the one to go to, or none"),
        Key("overload", "true where too many wait in all queues together for one more to wait"),
        Key("served_by", "who served the caller last, and how long ago"),
        Key("recording", "`failed` where nothing can be recorded; `kept` if left out"),
        Key("outcome", "how the contact ends"),
        Key("work_order", "the work order that the caller is left with"),
        Key("record", "what else the contact's record says"),
        Key("messages", "the texts that the caller is sent, one after another"),
        Key("answers", "how the caller answers each question"),
        Key("recorded", "the topic of the message that the caller leaves, or topics"),
    ),
)

STEP = Shape(
    "a step of a call",
    (
        Key("hear", "the prompt, or prompts, that must be said next"),
        Key("hear words", "words that must be in what is said next"),
        Key("press", "the keys that are pressed now, in quotes"),
        Key("say nothing for", "how long the caller presses nothing, such as 5s"),
        Key("wait", "how long the caller waits, such as 30s"),
        Key("say words for", "how long the caller speaks into a recording, such as 5s"),
        Key("expect", "what must come to be so"),
        Key("expert", "what an expert does now"),
        Key("closed", "why somebody closes the hotline by hand now"),
        Key("outside", "what the other side does now, of a call that was put through: hangs up"),
    ),
)
"""Besides these the two words ``hang up``."""

HEAR = Shape(
    "hear",
    (
        Key("prompt", "the prompt, or prompts, that must be said next", True),
        Key("language", "the language they must be said in"),
    ),
)

EXPECT = Shape(
    "expect",
    (
        Key("queue", "the queue the caller waits in"),
        Key("skill", "what the queue asks of an expert at this moment"),
        Key("priority", "the waiting time that the flow gave on top"),
        Key("position", "the place in the queue that was said last"),
        Key("expected_wait", "the wait that was said last, in whole minutes, such as 3m"),
        Key("ringing", "the expert whose phone rings"),
        Key("agent", "the expert the caller talks to"),
        Key("language", "the language that is spoken now"),
        Key("message", "the text that the caller was sent last"),
        Key("transfer", "to whom the caller is being put through"),
        Key("context", "what the expert's phone shows of the caller"),
        Key("node", "the node the caller stands at"),
    ),
)

WORK_ORDER = Shape(
    "work_order",
    (
        Key("topic", "what it is about"),
        Key("skill", "what who calls back must have"),
        Key("within", "how soon, such as 4h"),
    ),
)

RECORD = Shape(
    "record",
    (
        Key("reason", "why the contact ended"),
        Key("language", "the language spoken last"),
        Key("queue", "the queue the caller waited in last"),
        Key("agent", "the expert the caller talked to"),
        Key("wait", "how long the caller waited, such as 12s"),
        Key("transfer", "the outside number that the caller talked to"),
        Key("offers", "how many times an expert's phone rang"),
    ),
)

HANG_UP = "hang up"
NO_STEPS = "none"
"""The only word for ``before`` of a test."""
