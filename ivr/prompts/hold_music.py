"""A gentle melody for callers on hold, computed: no licence to ask for, there on every machine.

Pentatonic, because any two of its notes are pleasant together, so that notes may ring into each
other. It repeats without a seam: what rings past the end begins the next round.
"""

from typing import Final

import numpy as np

from ivr.prompts.audio import LOUDNESS_DBFS, PEAK_DBFS, RATE_HZ, Wave, loudness_dbfs

NAME: Final = "moh/hold"
VERSION: Final = "1"
SECONDS: Final = 24

_BASE_HZ: Final = 261.63  # middle C: the partials used stay below 3 kHz, inside the channel
_SCALE_SEMITONES: Final = (0, 2, 4, 7, 9, 12, 14, 16)
# Steps of the scale, one a beat; None is a rest. 32 beats of 0.75 s are the 24 seconds.
_MELODY: Final[tuple[int | None, ...]] = (
    *(0, 2, 3, 4, 3, None, 2, None),
    *(1, 2, 4, 5, 4, None, 3, None),
    *(5, 4, 3, 4, 2, None, 1, None),
    *(0, 1, 3, 2, 1, None, 0, None),
)
_BASS: Final = (0, 3, 4, 3)  # an octave lower, each for eight beats
_BEAT_S: Final = SECONDS / len(_MELODY)
_ATTACK_S: Final = 0.06
_RING_S: Final = 3.0


def hold_music() -> Wave:
    """24 seconds of melody at the house loudness, made to be repeated."""
    tune = np.zeros(SECONDS * RATE_HZ)
    for beat, step in enumerate(_MELODY):
        if step is not None:
            _ring(tune, beat * _BEAT_S, _pitch_hz(step), 1.0)
    for bar, step in enumerate(_BASS):
        for half in (0, 4):
            _ring(tune, (8 * bar + half) * _BEAT_S, _pitch_hz(step) / 2, 0.7)
    gain = 10 ** ((LOUDNESS_DBFS - loudness_dbfs(tune)) / 20)
    limit = 10 ** (PEAK_DBFS / 20) / float(np.abs(tune).max())
    return tune * min(gain, limit)


def _pitch_hz(step: int) -> float:
    return float(_BASE_HZ * 2 ** (_SCALE_SEMITONES[step] / 12))


def _ring(tune: Wave, start_s: float, pitch_hz: float, weight: float) -> None:
    """Adds one note: a few falling partials, softly struck, ringing out."""
    time_s = np.arange(round(_RING_S * RATE_HZ)) / RATE_HZ
    partials = sum(
        np.sin(2 * np.pi * pitch_hz * order * time_s) * np.exp(-time_s * order) / order**2
        for order in (1, 2, 3)
    )
    attack = np.minimum(time_s / _ATTACK_S, 1.0) ** 2
    release = np.minimum((_RING_S - time_s) / 0.2, 1.0)
    at = (round(start_s * RATE_HZ) + np.arange(time_s.size)) % tune.size
    tune[at] += weight * partials * attack * release
