"""Says what is wrong with the built audio: every problem at once, each with its remedy.

Three things are compared: the words (catalogue), how long they last as the project agreed
(`durations.json`, which the simulator believes), and the audio on this machine.
"""

from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Final

import numpy as np

from ivr.prompts import g711, hold_music
from ivr.prompts.audio import RATE_HZ, Measures, measure
from ivr.prompts.build import audio_path
from ivr.prompts.model import CODECS, Catalogue, PromptProblem, Sound

DURATION_TOLERANCE: Final = 0.05
# One RTP packet: of a syllable of 200 ms, 5 % would be less than can be sent.
DURATION_SLACK_MS: Final = 20
LOUDNESS_DBFS_MIN: Final = -35.0
CLIPPED_RUN_MAX: Final = 3
LEAD_MS_MAX: Final = 200
TAIL_MS_MAX: Final = 400

_BUILT_ANEW: Final = ("audio-missing", "duration-differs")
_BUILD: Final = "run `expertline prompts build`"
_WRITE: Final = "run `expertline prompts build --write-durations` and commit it"


def check_prompts(catalogue: Catalogue, out_dir: Path) -> tuple[PromptProblem, ...]:
    """All that is wrong with the audio of this catalogue; nothing when it can go on air."""
    if not out_dir.is_dir():
        # One sentence instead of the same one for each of some hundred files.
        message = "there is no built audio at all"
        return (PromptProblem("audio-unbuilt", str(out_dir), message, _BUILD),)
    problems: list[PromptProblem] = []
    for name, sound in catalogue.sounds.items():
        words = _check_words(catalogue, sound)
        audio = _check_codecs(catalogue, name, out_dir)
        # Whoever is told to build anew because of the words need not be told so once more.
        problems += words
        problems += [each for each in audio if not words or each.code not in _BUILT_ANEW]
    known = set(catalogue.sounds)
    for name in sorted(set(catalogue.durations) - known):
        message = "durations.json has it, the catalogue has not"
        problems.append(PromptProblem("duration-stale", name, message, _WRITE))
    problems += _check_codecs(catalogue, hold_music.NAME, out_dir)
    return tuple(problems)


def _check_words(catalogue: Catalogue, sound: Sound) -> list[PromptProblem]:
    duration = catalogue.durations.get(sound.name)
    if duration is None:
        message = "durations.json does not say how long it lasts"
        return [PromptProblem("duration-missing", sound.name, message, _WRITE)]
    if duration.text_sha256 != sound.text_sha256:
        message = "its text has changed since durations.json was written"
        return [PromptProblem("text-changed", sound.name, message, _WRITE)]
    return []


def _check_codecs(catalogue: Catalogue, name: str, out_dir: Path) -> list[PromptProblem]:
    """What is wrong with a sound, once where it is the same for every codec."""
    of_each = [_check_audio(catalogue, name, out_dir, codec) for codec in CODECS]
    told = [{(each.code, each.message) for each in found} for found in of_each]
    if told.count(told[0]) < len(told):
        return list(chain.from_iterable(of_each))
    where = f"{name} ({' and '.join(CODECS)})"
    return [replace(each, place=where) for each in of_each[0]]


def _check_audio(catalogue: Catalogue, name: str, out_dir: Path, codec: str) -> list[PromptProblem]:
    path = audio_path(out_dir, name, codec)
    law: g711.Codec = "alaw" if codec == "alaw" else "ulaw"
    try:
        linear = g711.decode(path.read_bytes(), law)
    except OSError as error:
        message = f"its audio can not be read ({error.strerror})"
        return [PromptProblem("audio-missing", str(path), message, _BUILD)]
    # The sound as it stands: what lies at the codec's very end was most likely cut off there.
    found = measure(linear.astype(np.float64) / 32768, g711.peak(law) / 32768)
    agreed = catalogue.durations.get(name)
    wrong = _sound_faults(found) if linear.size else [("audio-silent", "is empty", _BUILD)]
    if agreed is not None and _differs(found.ms, agreed.ms):
        message = f"lasts {found.ms} ms, durations.json says {agreed.ms} ms"
        wrong.append(("duration-differs", message, f"{_BUILD}, or if it is meant so {_WRITE}"))
    return [PromptProblem(code, str(path), message, remedy) for code, message, remedy in wrong]


def _differs(found_ms: int, agreed_ms: int) -> bool:
    return abs(found_ms - agreed_ms) > max(DURATION_TOLERANCE * agreed_ms, DURATION_SLACK_MS)


def _sound_faults(found: Measures) -> list[tuple[str, str, str]]:
    again = f"{_BUILD}, or record it anew"
    if found.loudness_dbfs < LOUDNESS_DBFS_MIN:
        return [("audio-silent", f"is silent ({found.loudness_dbfs:.0f} dBFS)", again)]
    faults: list[tuple[str, str, str]] = []
    if found.clipped_run > CLIPPED_RUN_MAX:
        message = f"is clipped ({found.clipped_run * 1000 / RATE_HZ:.1f} ms at full scale)"
        faults.append(("audio-clipped", message, again))
    if found.lead_ms > LEAD_MS_MAX:
        message = f"begins with {found.lead_ms} ms of silence, {LEAD_MS_MAX} are allowed"
        faults.append(("audio-late", message, again))
    if found.tail_ms > TAIL_MS_MAX:
        message = f"ends with {found.tail_ms} ms of silence, {TAIL_MS_MAX} are allowed"
        faults.append(("audio-long-tail", message, again))
    return faults
