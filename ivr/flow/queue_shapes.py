"""What an author can write in queues.yaml, as tables of keys, with every default and bound.

Bounds are wide; beyond them a number is nearly always a slip of the unit.
"""

from ivr.flow.shape import Key, Shape

STEPS_MAX = 20
"""More stages of one wait than this are no plan that a person could follow."""

RING_MS_DEFAULT, RING_MS_MIN, RING_MS_MAX = 15_000, 1_000, 120_000
WAIT_MS_DEFAULT, WAIT_MS_MIN, WAIT_MS_MAX = 600_000, 1_000, 4 * 3_600_000
WRAP_UP_MS_DEFAULT, WRAP_UP_MS_MAX = 10_000, 3_600_000
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

QUEUES = Shape("queues.yaml", (Key("queues", "the queues by name", required=True),))
QUEUE_ENTRY = Shape(
    "a queue",
    (
        Key("steps", "a list of {require, for}, what is asked of an agent as time goes on", True),
        Key("ring", "how long an agent's device rings; 15s if left out"),
        Key("misses", "after how many missed offers in a row an agent is paused; 2 if left out"),
        Key("limits", "the bounds of waiting"),
        Key("hold", "what a caller hears while waiting"),
        Key("wrap_up", "an agent's time after each contact; 10s if left out"),
        Key("service_level", "the share of callers to be answered within a time"),
    ),
)
STEP = Shape(
    "a step",
    (
        Key("require", 'skills with levels, such as "data >= 3"', required=True),
        Key("for", "how long the step lasts; the last one has no end"),
    ),
)
LIMITS = Shape(
    "limits",
    (
        Key("waiting", 'how many may wait, such as 20 or "2 per signed-in agent"'),
        Key("wait", "the longest a caller waits; 10m if left out"),
    ),
)
HOLD = Shape(
    "hold",
    (
        Key("music", "the music's name; hold if left out"),
        Key("announce", "what is said into the music"),
    ),
)
ANNOUNCE = Shape(
    "announce",
    (
        Key("position", "whether callers are told their place; true if left out"),
        Key("every", "the time between announcements; 30s if left out"),
    ),
)
SERVICE_LEVEL = Shape(
    "service_level",
    (
        Key("answered", "the share of callers, such as 80%", required=True),
        Key("within", "how soon they are answered, such as 20s", required=True),
    ),
)
