"""Judges of what a phone heard: which prompt, which tone, from when. Numbers only, no phones.

Recordings are 8 kHz mono 16-bit samples. A prompt is recognised by normalised cross-correlation:
the prompt is slid along the recording, and at each place the likeness is the cosine of the
angle between the two, which is 1.0 for a copy at any loudness and near 0 for anything else.
"""

import wave
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from ivr.prompts import g711

Samples = npt.NDArray[np.int16]
_Floats = npt.NDArray[np.float64]

SAMPLES_PER_SECOND: Final = 8000
SAMPLES_MAX: Final = 600 * SAMPLES_PER_SECOND
"""Ten minutes: longer recordings and prompts are refused, not chewed on."""
LOUD_DBFS: Final = -45.0
SILENCE_DBFS: Final = -96.0
WINDOW_MS: Final = 50
"""Tones are judged in windows of this length: 20 Hz of resolution, short against a word."""
TONE_MARGIN_DB: Final = 15.0
"""How far the right tone must stand above the wrong one."""
TONE_SHARE_MIN: Final = 0.5
"""How much of a window's power must be in the tone: speech has its power in many places."""
OTHER_TONE_MS_MAX: Final = 50
"""One window of speech may look like the other tone; two may not."""

_TONES_ALONE_SHARE: Final = 0.8
_FULL_SCALE: Final = 32768.0
_QUIET_SHARE: Final = 1e-3


@dataclass(frozen=True, slots=True)
class Match:
    """The best place of a prompt in a recording: likeness from 0 to 1, and where it begins."""

    score: float
    at_ms: float


@dataclass(frozen=True, slots=True)
class RankedMatch:
    """One prompt's best match among several prompts."""

    key: str
    match: Match


def normalised_correlation(recording: Samples, prompt: Samples) -> Match:
    """Where in the recording the prompt is heard best, and how alike the two are there.

    The energy under the prompt is taken anew at each place, so loudness and what else is on
    the recording do not matter. Places with under a thousandth of the loudest place's energy
    count as silence: rounding there would look like likeness. A recording shorter than the
    prompt is filled up with silence: half a prompt scores about 0.7.
    """
    return _Heard(recording, longest=prompt.size).match(prompt)


class _Heard:
    """A recording prepared for looking for many prompts in it: transformed once for all.

    ``longest`` is the length of the longest of them, in samples.
    """

    def __init__(self, recording: Samples, *, longest: int) -> None:
        heard = _floats(recording)
        self._is_there = bool(heard.size)
        heard = np.pad(heard, (0, max(longest - heard.size, 0)))
        self._length = heard.size
        self._size = 1 << (heard.size + longest - 1).bit_length()
        self._spectrum = np.fft.rfft(heard, self._size)
        self._sums: _Floats = np.concatenate(([0.0], np.cumsum(heard**2)))

    def match(self, prompt: Samples) -> Match:
        wanted = _floats(prompt)
        wanted_energy = float(np.sum(wanted**2))
        if not self._is_there or not wanted_energy:
            return Match(score=0.0, at_ms=0.0)
        places = self._length - wanted.size + 1
        spectrum = self._spectrum * np.conj(np.fft.rfft(wanted, self._size))
        product = np.fft.irfft(spectrum, self._size)[:places]
        energy = self._sums[wanted.size :] - self._sums[:places]
        if float(energy.max()) <= 0:
            return Match(score=0.0, at_ms=0.0)
        energy = np.maximum(energy, float(energy.max()) * _QUIET_SHARE)
        likeness = product / np.sqrt(energy * wanted_energy)
        best = int(np.argmax(likeness))
        score = min(max(float(likeness[best]), 0.0), 1.0)
        return Match(score=score, at_ms=best * 1000 / SAMPLES_PER_SECOND)


def best_prompt(recording: Samples, prompts: Mapping[str, Samples]) -> list[RankedMatch]:
    """All prompts by how well they match the recording, best first, ties by key."""
    heard = _Heard(recording, longest=max((each.size for each in prompts.values()), default=0))
    ranked = [RankedMatch(key=key, match=heard.match(each)) for key, each in prompts.items()]
    return sorted(ranked, key=lambda one: (-one.match.score, one.key))


def tone_level(recording: Samples, hz: float) -> float:
    """The level of a tone over the whole recording, in dBFS of its root mean square."""
    heard = _floats(recording)
    if not heard.size:
        return SILENCE_DBFS
    return _dbfs(float(_tone_power(heard[np.newaxis, :], hz)[0]))


