"""What can become of a command about queues and who waits in them, for either end to know."""

from enum import Enum


class CommandAnswer(Enum):
    """What became of a command."""

    DONE = "done"
    UNCHANGED = "unchanged"
    """It was so already."""
    UNKNOWN_QUEUE = "unknown_queue"
    UNKNOWN_TARGET = "unknown_target"
    """The queue to go to is not known."""
    SAME_QUEUE = "same_queue"
    """Its contacts can not go to itself."""
    NOT_WAITING = "not_waiting"
    """There is no such contact, or it waits for nobody."""
    NOBODY_THERE = "nobody_there"
    """No agent is there who serves the queue to go to."""
    IN_CRISIS = "in_crisis"
    """The queue to go to is switched off: the contact would be sent on at once."""
