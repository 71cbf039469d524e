"""Building: what is made, what is kept, what wins, and what happens when something fails."""

import json
import wave
from pathlib import Path

import numpy as np
import pytest
from tone_synth import ToneSynth

from ivr.prompts import g711
from ivr.prompts.build import (
    BuildReport,
    Places,
    audio_path,
    build_prompts,
    durations_of,
    read_manifest,
)
from ivr.prompts.catalogue import format_durations, load_catalogue
from ivr.prompts.check import check_prompts
from ivr.prompts.script import as_csv, as_markdown, script_lines

pytestmark = pytest.mark.unit

ALL = {"zh-CN/welcome", "en-US/welcome", "mul/choose", "moh/hold"}


def places_of(catalogue_path: Path) -> Places:
    folder = catalogue_path.parent
    return Places(folder / "audio", folder / "recorded")


def build(catalogue_path: Path, synth: ToneSynth | None = None) -> BuildReport:
    places = places_of(catalogue_path)
    return build_prompts(load_catalogue(catalogue_path), synth or ToneSynth(), places)


def agree_durations(catalogue_path: Path, report: BuildReport) -> None:
    catalogue = load_catalogue(catalogue_path)
    text = format_durations(durations_of(catalogue, report.rows))
    catalogue_path.with_name("durations.json").write_text(text)


def faults(catalogue_path: Path) -> set[tuple[str, str]]:
    out_dir = places_of(catalogue_path).out_dir
    problems = check_prompts(load_catalogue(catalogue_path), out_dir)
    assert all(problem.remedy for problem in problems)
    return {(each.code, each.place.removeprefix(f"{out_dir}/")) for each in problems}


def write_recording(catalogue_path: Path, name: str, seconds: float) -> None:
    path = places_of(catalogue_path).recorded_dir / f"{name}.wav"
    path.parent.mkdir(parents=True, exist_ok=True)
    time_s = np.arange(round(48_000 * seconds)) / 48_000
    samples = np.rint(9_000 * np.sin(2 * np.pi * 700 * time_s)).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(48_000)
        file.writeframes(samples.tobytes())


def test_first_build_makes_every_sound_in_both_codecs(small_catalogue: Path) -> None:
    report = build(small_catalogue)
    out_dir = places_of(small_catalogue).out_dir
    assert set(report.built) == ALL
    assert report.failed == ()
    for name in ALL:
        sizes = {audio_path(out_dir, name, codec).stat().st_size for codec in ("alaw", "ulaw")}
        assert sizes == {report.rows[name].ms * 8}
    leftovers = [path.name for path in out_dir.rglob("*") if path.name.startswith(".")]
    assert leftovers == []


def test_second_build_speaks_nothing_and_touches_nothing(small_catalogue: Path) -> None:
    build(small_catalogue)
    out_dir = places_of(small_catalogue).out_dir
    before = {path: path.stat().st_mtime_ns for path in out_dir.rglob("*")}
    synth = ToneSynth()
    report = build(small_catalogue, synth)
    assert (report.built, set(report.kept), synth.spoken) == ((), ALL, [])
    assert {path: path.stat().st_mtime_ns for path in out_dir.rglob("*")} == before


def test_changed_text_is_spoken_anew_alone(small_catalogue: Path) -> None:
    build(small_catalogue)
    small_catalogue.write_text(small_catalogue.read_text().replace("Hello", "Good day"))
    synth = ToneSynth()
    assert build(small_catalogue, synth).built == ("en-US/welcome",)
    assert synth.spoken == [("en-US", "Good day")]


def test_another_voice_makes_all_speech_anew(small_catalogue: Path) -> None:
    build(small_catalogue)
    assert set(build(small_catalogue, ToneSynth(voice="other")).built) == ALL - {"moh/hold"}


@pytest.mark.parametrize("codec", ["alaw", "ulaw"])
def test_deleted_file_is_made_anew(small_catalogue: Path, codec: str) -> None:
    build(small_catalogue)
    audio_path(places_of(small_catalogue).out_dir, "zh-CN/welcome", codec).unlink()
    assert build(small_catalogue).built == ("zh-CN/welcome",)