def tone_levels(recording: Samples, hz: float) -> list[float]:
    """The level of a tone in each window of 50 ms, in dBFS; a rest at the end is left out."""
    return [_dbfs(float(power)) for power in _tone_power(_windows(recording), hz)]


def heard_tone(recording: Samples, hz: float, *, other_hz: float, min_ms: int) -> bool:
    """The right tone was heard for at least `min_ms` in all, and the other one was absent.

    In a window the right tone counts when it is loud, holds most of the window's power and
    stands well above the other. The other counts as present when it holds most of the power, or
    when the two together explain the window and it has a share: so a leg that hears itself
    fails even if it hears the other side too. Speech before or after is neither; a harmonic of
    a voice may pass for a tone for a moment, hence `OTHER_TONE_MS_MAX`.
    """
    windows = _windows(recording)
    total = np.mean(windows**2, axis=1)
    right, wrong = _tone_power(windows, hz), _tone_power(windows, other_hz)
    margin = 10 ** (TONE_MARGIN_DB / 10)
    loud = _FULL_SCALE**2 * 10 ** (LOUD_DBFS / 10)
    right_alone = (right > loud) & (right > TONE_SHARE_MIN * total) & (right > margin * wrong)
    mixed = (right + wrong > _TONES_ALONE_SHARE * total) & (wrong * margin > total)
    wrong_there = (wrong > loud) & ((wrong > TONE_SHARE_MIN * total) | mixed)
    heard_ms = int(np.count_nonzero(right_alone)) * WINDOW_MS
    other_ms = int(np.count_nonzero(wrong_there)) * WINDOW_MS
    return heard_ms >= min_ms and other_ms <= OTHER_TONE_MS_MAX


def first_above(timeline: Iterable[tuple[int, float]], dbfs: float = LOUD_DBFS) -> int | None:
    """When the first packet louder than this arrived (monotonic ns), or None."""
    return next((at_ns for at_ns, level in timeline if level > dbfs), None)


def level_dbfs(recording: Samples) -> float:
    """The root mean square of a recording against full scale."""
    heard = _floats(recording)
    return _dbfs(float(np.mean(heard**2))) if heard.size else SILENCE_DBFS


def read_wav(path: Path) -> Samples:
    """The samples of a WAV file of 8 kHz, mono, 16 bit; ValueError for any other."""
    with wave.open(str(path), "rb") as source:
        form = (source.getframerate(), source.getnchannels(), source.getsampwidth())
        if form != (SAMPLES_PER_SECOND, 1, 2):
            raise ValueError(f"{path} has {form}; make it 8000 Hz, 1 channel, 2 bytes a sample")
        if source.getnframes() > SAMPLES_MAX:
            raise ValueError(f"{path} is longer than ten minutes; cut it")
        return np.frombuffer(source.readframes(source.getnframes()), dtype="<i2").astype(np.int16)


def write_wav(path: Path, samples: Samples) -> None:
    """Write samples as WAV, 8 kHz, mono, 16 bit."""
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(SAMPLES_PER_SECOND)
        out.writeframes(samples.astype("<i2").tobytes())


def read_alaw(path: Path) -> Samples:
    """The samples of a raw A-law file, as Asterisk plays it."""
    return g711.decode(path.read_bytes(), "alaw")


def _floats(samples: Samples) -> _Floats:
    if samples.size > SAMPLES_MAX:
        raise ValueError("the recording is longer than ten minutes; cut it first")
    return samples.astype(np.float64)


def _windows(recording: Samples) -> _Floats:
    length = SAMPLES_PER_SECOND * WINDOW_MS // 1000
    heard = _floats(recording)
    return heard[: heard.size // length * length].reshape(-1, length)


def _tone_power(windows: _Floats, hz: float) -> _Floats:
    """Mean power of the tone in each row: one Fourier coefficient, as Goertzel's filter gives."""
    length = windows.shape[1]
    at = np.arange(length, dtype=np.float64)
    turns: _Floats = at * (2 * np.pi * hz / SAMPLES_PER_SECOND)
    taper = np.hanning(length + 2)[1:-1]
    coefficient = (windows * taper) @ np.exp(-1j * turns)
    amplitude = 2 * np.abs(coefficient) / float(np.sum(taper))
    return amplitude**2 / 2


def _dbfs(power: float) -> float:
    if power <= 0:
        return SILENCE_DBFS
    return max(10 * float(np.log10(power / _FULL_SCALE**2)), SILENCE_DBFS)
