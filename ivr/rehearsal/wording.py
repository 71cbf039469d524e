"""A transcript as text: one line for each thing that happened, with the time into the call."""

from typing import cast

from ivr.flow.durations import duration_text
from ivr.flow.model import PromptKey
from ivr.prompts.model import Catalogue, Language, PromptUnknown
from ivr.rehearsal.transcript import (
    Dialled,
    GivenUp,
    Heard,
    HungUp,
    Line,
    OrderMade,
    PhoneRings,
    PhoneStops,
    PositionSaid,
    Pressed,
    Talks,
    Transcript,
    Waits,
)
from router.model import Millis

PROMPTS_SHOWN_MAX = 4
"""Of what is said at once: more are the pieces of one sentence."""

WORDS_CHARS_MAX = 72
"""Of a prompt's words, in a transcript; a call in the terminal shows them all."""


def clock(ms: Millis) -> str:
    """A time into the call: minutes, seconds and tenths."""
    minutes, rest = divmod(ms, 60_000)
    return f"{minutes}:{rest // 1_000:02}.{rest % 1_000 // 100}"


def told(transcript: Transcript, catalogue: Catalogue) -> list[str]:
    """The whole transcript."""
    began_at = transcript.began_at
    return [
        f"{clock(line.at - began_at):>7}  {line_text(line, catalogue)}" for line in transcript.lines
    ]


def line_text(line: Line, catalogue: Catalogue) -> str:
    """One thing that happened, without its time."""
    match line:
        case Dialled(number=number):
            return f"dials {number}"
        case Heard(prompts=prompts, language=language, cut_at=cut_at):
            cut = ", cut off" if cut_at is not None else ""
            said = _short(words(prompts, language, catalogue))
            return f"hears {prompts_text(prompts)} ({language}{cut}) {said}"
        case Pressed(key=key):
            return f"presses {key}"
        case PositionSaid(position=position):
            return f"is told her place in the queue: {position}"
        case OrderMade(topic=topic, skill=skill, within_ms=within_ms):
            who = f" by somebody with {skill}" if skill else ""
            return f"is promised a call back about {topic}{who} within {duration_text(within_ms)}"
        case _:
            return _queue_text(line)


def _queue_text(line: Waits | GivenUp | PhoneRings | PhoneStops | Talks | HungUp) -> str:
    match line:
        case Waits(queue=queue, priority_ms=priority_ms):
            ahead = f", {duration_text(priority_ms)} ahead" if priority_ms else ""
            return f"waits in the queue {queue}{ahead}"
        case GivenUp(queue=queue, cause=cause):
            return f"leaves the queue {queue}: {cause}"
        case PhoneRings(agent=agent):
            return f"(the phone of expert {agent} rings)"
        case PhoneStops(agent=agent):
            return f"(the phone of expert {agent} rings no more)"
        case Talks(agent=agent):
            return f"talks to expert {agent}"
        case HungUp(by=by):
            return f"{by.value} hangs up"


def prompts_text(prompts: tuple[PromptKey, ...]) -> str:
    """The keys of these prompts; of many, as of a number that is said, the first ones."""
    shown = prompts if len(prompts) <= PROMPTS_SHOWN_MAX else (*prompts[:PROMPTS_SHOWN_MAX], "...")
    return " + ".join(shown)


def words(prompts: tuple[PromptKey, ...], language: str, catalogue: Catalogue) -> str:
    """What these prompts say."""
    try:
        return catalogue.text(prompts, cast("Language", language))
    except PromptUnknown:
        return " ".join(prompts)


def _short(text: str) -> str:
    shown = text if len(text) <= WORDS_CHARS_MAX else f"{text[: WORDS_CHARS_MAX - 3]}..."
    return f'"{shown}"'
