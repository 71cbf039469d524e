"""Signals whose answer is known, through the chain that prepares prompts."""

import wave
from pathlib import Path

import numpy as np
import pytest

from ivr.prompts.audio import (
    FRAGMENT_EDGES,
    LOUDNESS_DBFS,
    PACKET,
    PEAK_DBFS,
    PROMPT_EDGES,
    RATE_HZ,
    Wave,
    WavUnusable,
    finish,
    likeness,
    loudness_dbfs,
    measure,
    read_wav,
    resample,
)
from ivr.prompts.hold_music import SECONDS, hold_music

pytestmark = pytest.mark.unit


def tone(frequency_hz: float, rate_hz: int = RATE_HZ, seconds: float = 1.0) -> Wave:
    return 0.5 * np.sin(2 * np.pi * frequency_hz * np.arange(round(rate_hz * seconds)) / rate_hz)


@pytest.mark.parametrize("rate_hz", [6_000, 8_000, 11_025, 16_000, 22_050, 44_100, 48_000])
def test_tone_in_the_telephone_band_passes_unchanged(rate_hz: int) -> None:
    found = resample(tone(1_000, rate_hz), rate_hz)
    assert found.size == RATE_HZ
    middle = slice(200, -200)
    assert np.abs(found[middle] - tone(1_000)[middle]).max() < 0.001


@pytest.mark.parametrize("frequency_hz", [4_000, 4_500, 5_000, 7_000, 10_000])
def test_tone_above_the_telephone_band_does_not_fold_back(frequency_hz: int) -> None:
    found = resample(tone(frequency_hz, 22_050), 22_050)
    assert np.abs(found[200:-200]).max() < 0.5 / 1_000


def test_finished_sound_has_house_loudness_short_edges_and_whole_packets() -> None:
    quiet = np.concatenate([np.zeros(4_000), 0.01 * tone(500), np.zeros(9_000)])
    found = finish(quiet + 0.05, PROMPT_EDGES)
    measures = measure(found, 0.98)
    assert measures.loudness_dbfs == pytest.approx(LOUDNESS_DBFS, abs=0.5)
    assert PROMPT_EDGES.lead_ms <= measures.lead_ms <= PROMPT_EDGES.lead_ms + 5
    assert PROMPT_EDGES.tail_ms <= measures.tail_ms <= PROMPT_EDGES.tail_ms + 25
    assert found.size % PACKET == 0
    assert abs(found[0]) < 1e-6


def test_fragment_joins_the_next_within_the_rhythm_of_a_sentence() -> None:
    measures = measure(finish(tone(500), FRAGMENT_EDGES), 0.98)
    assert measures.lead_ms + measures.tail_ms <= 70


def test_sound_with_high_peaks_is_never_clipped_to_reach_the_loudness() -> None:
    clicks = 0.001 * tone(400)
    clicks[::1_000] = 1.0
    assert np.abs(finish(clicks, PROMPT_EDGES)).max() <= 10 ** (PEAK_DBFS / 20) + 1e-9


def test_silence_stays_silence() -> None:
    found = finish(np.zeros(RATE_HZ), PROMPT_EDGES)
    assert not found.any()
    assert measure(found, 0.98).loudness_dbfs == -np.inf


def test_pause_inside_a_sound_does_not_count_as_quietness() -> None:
    with_pause = np.concatenate([tone(500), np.zeros(3 * RATE_HZ), tone(500)])
    assert loudness_dbfs(with_pause) == pytest.approx(loudness_dbfs(tone(500)), abs=0.1)


def test_clipped_run_is_counted() -> None:
    assert measure(np.clip(3 * tone(100), -0.98, 0.98), 0.98).clipped_run > 20
    assert measure(tone(100), 0.98).clipped_run == 0


def test_likeness_is_one_for_the_same_sound_shifted_and_small_for_another() -> None:
    noise = np.random.default_rng(1).normal(size=4_000)
    other = np.random.default_rng(2).normal(size=4_000)
    shifted = np.concatenate([np.zeros(777), 0.3 * noise])
    assert likeness(shifted, noise) == pytest.approx(1.0)
    assert likeness(other, noise) < 0.2
    assert likeness(np.zeros(10), noise) == 0.0


def test_hold_music_is_calm_and_repeats_without_a_seam() -> None:
    music = hold_music()
    measures = measure(music, 0.98)
    assert music.size == SECONDS * RATE_HZ
    assert measures.loudness_dbfs == pytest.approx(LOUDNESS_DBFS, abs=0.5)
    assert measures.peak_dbfs <= PEAK_DBFS
    steps = np.abs(np.diff(np.concatenate([music, music[:1]])))
    assert steps[-1] <= steps.max()
    quarter = music.reshape(SECONDS * 2, -1)
    assert (20 * np.log10(np.sqrt((quarter**2).mean(axis=1)))).min() > -35


@pytest.mark.parametrize("width", [2, 3, 4])
def test_recording_of_any_usual_width_is_read(tmp_path: Path, width: int) -> None:
    wanted = tone(440, 16_000, 0.1)
    path = tmp_path / "voice.wav"
    integers = np.rint(wanted * (2 ** (8 * width - 1) - 1)).astype("<i4")
    raw = integers.view(np.uint8).reshape(-1, 4)[:, :width].tobytes()
    _write_wav(path, raw, channels=1, width=width)
    found, rate_hz = read_wav(path)
    assert rate_hz == 16_000
    assert np.abs(found - wanted).max() < 2 / 2**15


@pytest.mark.parametrize(("channels", "width"), [(2, 2), (1, 1)])
def test_recording_in_another_form_is_refused_with_the_form_wanted(
    tmp_path: Path, channels: int, width: int
) -> None:
    path = tmp_path / "voice.wav"
    _write_wav(path, bytes(64), channels=channels, width=width)
    with pytest.raises(WavUnusable, match="mono PCM of 16, 24 or 32 bits"):
        read_wav(path)


@pytest.mark.parametrize("content", [b"", b"RIFF", b"no wav at all, but a text"])
def test_file_that_is_no_wav_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "voice.wav"
    path.write_bytes(content)
    with pytest.raises(WavUnusable, match="can not be read as a WAV file"):
        read_wav(path)


def _write_wav(path: Path, raw: bytes, *, channels: int, width: int) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(16_000)
        file.writeframes(raw)
