"""What a call's recordings prove. Pure: audio in, verdicts out.

A prompt counts as heard when its normalised cross-correlation with what arrived is at least
``SCORE_MIN`` and above that of every other prompt. A side heard the other when the other's tone
arrived for long enough and its own did not come back.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ivr.prompts.model import Catalogue
from simulator.live import hearing
from simulator.live.hearing import Samples

SCORE_MIN = 0.8
TONE_MS_MIN = 1_000
SAMPLES_PER_MS = 8

CALLER_TONE_HZ = 1_300
AGENT_TONE_HZ = 1_700
ASKING_TONE_HZ = 2_100
"""Of an agent who asks an expert: neither is mistaken for the other."""


@dataclass(frozen=True, slots=True)
class PromptProof:
    """How well the expected prompt was heard, and which other came nearest."""

    expected: str
    score: float
    runner_up: str
    runner_up_score: float

    @property
    def proven(self) -> bool:
        """Whether the caller heard this prompt and no other could be meant."""
        return self.score >= SCORE_MIN and self.score > self.runner_up_score


def load_prompts(catalogue: Catalogue, folder: Path) -> dict[str, Samples]:
    """Every whole prompt's audio by sound name; fragments of numbers are left out."""
    return {
        name: hearing.read_alaw(folder / f"{name}.alaw")
        for name, sound in sorted(catalogue.sounds.items())
        if not sound.fragment
    }


def prove_prompt(
    part: Samples, prompts: Mapping[str, Samples], expected: str, *, first_ms: int | None = None
) -> PromptProof:
    """Whether ``expected`` is what was heard in this part of a recording.

    ``first_ms`` is given when the caller left before the end: then only so much of the beginning
    of each prompt is looked for.
    """
    end = None if first_ms is None else first_ms * SAMPLES_PER_MS
    cut = {name: samples[:end] for name, samples in prompts.items()}
    ranked = {one.key: one.match.score for one in hearing.best_prompt(part, cut)}
    score = ranked.pop(expected)
    other = max(ranked, key=lambda name: ranked[name])
    return PromptProof(expected, round(score, 3), other, round(ranked[other], 3))


def part_between(recording: Samples, begin_ms: float, end_ms: float) -> Samples:
    """The part of a recording between two times, counted from its beginning."""
    first = max(0, int(begin_ms * SAMPLES_PER_MS))
    return recording[first : max(first, int(end_ms * SAMPLES_PER_MS))]


def caller_heard_agent(recording: Samples) -> bool:
    """Whether the agent's tone reached the caller."""
    return _heard(recording, AGENT_TONE_HZ, CALLER_TONE_HZ)


def agent_heard_caller(recording: Samples) -> bool:
    """Whether the caller's tone reached the agent."""
    return _heard(recording, CALLER_TONE_HZ, AGENT_TONE_HZ)


def agents_heard_each_other(asking: Samples, expert: Samples) -> bool:
    """Whether the tones of an agent who asked and of the expert reached one another."""
    at_asking = hearing.heard_tone(
        asking, AGENT_TONE_HZ, other_hz=ASKING_TONE_HZ, min_ms=TONE_MS_MIN
    )
    return at_asking and hearing.heard_tone(
        expert, ASKING_TONE_HZ, other_hz=AGENT_TONE_HZ, min_ms=TONE_MS_MIN
    )


def _heard(recording: Samples, hz: int, own_hz: int) -> bool:
    return hearing.heard_tone(recording, hz, other_hz=own_hz, min_ms=TONE_MS_MIN)