def test_damaged_manifest_costs_a_full_build(small_catalogue: Path) -> None:
    build(small_catalogue)
    (places_of(small_catalogue).out_dir / "manifest.json").write_text("{")
    assert set(build(small_catalogue).built) == ALL


def test_prompt_taken_out_of_the_catalogue_is_removed(small_catalogue: Path) -> None:
    build(small_catalogue)
    lines = small_catalogue.read_text().splitlines(keepends=True)
    small_catalogue.write_text("".join(line for line in lines if "choose" not in line))
    report = build(small_catalogue)
    out_dir = places_of(small_catalogue).out_dir
    assert report.removed == ("mul/choose",)
    assert not audio_path(out_dir, "mul/choose", "alaw").exists()
    assert set(read_manifest(out_dir)) == ALL - {"mul/choose"}


def test_manifest_naming_a_file_outside_deletes_nothing_there(small_catalogue: Path) -> None:
    build(small_catalogue)
    precious = small_catalogue.with_name("precious.alaw")
    precious.write_text("keep")
    manifest = places_of(small_catalogue).out_dir / "manifest.json"
    rows = json.loads(manifest.read_text())
    manifest.write_text(json.dumps({**rows, "../precious": rows["moh/hold"]}))
    assert build(small_catalogue).removed == ("../precious",)
    assert precious.exists()


def test_recording_wins_over_the_voice_and_is_no_placeholder(small_catalogue: Path) -> None:
    build(small_catalogue)
    write_recording(small_catalogue, "en-US/welcome", seconds=2.0)
    synth = ToneSynth()
    report = build(small_catalogue, synth)
    assert (report.built, synth.spoken) == (("en-US/welcome",), [])
    assert not report.rows["en-US/welcome"].placeholder
    assert report.rows["zh-CN/welcome"].placeholder
    assert report.rows["en-US/welcome"].ms == pytest.approx(2_170, abs=25)
    manifest = json.loads((places_of(small_catalogue).out_dir / "manifest.json").read_text())
    assert manifest["zh-CN/welcome"]["placeholder"] is True


def test_recording_taken_away_brings_the_voice_back(small_catalogue: Path) -> None:
    write_recording(small_catalogue, "en-US/welcome", seconds=2.0)
    build(small_catalogue)
    (places_of(small_catalogue).recorded_dir / "en-US/welcome.wav").unlink()
    assert build(small_catalogue).rows["en-US/welcome"].placeholder


def test_text_that_can_not_be_spoken_fails_alone_and_is_tried_again(
    small_catalogue: Path,
) -> None:
    report = build(small_catalogue, ToneSynth(unspeakable="您好"))
    assert report.failed == ("zh-CN/welcome: nobody can say '您好'.",)
    assert set(report.built) == ALL - {"zh-CN/welcome"}
    assert build(small_catalogue).built == ("zh-CN/welcome",)


def test_unusable_recording_is_one_sentence(small_catalogue: Path) -> None:
    write_recording(small_catalogue, "en-US/welcome", seconds=0.1)
    recording = places_of(small_catalogue).recorded_dir / "en-US/welcome.wav"
    recording.write_bytes(b"not audio")
    report = build(small_catalogue)
    assert len(report.failed) == 1
    assert report.failed[0].startswith(f"en-US/welcome: {recording} can not be read as a WAV")


def test_bilingual_sound_says_chinese_then_english(small_catalogue: Path) -> None:
    synth = ToneSynth()
    build(small_catalogue, synth)
    chosen = [spoken for spoken in synth.spoken if spoken[1] in ("请按1", "Press 2")]
    assert chosen == [("zh-CN", "请按1"), ("en-US", "Press 2")]


def test_freshly_built_set_has_no_fault(small_catalogue: Path) -> None:
    agree_durations(small_catalogue, build(small_catalogue))
    assert faults(small_catalogue) == set()


def test_nothing_built_is_one_problem_with_the_command_to_run(small_catalogue: Path) -> None:
    problems = check_prompts(load_catalogue(small_catalogue), small_catalogue.with_name("none"))
    assert [problem.code for problem in problems] == ["audio-unbuilt"]
    assert "expertline prompts build" in str(problems[0])


