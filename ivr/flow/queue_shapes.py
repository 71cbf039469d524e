"""What an author can write in queues.yaml, as tables of keys, with every default and bound.

Bounds are wide; beyond them a number is nearly always a slip of the unit.
"""

from ivr.flow.durations import duration_text
from ivr.flow.keys import (
    Duration,
    Either,
    Flag,
    Form,
    Inner,
    Key,
    Name,
    Named,
    NameOf,
    OneOf,
    Several,
    Shape,
    Whole,
)
from ivr.flow.routing import (
    CLASS_FIRST,
    CLASS_LAST,
    CLASS_USUAL,
    AgentFirst,
    LevelFirst,
    QueueChannel,
)

STEPS_MAX = 20
"""More stages of one wait than this are no plan that a person could follow."""

RING_MS_DEFAULT, RING_MS_MIN, RING_MS_MAX = 15_000, 1_000, 120_000
WAIT_MS_DEFAULT, WAIT_MS_MIN, WAIT_MS_MAX = 600_000, 1_000, 4 * 3_600_000
WRAP_UP_MS_DEFAULT, WRAP_UP_MS_MAX = 10_000, 3_600_000
EXPECTED_WAIT_MS_MIN = 1_000
QUEUE_SHARE_DEFAULT, QUEUE_SHARE_MAX = 1, 100
STEP_MS_MIN = 1_000
WAITING_MAX = 2_000
"""As many contacts as one engine holds; a higher limit would never be met."""
MISSES_DEFAULT, MISSES_MAX = 2, 10
MUSIC_DEFAULT = "hold"
MUSICS = (MUSIC_DEFAULT,)
"""The music there is; it is made with the prompts."""
POSITION_DEFAULT = True
EVERY_MS_DEFAULT, EVERY_MS_MIN, EVERY_MS_MAX = 30_000, 10_000, 600_000
"""Announcements closer together than ten seconds would leave no music between them."""
SERVICE_LEVEL_MS_MIN, SERVICE_LEVEL_MS_MAX = 1_000, 3_600_000

PER_AGENT = r"([0-9]{1,4}) per signed-in agent"
SHARE = r"([0-9]{1,3})%"

STEP = Shape(
    "a step",
    (
        Key(
            "require",
            'skills with levels, such as "data >= 3"',
            required=True,
            value=Form(r".*\S.*", "skills with levels"),
        ),
        Key(
            "for",
            "how long the step lasts; the last one has no end",
            value=Duration(STEP_MS_MIN, WAIT_MS_MAX),
        ),
    ),
)
LIMITS = Shape(
    "limits",
    (
        Key(
            "waiting",
            'how many may wait, such as 20 or "2 per signed-in agent"',
            value=Either(
                (Whole(1, WAITING_MAX), Form(PER_AGENT, "a number for each signed-in agent"))
            ),
        ),
        Key(
            "wait",
            "the longest a caller waits; 10m if left out",
            value=Duration(WAIT_MS_MIN, WAIT_MS_MAX),
            default=duration_text(WAIT_MS_DEFAULT),
        ),
        Key(
            "expected_wait",
            "who would probably wait longer than this is not let in",
            value=Duration(EXPECTED_WAIT_MS_MIN, WAIT_MS_MAX),
        ),
    ),
)
ANNOUNCE = Shape(
    "announce",
    (
        Key(
            "position",
            "whether callers are told their place; true if left out",
            value=Flag(),
            default=POSITION_DEFAULT,
        ),
        Key(
            "expected_wait",
            "whether callers are told how long it may yet take; false if left out",
            value=Flag(),
            default=False,
        ),
        Key(
            "every",
            "the time between announcements; 30s if left out",
            value=Duration(EVERY_MS_MIN, EVERY_MS_MAX),
            default=duration_text(EVERY_MS_DEFAULT),
        ),
    ),
)
HOLD = Shape(
    "hold",
    (
        Key(
            "music",
            "the music's name; hold if left out",
            value=Name(NameOf.MUSIC),
            default=MUSIC_DEFAULT,
        ),
        Key("announce", "what is said into the music", value=Inner(ANNOUNCE)),
    ),
)
SERVICE_LEVEL = Shape(
    "service_level",
    (
        Key(
            "answered",
            "the share of callers, such as 80%",
            required=True,
            value=Form(SHARE, "a share of all callers"),
        ),
        Key(
            "within",
            "how soon they are answered, such as 20s",
            required=True,
            value=Duration(SERVICE_LEVEL_MS_MIN, SERVICE_LEVEL_MS_MAX),
        ),
    ),
)
AGENTS_ORDER = Shape(
    "agents",
    (
        Key(
            "level",
            "who of those who suffice is asked first: lowest spares the scarce; any if left out",
            value=OneOf(tuple(each.value for each in LevelFirst)),
            default=LevelFirst.ANY.value,
        ),
        Key(
            "first",
            "who is asked first of agents of the same standing; longest_idle if left out",
            value=OneOf(tuple(each.value for each in AgentFirst)),
            default=AgentFirst.LONGEST_IDLE.value,
        ),
    ),
)
WRAP_UP = Shape(
    "wrap_up",
    (
        Key(
            "time",
            "an agent's time after each contact; 10s if left out",
            value=Duration(0, WRAP_UP_MS_MAX),
            default=duration_text(WRAP_UP_MS_DEFAULT),
        ),
        Key(
            "max",
            "how long she can make it by asking for more; no longer if left out",
            value=Duration(0, WRAP_UP_MS_MAX),
        ),
    ),
)
QUEUE_ENTRY = Shape(
    "a queue",
    (
        Key(
            "steps",
            "a list of {require, for}, what is asked of an agent as time goes on",
            required=True,
            value=Several(Inner(STEP), low=1, high=STEPS_MAX),
        ),
        Key(
            "ring",
            "how long an agent's device rings; 15s if left out",
            value=Duration(RING_MS_MIN, RING_MS_MAX),
            default=duration_text(RING_MS_DEFAULT),
        ),
        Key(
            "misses",
            "after how many missed offers in a row an agent is paused; 2 if left out",
            value=Whole(1, MISSES_MAX),
            default=MISSES_DEFAULT,
        ),
        Key("limits", "the bounds of waiting", value=Inner(LIMITS)),
        Key("hold", "what a caller hears while waiting", value=Inner(HOLD)),
        Key(
            "wrap_up",
            "an agent's time after each contact, or {time, max}; 10s if left out",
            value=Either((Duration(0, WRAP_UP_MS_MAX), Inner(WRAP_UP))),
            default=duration_text(WRAP_UP_MS_DEFAULT),
        ),
        Key(
            "channel",
            "by what its contacts talk; voice if left out",
            value=OneOf(tuple(each.value for each in QueueChannel)),
            default=QueueChannel.VOICE.value,
        ),
        Key("agents", "in which order idle agents are asked", value=Inner(AGENTS_ORDER)),
        Key(
            "class",
            "contacts of a lower class are served first, whoever waits longer; 5 if left out",
            value=Whole(CLASS_FIRST, CLASS_LAST),
            default=CLASS_USUAL,
        ),
        Key(
            "share",
            "the weight among other queues, for routing by fair or ratio; 1 if left out",
            value=Whole(1, QUEUE_SHARE_MAX),
            default=QUEUE_SHARE_DEFAULT,
        ),
        Key(
            "service_level",
            "the share of callers to be answered within a time",
            value=Inner(SERVICE_LEVEL),
        ),
    ),
)
QUEUES = Shape(
    "queues.yaml",
    (Key("queues", "the queues by name", required=True, value=Named(Inner(QUEUE_ENTRY))),),
)
