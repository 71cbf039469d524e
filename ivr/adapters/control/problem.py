"""What can be wrong with the control socket or a request on it, each as one sentence."""

from enum import Enum

from ivr.peer_error import PeerError


class ControlCode(Enum):
    """Which kind of trouble, for programs and tests; stable."""

    NOT_RUNNING = "not_running"
    """No engine answers there."""
    NOT_ALLOWED = "not_allowed"
    """Another user's engine, or another user's request."""
    IN_USE = "in_use"
    """Another engine has this data folder."""
    UNSAFE = "unsafe"
    """The folder, or what lies at the socket's place, is not ours to use."""
    FAILED = "failed"
    """The file system or the connection failed."""
    NO_ANSWER = "no_answer"
    """Whether the request was carried out is not known."""
    BUSY = "busy"
    """At a limit; the request was not taken."""
    TOO_LONG = "too_long"
    """A line beyond the limit."""
    TOO_SLOW = "too_slow"
    """No whole line for too long."""
    NOT_UNDERSTOOD = "not_understood"
    """No JSON, or not of the form that this version knows."""
    OTHER_VERSION = "other_version"
    """The two ends are of different releases."""
    UNKNOWN_DEVICE = "unknown_device"
    """The site has no such device."""
    UNKNOWN_REASON = "unknown_reason"
    """The site has no such pause reason, or a pause came without one."""
    UNKNOWN_TARGET = "unknown_target"
    """The site has nothing of that name to transfer to."""


class ControlProblem(PeerError):
    """The control socket cannot be opened, reached or used so; the text says what to do."""

    def __init__(self, sentence: str, *, code: ControlCode, operation: str) -> None:
        retry_safe = code in (ControlCode.NOT_RUNNING, ControlCode.BUSY)
        super().__init__(
            sentence, peer="control socket", operation=operation, retry_safe=retry_safe
        )
        self.code = code
