"""Makes the audio of every prompt, as raw G.711 in both codecs, and makes only what has changed.

A recording of a person (`prompts/recorded/<language>/<key>.wav`) wins over the synthetic voice;
what is still synthetic is marked placeholder in the manifest, which also holds the fingerprint
each audio was made from. Files are written beside their place and renamed into it: Asterisk never
meets half a prompt, and a build that was stopped is simply run again.
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Final, cast

import numpy as np

from ivr.prompts import g711, hold_music
from ivr.prompts.audio import (
    FRAGMENT_EDGES,
    PROMPT_EDGES,
    RATE_HZ,
    Wave,
    WavUnusable,
    finish,
    read_wav,
    resample,
)
from ivr.prompts.catalogue import ROOT
from ivr.prompts.model import LANGUAGES, Catalogue, Sound
from ivr.prompts.synth import PromptSynth, SynthFailed

OUT_DIR: Final = ROOT / "prompts" / "audio"
RECORDED_DIR: Final = ROOT / "prompts" / "recorded"
MANIFEST_NAME: Final = "manifest.json"
BUILDER_VERSION: Final = "1"
WORKERS: Final = 2
HOLD_MUSIC_LICENCE: Final = "Apache-2.0"

_CODECS: Final[tuple[g711.Codec, ...]] = ("alaw", "ulaw")
_BETWEEN_LANGUAGES_MS: Final = 350


@dataclass(frozen=True, slots=True)
class ManifestRow:
    """Where one built audio came from."""

    fingerprint: str
    source: str  # "placeholder" (a synthetic voice), "recorded" (a person) or "computed" (music)
    ms: int
    licence: str

    @property
    def placeholder(self) -> bool:
        """Whether a person should still record this one."""
        return self.source == "placeholder"


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did, by sound name."""

    built: tuple[str, ...]
    kept: tuple[str, ...]
    removed: tuple[str, ...]
    failed: tuple[str, ...]  # one sentence for each
    rows: Mapping[str, ManifestRow]


@dataclass(frozen=True, slots=True)
class Places:
    """Where audio is written and where recordings are looked for."""

    out_dir: Path = OUT_DIR
    recorded_dir: Path = RECORDED_DIR


@dataclass(frozen=True, slots=True)
class _Job:
    name: str
    source: str
    fingerprint: str
    licence: str
    make: Callable[[], Wave]


def build_prompts(
    catalogue: Catalogue, synth: PromptSynth, places: Places | None = None
) -> BuildReport:
    """Brings the audio folder to what the catalogue says; what is up to date is not touched.

    One bad recording or one text that can not be spoken fails that prompt alone: the report has
    a sentence for each, and all others are built.
    """
    places = places or Places()
    before = read_manifest(places.out_dir)
    jobs = [_job(sound, synth, places) for sound in catalogue.sounds.values()] + [_music_job()]
    kept = {job.name for job in jobs if _is_current(job, before, places.out_dir)}
    todo = [job for job in jobs if job.name not in kept]
    rows = {name: row for name, row in before.items() if name in kept}
    failed: list[str] = []
    built: list[str] = []
    with ThreadPoolExecutor(WORKERS) as pool:
        outcomes = pool.map(partial(_make, out_dir=places.out_dir), todo)
        for job, outcome in zip(todo, outcomes, strict=True):
            if isinstance(outcome, str):
                failed.append(outcome)
            else:
                rows[job.name] = outcome
                built.append(job.name)
    removed = sorted(set(before) - {job.name for job in jobs})
    for name in removed:
        _remove(places.out_dir, name)
    if built or removed or failed:
        _write_manifest(places.out_dir, rows)
    return BuildReport(tuple(built), tuple(sorted(kept)), tuple(removed), tuple(failed), rows)


def audio_path(out_dir: Path, name: str, codec: str) -> Path:
    """The file of one sound in one codec. Asterisk finds it by the name without the suffix."""
    return out_dir / f"{name}.{codec}"


