"""What is done to a voice before it goes on the telephone, and how a prompt is measured.

Everything here is arrays in, arrays out: samples are floats in -1..1, full scale being 1. The
order is fixed by what each step needs: resample (and cut what 8 kHz can not carry), trim the
silence, set the loudness, fade the edges.
"""

import math
import wave
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

Wave = npt.NDArray[np.float64]

RATE_HZ: Final = 8000
PACKET: Final = RATE_HZ // 50
WAV_SECONDS_MAX: Final = 120
"""A longer recording is not a prompt but a mistake, and would be read into memory whole."""

# The channel of G.712 is flat to 3400 Hz; above 4000 Hz everything would fold back.
_CUTOFF_HZ: Final = 3700
# Half the length of the low-pass in output samples: 60 dB down 0.3 kHz past the cutoff.
_FILTER_HALF_LENGTH: Final = 40
_KAISER_BETA: Final = 5.65

_FRAME: Final = RATE_HZ // 100
SILENCE_DBFS: Final = -45.0
LOUDNESS_DBFS: Final = -20.0
PEAK_DBFS: Final = -1.0
_FADE_MS: Final = 4


class WavUnusable(Exception):
    """A recording can not be used; the text says why in one sentence."""


@dataclass(frozen=True, slots=True)
class Edges:
    """How much silence a sound keeps before and after what is heard."""

    lead_ms: int
    tail_ms: int


# A prompt stands alone: a breath after it, hardly any delay before. A fragment must join the
# next one within the rhythm of a sentence.
PROMPT_EDGES: Final = Edges(lead_ms=20, tail_ms=150)
FRAGMENT_EDGES: Final = Edges(lead_ms=5, tail_ms=35)


@dataclass(frozen=True, slots=True)
class Measures:
    """What can be told of a sound without an ear; levels in dB below full scale."""

    ms: int
    loudness_dbfs: float
    peak_dbfs: float
    clipped_run: int
    lead_ms: int
    tail_ms: int