def test_every_fault_of_the_audio_is_found_at_once(small_catalogue: Path) -> None:
    agree_durations(small_catalogue, build(small_catalogue, ToneSynth(mute="您好")))
    out_dir = places_of(small_catalogue).out_dir
    audio_path(out_dir, "en-US/welcome", "alaw").unlink()
    full_scale = np.full(4_000, 32_767, dtype=np.int16)
    audio_path(out_dir, "mul/choose", "ulaw").write_bytes(g711.encode(full_scale, "ulaw"))
    tone = np.rint(9_000 * np.sin(np.arange(12_000))).astype(np.int16)
    quiet = np.zeros(4_000, dtype=np.int16)
    late = np.concatenate([quiet, tone, quiet])
    audio_path(out_dir, "moh/hold", "alaw").write_bytes(g711.encode(late, "alaw"))
    assert faults(small_catalogue) == {
        ("audio-silent", "zh-CN/welcome.alaw"),
        ("audio-silent", "zh-CN/welcome.ulaw"),
        ("audio-missing", "en-US/welcome.alaw"),
        ("audio-clipped", "mul/choose.ulaw"),
        ("duration-differs", "mul/choose.ulaw"),
        ("audio-late", "moh/hold.alaw"),
        ("audio-long-tail", "moh/hold.alaw"),
    }


def test_empty_file_is_silent(small_catalogue: Path) -> None:
    agree_durations(small_catalogue, build(small_catalogue))
    audio_path(places_of(small_catalogue).out_dir, "mul/choose", "alaw").write_bytes(b"")
    assert ("audio-silent", "mul/choose.alaw") in faults(small_catalogue)


@pytest.mark.parametrize(("factor", "told"), [(1.04, False), (1.07, True), (0.93, True)])
def test_duration_may_differ_by_five_percent(
    small_catalogue: Path, factor: float, told: bool
) -> None:
    report = build(small_catalogue)
    agree_durations(small_catalogue, report)
    durations_path = small_catalogue.with_name("durations.json")
    rows = json.loads(durations_path.read_text())
    rows["choose"]["mul"]["ms"] = round(report.rows["mul/choose"].ms / factor)
    durations_path.write_text(json.dumps(rows))
    both = ("duration-differs", "mul/choose (alaw and ulaw)")
    assert (both in faults(small_catalogue)) is told


def test_prompt_that_was_never_built_is_one_line(small_catalogue: Path) -> None:
    agree_durations(small_catalogue, build(small_catalogue))
    text = small_catalogue.read_text().replace("choose:", "choice:")
    small_catalogue.write_text(text)
    out_dir = places_of(small_catalogue).out_dir
    told = check_prompts(load_catalogue(small_catalogue), out_dir)
    assert [(each.code, each.place) for each in told] == [
        ("duration-missing", "mul/choice"),
        ("duration-stale", "mul/choose"),
    ]


def test_text_changed_new_and_gone_since_the_durations_are_told(small_catalogue: Path) -> None:
    agree_durations(small_catalogue, build(small_catalogue))
    text = small_catalogue.read_text().replace("Hello", "Hallo").replace("choose:", "choice:")
    small_catalogue.write_text(text)
    build(small_catalogue)
    assert faults(small_catalogue) == {
        ("text-changed", "en-US/welcome"),
        ("duration-missing", "mul/choice"),
        ("duration-stale", "mul/choose"),
    }


def test_script_lists_what_a_person_still_has_to_record(small_catalogue: Path) -> None:
    write_recording(small_catalogue, "en-US/welcome", seconds=1.0)
    rows = build(small_catalogue).rows
    catalogue = load_catalogue(small_catalogue)
    assert as_csv(script_lines(catalogue, rows)) == (
        "file,key,language,text,placeholder\n"
        "en-US/welcome.wav,welcome,en-US,Hello,no\n"
        "mul/choose.wav,choose,mul,请按1 Press 2,yes\n"
        "zh-CN/welcome.wav,welcome,zh-CN,您好,yes\n"
    )
    todo = as_markdown(script_lines(catalogue, rows, placeholders_only=True))
    assert "| zh-CN/welcome.wav | welcome | zh-CN | 您好 | yes |" in todo
    assert "en-US/welcome" not in todo