def read_manifest(out_dir: Path) -> dict[str, ManifestRow]:
    """What was built there, by sound name; nothing when the manifest is missing or damaged.

    A damaged manifest costs a full build of some seconds, which is cheaper than a question.
    """
    try:
        document: object = json.loads((out_dir / MANIFEST_NAME).read_text(encoding="utf-8"))
        rows = cast("Mapping[str, Mapping[str, object]]", document)
        return {
            name: ManifestRow(
                fingerprint=str(row["fingerprint"]),
                source=str(row["source"]),
                ms=int(str(row["ms"])),
                licence=str(row["licence"]),
            )
            for name, row in rows.items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def durations_of(catalogue: Catalogue, rows: Mapping[str, ManifestRow]) -> dict[Sound, int]:
    """How long each built prompt lasts, for `durations.json`."""
    return {sound: rows[name].ms for name, sound in catalogue.sounds.items() if name in rows}


def write_atomically(path: Path, data: bytes) -> None:
    """The whole file or none of it, also when the disk is full or the process is killed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".writing-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        # Asterisk may run as another user than the one who builds.
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except OSError:
        Path(temporary).unlink(missing_ok=True)
        raise


def _job(sound: Sound, synth: PromptSynth, places: Places) -> _Job:
    recording = places.recorded_dir / f"{sound.name}.wav"
    if recording.is_file():
        content = hashlib.sha256(recording.read_bytes()).hexdigest()
        print_ = _fingerprint("recorded", sound.fragment, content)
        return _Job(
            sound.name, "recorded", print_, sound.licence, lambda: _recorded(sound, recording)
        )
    voices = [synth.fingerprint(language) for language in LANGUAGES]
    print_ = _fingerprint("placeholder", sound.fragment, sound.utterances, voices)
    return _Job(sound.name, "placeholder", print_, sound.licence, lambda: _spoken(sound, synth))


def _music_job() -> _Job:
    print_ = _fingerprint("computed", hold_music.VERSION)
    return _Job(hold_music.NAME, "computed", print_, HOLD_MUSIC_LICENCE, hold_music.hold_music)


def _fingerprint(*parts: object) -> str:
    return hashlib.sha256(repr((BUILDER_VERSION, *parts)).encode()).hexdigest()


def _is_current(job: _Job, before: Mapping[str, ManifestRow], out_dir: Path) -> bool:
    row = before.get(job.name)
    return (
        row is not None
        and row.fingerprint == job.fingerprint
        and row.licence == job.licence
        and all(audio_path(out_dir, job.name, codec).is_file() for codec in _CODECS)
    )


def _make(job: _Job, out_dir: Path) -> ManifestRow | str:
    """The row of what was written, or the sentence that says why nothing was."""
    try:
        samples = job.make()
    except (SynthFailed, WavUnusable) as error:
        return f"{job.name}: {error}."
    linear = np.clip(np.rint(samples * 32768), -32768, 32767).astype(np.int16)
    for codec in _CODECS:
        write_atomically(audio_path(out_dir, job.name, codec), g711.encode(linear, codec))
    ms = round(linear.size * 1000 / RATE_HZ)
    return ManifestRow(job.fingerprint, job.source, ms, job.licence)


def _spoken(sound: Sound, synth: PromptSynth) -> Wave:
    parts: list[Wave] = []
    for language, text in sound.utterances:
        if parts:
            parts.append(np.zeros(_BETWEEN_LANGUAGES_MS * RATE_HZ // 1000))
        # Each voice is brought to the house loudness by itself, or one language would whisper.
        voice = resample(*synth.speak(text, language))
        parts.append(_finish(voice, sound))
    return _finish(np.concatenate(parts), sound)


def _recorded(sound: Sound, recording: Path) -> Wave:
    return _finish(resample(*read_wav(recording)), sound)


def _finish(samples: Wave, sound: Sound) -> Wave:
    return finish(samples, FRAGMENT_EDGES if sound.fragment else PROMPT_EDGES)


def _remove(out_dir: Path, name: str) -> None:
    for codec in _CODECS:
        path = audio_path(out_dir, name, codec)
        # The manifest is a file a person may have edited: nothing outside the folder is touched.
        if path.resolve().is_relative_to(out_dir.resolve()):
            path.unlink(missing_ok=True)


def _write_manifest(out_dir: Path, rows: Mapping[str, ManifestRow]) -> None:
    document = {
        name: {**asdict(row), "placeholder": row.placeholder} for name, row in sorted(rows.items())
    }
    text = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
    write_atomically(out_dir / MANIFEST_NAME, text.encode())