def resample(samples: Wave, rate_hz: int) -> Wave:
    """The samples at 8 kHz, low-passed so that nothing folds back.

    Polyphase: output sample n lies at n*down/up of the input; its neighbours are weighted by a
    windowed sinc taken at exactly that fraction. Only `up` different fractions occur, and the
    outputs of one fraction lie evenly, so each fraction is one product of a view and its taps.
    """
    if rate_hz == RATE_HZ or samples.size == 0:
        return samples
    divisor = math.gcd(rate_hz, RATE_HZ)
    up, down = RATE_HZ // divisor, rate_hz // divisor
    half = math.ceil(_FILTER_HALF_LENGTH * max(rate_hz, RATE_HZ) / RATE_HZ)
    taps = _phases(up, half, min(_CUTOFF_HZ, 0.46 * rate_hz) / rate_hz)
    padded = np.concatenate([np.zeros(half), samples, np.zeros(half + 1)])
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * half + 1)
    output = np.zeros(samples.size * up // down)
    for first in range(min(up, output.size)):
        begin, fraction = divmod(first * down, up)
        count = output[first::up].size
        output[first::up] = windows[begin::down][:count] @ taps[fraction]
    return output


def _phases(up: int, half: int, cutoff: float) -> Wave:
    """One low-pass per fraction; `cutoff` in parts of the input rate. Each passes 0 Hz as is."""
    fraction = np.arange(up, dtype=np.float64)[:, None] / up
    distance = np.arange(-half, half + 1, dtype=np.float64)[None, :] - fraction
    inside = np.clip(1 - (distance / (half + 1)) ** 2, 0, None)
    taps = np.sinc(2 * cutoff * distance) * np.i0(_KAISER_BETA * np.sqrt(inside))
    return np.asarray(taps / taps.sum(axis=1, keepdims=True), dtype=np.float64)


def finish(samples: Wave, edges: Edges) -> Wave:
    """The same sound at the house loudness, with short silences round it and soft edges.

    It fills whole packets: the last of a file would otherwise be a short one, and some phones
    click at those.
    """
    centred = samples - samples.mean() if samples.size else samples
    loud = _normalise(centred)
    first, last = _heard(loud)
    heard = loud[first:last].copy()
    fade = min(_FADE_MS * RATE_HZ // 1000, heard.size // 2)
    if fade:
        slope = np.linspace(0.0, 1.0, fade)
        heard[:fade] *= slope
        heard[-fade:] *= slope[::-1]
    lead, tail = (np.zeros(ms * RATE_HZ // 1000) for ms in (edges.lead_ms, edges.tail_ms))
    filler = np.zeros(-(lead.size + heard.size + tail.size) % PACKET)
    return np.concatenate([lead, heard, tail, filler])


def _normalise(samples: Wave) -> Wave:
    """Loudness over the frames that are heard, so that a pause makes nothing louder."""
    level = loudness_dbfs(samples)
    if math.isinf(level):
        return samples
    gain = 10 ** ((LOUDNESS_DBFS - level) / 20)
    limit = 10 ** (PEAK_DBFS / 20) / float(np.abs(samples).max())
    return samples * min(gain, limit)


def loudness_dbfs(samples: Wave) -> float:
    """The level of the active frames (those within 30 dB of the loudest); -inf for silence."""
    power = _frame_power(samples)
    if power.size == 0 or power.max() <= 0:
        return -math.inf
    active = power[power > power.max() / 1000]
    return 10 * math.log10(float(active.mean()))


def measure(samples: Wave, clip_level: float) -> Measures:
    """What `prompts check` asks of a sound; `clip_level` is the most its codec can express."""
    first, last = _heard(samples)
    peak = float(np.abs(samples).max()) if samples.size else 0.0
    return Measures(
        ms=round(samples.size * 1000 / RATE_HZ),
        loudness_dbfs=loudness_dbfs(samples),
        peak_dbfs=20 * math.log10(peak) if peak > 0 else -math.inf,
        clipped_run=_longest_run(np.abs(samples) >= clip_level),
        lead_ms=first * 1000 // RATE_HZ,
        tail_ms=(samples.size - last) * 1000 // RATE_HZ,
    )


def likeness(sound: Wave, template: Wave) -> float:
    """The highest normalised cross-correlation over all shifts: 1 only for the same sound."""
    size = 1 << (sound.size + template.size).bit_length()
    spectrum = np.fft.rfft(sound, size) * np.conj(np.fft.rfft(template, size))
    energy = math.sqrt(float(sound @ sound) * float(template @ template))
    return float(np.abs(np.fft.irfft(spectrum, size)).max()) / energy if energy else 0.0


def read_wav(path: Path) -> tuple[Wave, int]:
    """The samples and the rate of a mono PCM recording of 16, 24 or 32 bits."""
    try:
        with wave.open(str(path), "rb") as file:
            channels, width, rate_hz = file.getnchannels(), file.getsampwidth(), file.getframerate()
            if channels != 1 or width not in (2, 3, 4):
                raise WavUnusable(
                    f"{path} has {channels} channel(s) of {8 * width} bits; "
                    "save it as mono PCM of 16, 24 or 32 bits"
                )
            raw = file.readframes(WAV_SECONDS_MAX * rate_hz)
    except (wave.Error, EOFError, OSError) as error:
        raise WavUnusable(
            f"{path} can not be read as a WAV file ({error}); save it as mono PCM"
        ) from error
    octets = np.frombuffer(raw[: len(raw) // width * width], dtype=np.uint8).reshape(-1, width)
    words = np.zeros((octets.shape[0], 4), dtype=np.uint8)
    words[:, 4 - width :] = octets
    return words.view("<i4")[:, 0].astype(np.float64) / 2**31, rate_hz


def _frame_power(samples: Wave) -> Wave:
    whole = samples[: samples.size // _FRAME * _FRAME].reshape(-1, _FRAME)
    return np.asarray((whole**2).mean(axis=1), dtype=np.float64)


def _heard(samples: Wave) -> tuple[int, int]:
    """Where the sound begins and ends; a silent one is heard nowhere."""
    loud = np.flatnonzero(np.abs(samples) > 10 ** (SILENCE_DBFS / 20))
    return (int(loud[0]), int(loud[-1]) + 1) if loud.size else (samples.size, samples.size)


def _longest_run(flags: npt.NDArray[np.bool_]) -> int:
    bounds = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(np.int8), [0]])))
    return int((bounds[1::2] - bounds[::2]).max()) if bounds.size else 0
