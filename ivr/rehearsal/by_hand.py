"""A call that somebody plays by hand: one letter for each thing a caller, or an expert, can do.

Time goes on by itself only till somebody has to act: while the caller is spoken to it does, while
a key is waited for, a phone rings or two people talk it stands still, and ``s`` skips it.
"""

from ivr.call.phases import Phase
from ivr.rehearsal.experts import Act
from ivr.rehearsal.stage import Stage
from ivr.rehearsal.transcript import Line
from router.model import Millis

KEYS = "0123456789*#"
SKIP, HANG_UP, ANSWER, REJECT, EXPERT_HANGS_UP = "s", "h", "a", "r", "x"
SPEAK = "v"

FAR_MS = 24 * 3_600_000
"""Beyond the end of every call."""

TALK_MS = 10_000
"""How long two people have talked when one of them hangs up by hand: time stands still meanwhile,
and nobody hangs up in the moment a talk begins."""

SPEAK_MS = 5_000
"""How long the caller speaks into a recording, with one key."""

_SPOKEN_TO = (
    None,
    Phase.ANSWERING,
    Phase.SPEAKING,
    Phase.LOOKING_UP,
    Phase.JOINING,
    Phase.LEAVING,
)

_SITUATIONS = {
    Phase.ANSWERING: "the hotline answers",
    Phase.SPEAKING: "the hotline speaks",
    Phase.LISTENING: "a key is waited for",
    Phase.LOOKING_UP: "another system is asked",
    Phase.RECORDING: "a message is recorded",
    Phase.WAITING: "waiting in the queue",
    Phase.CALLING_OUTSIDE: "put through to a number outside",
    Phase.ALERTING: "an expert's phone rings",
    Phase.JOINING: "an expert answers",
    Phase.CONNECTED: "talking to an expert",
    Phase.LEAVING: "the call ends",
}


class CallByHand:
    """One call; ``news`` gives what has happened since it was asked last."""

    def __init__(self, stage: Stage, number: str, *, talk_ms: Millis = TALK_MS) -> None:
        self.stage = stage
        self._talk_ms = talk_ms
        self._told = 0
        stage.dial(number)

    def news(self) -> list[Line]:
        """What happened since the last time."""
        lines = self.stage.transcript.lines[self._told :]
        self._told = len(self.stage.transcript.lines)
        return lines

    def situation(self) -> str:
        """What the caller is doing, in a few words."""
        phase = self.stage.phase
        return "the call is over" if phase is None else _SITUATIONS[phase]

    def run_on(self) -> None:
        """Let time pass till somebody has to act."""
        stage = self.stage
        until = stage.now + FAR_MS
        while not stage.is_over and (stage.phase in _SPOKEN_TO or self._is_due(stage.now)):
            if not stage.step(until):
                return

    def skip(self) -> None:
        """Let time pass till something happens that the caller notices."""
        stage = self.stage
        until = stage.now + FAR_MS
        before = (stage.phase, len(stage.transcript.lines))
        while not stage.is_over and (stage.phase, len(stage.transcript.lines)) == before:
            if not stage.step(until):
                return

    def do(self, letter: str) -> str | None:
        """Do this now; why it can not be done, if so."""
        stage = self.stage
        if stage.is_over:
            return "the call is over"
        if letter in (HANG_UP, EXPERT_HANGS_UP) and stage.phase is Phase.CONNECTED:
            stage.run_until(stage.now + self._talk_ms)
        if letter in KEYS:
            stage.press(letter)
        elif letter == HANG_UP:
            stage.hang_up()
        elif letter in (SKIP, SPEAK):
            return self._speak() if letter == SPEAK else self.skip()
        elif letter in (ANSWER, REJECT):
            if stage.ringing is None:
                return "no expert's phone rings"
            stage.act(stage.ringing, Act.ANSWERS if letter == ANSWER else Act.REJECTS)
        elif letter == EXPERT_HANGS_UP:
            if stage.outside_hangs_up():
                return None
            talks = stage.talking is not None and stage.act(stage.talking, Act.HANGS_UP)
            return None if talks else "no expert talks to the caller"
        else:
            return f"there is no key {letter!r}; ? lists what there is"
        return None

    def _speak(self) -> str | None:
        if self.stage.phase is not Phase.RECORDING:
            return "nothing is recorded now"
        self.stage.speak(SPEAK_MS)
        if self._talk_ms:
            self.stage.run_until(self.stage.now + SPEAK_MS)
        return None

    def _is_due(self, at: Millis) -> bool:
        due = self.stage.next_due()
        return due is not None and due <= at
