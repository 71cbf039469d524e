"""What the judges of recordings accept and refuse, on audio made here."""

from pathlib import Path

import numpy as np
import pytest

from ivr.prompts import g711
from simulator.live import hearing
from simulator.live.hearing import Samples

pytestmark = pytest.mark.unit

RATE = hearing.SAMPLES_PER_SECOND


def voice(seed: int, seconds: float = 2.0) -> Samples:
    """Something as irregular as speech: filtered noise with a slow envelope."""
    chance = np.random.default_rng(seed)
    size = int(seconds * RATE)
    noise = np.convolve(chance.normal(size=size), np.ones(4) / 4, mode="same")
    envelope = np.abs(np.sin(np.arange(size) / RATE * chance.uniform(8, 14)))
    return (noise * envelope * 6000).astype(np.int16)


def tone(hz: float, seconds: float, amplitude: float = 9000) -> Samples:
    return (amplitude * np.sin(2 * np.pi * hz * np.arange(int(seconds * RATE)) / RATE)).astype(
        np.int16
    )


def silence(seconds: float) -> Samples:
    return np.zeros(int(seconds * RATE), dtype=np.int16)


@pytest.mark.parametrize("gain", [0.05, 0.5, 1.0, 2.0])
def test_a_copy_scores_one_at_any_gain_and_its_place_is_found(gain: float) -> None:
    prompt = voice(1)
    copy = (prompt * gain).astype(np.int16)
    recording = np.concatenate([silence(0.73), copy, silence(0.4)])
    match = hearing.normalised_correlation(recording, prompt)
    assert match.score > 0.99
    assert match.at_ms == pytest.approx(730, abs=0.2)


@pytest.mark.parametrize("codec", ["alaw", "ulaw"])
def test_a_prompt_that_went_through_g711_still_scores_near_one(codec: g711.Codec) -> None:
    prompt = voice(2)
    heard = g711.decode(g711.encode(prompt, codec), codec)
    assert hearing.normalised_correlation(heard, prompt).score > 0.99


def test_a_prompt_in_noise_as_loud_as_itself_scores_less() -> None:
    prompt = voice(3)
    both = (prompt / 2 + voice(4) / 2).astype(np.int16)
    assert 0.5 < hearing.normalised_correlation(both, prompt).score < 0.8


def test_the_wrong_prompt_scores_far_below_the_threshold() -> None:
    assert hearing.normalised_correlation(voice(5), voice(6, 1.5)).score < 0.3


def test_a_prompt_after_a_much_louder_tone_is_still_found() -> None:
    prompt = (voice(7) * 0.3).astype(np.int16)
    recording = np.concatenate([tone(440, 1.0, 30000), prompt])
    assert hearing.normalised_correlation(recording, prompt).score > 0.99


def test_a_prompt_cut_off_in_the_middle_misses_the_threshold() -> None:
    prompt = voice(8)
    assert hearing.normalised_correlation(prompt[: prompt.size // 2], prompt).score < 0.8


@pytest.mark.parametrize("nothing", [silence(0), silence(1)])
def test_silence_matches_nothing(nothing: Samples) -> None:
    assert hearing.normalised_correlation(nothing, voice(9)).score == 0
    assert hearing.normalised_correlation(voice(9), nothing).score == 0


def test_the_prompt_that_was_played_ranks_first_and_alone() -> None:
    prompts = {f"p{seed}": voice(seed, 1.0 + seed / 10) for seed in range(10, 16)}
    recording = np.concatenate([silence(0.2), prompts["p13"], silence(0.3)])
    first, second, *_ = hearing.best_prompt(recording, prompts)
    assert first.key == "p13"
    assert first.match.score > 0.99
    assert second.match.score < 0.4


def test_a_tone_is_measured_at_its_own_frequency_only() -> None:
    heard = tone(440, 1.0)
    assert hearing.tone_level(heard, 440) == pytest.approx(hearing.level_dbfs(heard), abs=0.2)
    assert hearing.tone_level(heard, 600) < -70


def test_tone_levels_show_when_the_tone_came() -> None:
    levels = hearing.tone_levels(np.concatenate([silence(0.5), tone(440, 0.5)]), 440)
    assert len(levels) == 20
    assert max(levels[:10]) < -60
    assert min(levels[10:]) > -20


def test_the_other_sides_tone_alone_passes() -> None:
    heard = np.concatenate([silence(0.5), tone(440, 1.0), silence(0.2)])
    assert hearing.heard_tone(heard, 440, other_hz=600, min_ms=900)
    assert not hearing.heard_tone(heard, 440, other_hz=600, min_ms=1500)
    assert not hearing.heard_tone(heard, 600, other_hz=440, min_ms=100)


def test_hearing_oneself_too_fails() -> None:
    both = tone(440, 1.0) // 2 + tone(600, 1.0) // 2
    assert not hearing.heard_tone(both, 440, other_hz=600, min_ms=100)
    for_a_while = np.concatenate([tone(440, 1.0), tone(600, 0.2)])
    assert not hearing.heard_tone(for_a_while, 440, other_hz=600, min_ms=100)


def test_a_prompt_before_the_tone_is_neither_tone() -> None:
    heard = np.concatenate([voice(20), tone(440, 1.0)])
    assert hearing.heard_tone(heard, 440, other_hz=600, min_ms=900)
    assert not hearing.heard_tone(voice(20), 440, other_hz=600, min_ms=100)


def test_the_first_loud_packet_of_a_timeline() -> None:
    timeline = [(10, -72.0), (30, -45.0), (50, -44.9), (70, -10.0)]
    assert hearing.first_above(timeline) == 50
    assert hearing.first_above(timeline, dbfs=-5.0) is None


def test_files_come_back_as_they_were_written(tmp_path: Path) -> None:
    hearing.write_wav(tmp_path / "a.wav", voice(30))
    assert np.array_equal(hearing.read_wav(tmp_path / "a.wav"), voice(30))
    (tmp_path / "a.alaw").write_bytes(g711.encode(voice(30), "alaw"))
    heard = hearing.read_alaw(tmp_path / "a.alaw")
    assert hearing.normalised_correlation(heard, voice(30)).score > 0.99


def test_a_recording_beyond_the_limit_is_refused() -> None:
    with pytest.raises(ValueError, match="ten minutes"):
        hearing.level_dbfs(np.zeros(hearing.SAMPLES_MAX + 1, dtype=np.int16))
