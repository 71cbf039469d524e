"""The shipped prompts, spoken by espeak-ng: fit for the line, and told apart from each other.

The demo proves which prompt a caller heard by cross-correlation; that proof is worth as much as
the prompts are unlike.
"""

import math
import shutil
import subprocess
from collections.abc import Mapping
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from ivr.prompts import g711
from ivr.prompts.audio import RATE_HZ, Wave, likeness
from ivr.prompts.build import Places, audio_path, build_prompts
from ivr.prompts.catalogue import load_catalogue
from ivr.prompts.check import check_prompts
from ivr.prompts.model import Catalogue
from ivr.prompts.synth import VOICES, EspeakSynth, SynthFailed

pytestmark = [
    pytest.mark.unit,
    pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed"),
]

LIKENESS_MAX = 0.6
RIVALS = 3
"""With how many others, the likest, a prompt in a call is compared at the full rate."""

SIZE = 1 << 17
"""Of a transform: twice the 16 s at half the rate that the longest sound is compared over."""


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


@pytest.fixture(scope="module")
def out_dir(catalogue: Catalogue, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("prompts")
    report = build_prompts(catalogue, EspeakSynth(), Places(folder / "audio", folder / "none"))
    assert report.failed == ()
    return folder / "audio"


@pytest.fixture(scope="module")
def heard(catalogue: Catalogue, out_dir: Path) -> Mapping[str, Wave]:
    names = [name for name, sound in catalogue.sounds.items() if not sound.fragment]
    return {
        name: g711.decode(audio_path(out_dir, name, "alaw").read_bytes(), "alaw") / 32768
        for name in [*names, "moh/hold"]
    }


def test_shipped_prompts_pass_the_check_with_the_committed_durations(
    catalogue: Catalogue, out_dir: Path
) -> None:
    assert [str(problem) for problem in check_prompts(catalogue, out_dir)] == []


@pytest.fixture(scope="module")
def alike(heard: Mapping[str, Wave]) -> Mapping[tuple[str, str], float]:
    """How alike each two are: at half the rate, where voices have nearly all they have."""
    halved = {name: _halved(samples) for name, samples in heard.items()}
    spectra = {name: np.fft.rfft(samples, SIZE) for name, samples in halved.items()}
    energy = {name: float(samples @ samples) for name, samples in halved.items()}
    found: dict[tuple[str, str], float] = {}
    for one, other in combinations(halved, 2):
        product = np.abs(np.fft.irfft(spectra[one] * np.conj(spectra[other]), SIZE))
        likest = float(product.max()) / math.sqrt(energy[one] * energy[other])
        found[one, other] = found[other, one] = likest
    return found


def _halved(samples: Wave) -> Wave:
    even = samples[: samples.size // 2 * 2].reshape(-1, 2).mean(axis=1)
    return even[: SIZE // 2]


def test_no_prompt_can_be_taken_for_another(alike: Mapping[tuple[str, str], float]) -> None:
    too_alike = {pair: round(value, 3) for pair, value in alike.items() if value >= LIKENESS_MAX}
    assert too_alike == {}


def test_each_prompt_is_found_in_a_call_that_plays_it(
    heard: Mapping[str, Wave], alike: Mapping[tuple[str, str], float]
) -> None:
    for name, samples in heard.items():
        call = np.concatenate([np.zeros(RATE_HZ), 0.5 * samples, np.zeros(RATE_HZ // 2)])
        others = sorted((each for each in heard if each != name), key=lambda o: -alike[name, o])
        found = {other: likeness(call, heard[other]) for other in (name, *others[:RIVALS])}
        assert max(found, key=found.__getitem__) == name
        assert found[name] > 0.999


def test_energy_lies_inside_the_telephone_channel(heard: Mapping[str, Wave]) -> None:
    for name, samples in heard.items():
        power = np.abs(np.fft.rfft(samples)) ** 2
        frequency_hz = np.fft.rfftfreq(samples.size, 1 / RATE_HZ)
        above = power[frequency_hz > 3_800].sum() / power.sum()
        assert above < 0.002, name


def test_every_chinese_text_is_read_as_mandarin(catalogue: Catalogue) -> None:
    """espeak-ng marks a switch to English with `(en)`; its voice `cmn` does so at most characters.

    It then speaks the pinyin as English and the tones as numbers, which no measure of level or
    length would notice.
    """
    texts = [words for sound in catalogue.sounds.values() for words in sound.utterances]
    chinese = "\n".join(text for language, text in texts if language == "zh-CN")
    command = ["espeak-ng", "-b", "1", "-q", "--ipa", "-v", VOICES["zh-CN"].name, "--stdin"]
    said = subprocess.run(command, input=chinese.encode(), capture_output=True, check=True)
    phonemes = said.stdout.decode()
    assert "(en)" not in phonemes
    # 欢迎 in the welcome: the vowels of huan and ying are there.
    assert "χua" in phonemes
    assert "jˈiɜŋ" in phonemes


def test_voice_that_is_not_installed_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    unknown = type(VOICES["en-US"])("xx-none", speed_wpm=150, pitch=45)
    monkeypatch.setitem(VOICES, "en-US", unknown)
    with pytest.raises(SynthFailed, match=r"voice xx-none .* does not exist.*; try"):
        EspeakSynth().speak("Hello", "en-US")
