"""A transcript as text: one line for each thing that happened, with the time into the call."""

from collections.abc import Iterable
from typing import cast

from ivr.flow.durations import duration_text
from ivr.flow.model import PromptKey
from ivr.flow.values import Value
from ivr.prompts.model import Catalogue, Language, PromptUnknown
from ivr.rehearsal.transcript import (
    KEY_GAP_MS,
    Beeps,
    Dialled,
    GivenUp,
    Heard,
    HungUp,
    LeavesQueue,
    Line,
    LookedUp,
    MessageLeft,
    OrderMade,
    PhoneRings,
    PhoneStops,
    PositionSaid,
    Pressed,
    RingsOutside,
    Speaks,
    Talks,
    TalksOutside,
    TextSent,
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
    """The whole transcript; keys that were pressed together stand in one line."""
    began_at = transcript.began_at
    return [
        f"{clock(line.at - began_at):>7}  {line_text(line, catalogue)}"
        for line in _together(transcript.lines)
    ]


def _together(lines: Iterable[Line]) -> list[Line]:
    told: list[Line] = []
    last_at: Millis | None = None
    for line in lines:
        before = told[-1] if told else None
        if not isinstance(line, Pressed):
            told.append(line)
            last_at = None
            continue
        if isinstance(before, Pressed) and last_at is not None and line.at - last_at <= KEY_GAP_MS:
            told[-1] = Pressed(before.at, before.key + line.key)
        else:
            told.append(line)
        last_at = line.at
    return told


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
        case LookedUp(service=service, why_unusable=why) if why:
            return f"(the service {service} answers, but {why})"
        case LookedUp(service=service, outcome=outcome, said=said):
            told = ", ".join(f"{name} {_value_text(value)}" for name, value in said)
            return f"(the service {service} answers {outcome}{': ' if told else ''}{told})"
        case PositionSaid(position=position, minutes=minutes):
            wait = "" if minutes is None else f", and a wait of {minutes} min"
            return f"is told her place in the queue: {position}{wait}"
        case Beeps() | Speaks() | MessageLeft():
            return _recording_text(line)
        case OrderMade(topic=topic, skill=skill, within_ms=within_ms):
            who = f" by somebody with {skill}" if skill else ""
            return f"is promised a call back about {topic}{who} within {duration_text(within_ms)}"
        case TextSent(template=template, language=language, text=text):
            return f'is sent the text {template} ({language}) "{printable(text)}"'
        case _:
            return _queue_text(line)


def _recording_text(line: Beeps | Speaks | MessageLeft) -> str:
    match line:
        case Beeps(failed=failed):
            return "hears no beep: nothing can be recorded" if failed else "hears the beep"
        case Speaks(for_ms=for_ms):
            return f"speaks for {duration_text(for_ms)}"
        case MessageLeft(topic=topic, speech_ms=speech_ms):
            return f"has left a message about {topic}: {duration_text(speech_ms)}"


_QueueLine = (
    Waits
    | GivenUp
    | LeavesQueue
    | RingsOutside
    | TalksOutside
    | PhoneRings
    | PhoneStops
    | Talks
    | HungUp
)


def _queue_text(line: _QueueLine) -> str:
    match line:
        case LeavesQueue(queue=queue):
            return f"gives up her place in the queue {queue}"
        case RingsOutside(to=to):
            return f"(it rings at {to})"
        case TalksOutside(to=to):
            return f"talks to {to}"
        case Waits(queue=queue, priority_ms=priority_ms):
            ahead = f", {duration_text(priority_ms)} ahead" if priority_ms else ""
            return f"waits in the queue {queue}{ahead}"
        case GivenUp(queue=queue, cause=cause):
            return f"leaves the queue {queue}: {cause}"
        case PhoneRings(agent=agent, shown=shown):
            display = f', showing "{shown}"' if shown else ""
            return f"(the phone of expert {agent} rings{display})"
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


def printable(text: str) -> str:
    """A text on one line, however many it has."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())


def _short(text: str) -> str:
    shown = text if len(text) <= WORDS_CHARS_MAX else f"{text[: WORDS_CHARS_MAX - 3]}..."
    return f'"{shown}"'


def _value_text(value: Value) -> str:
    match value:
        case bool():
            return str(value).lower()
        case str():
            return f'"{value}"'
        case _:
            return str(value)
