"""The catalogue as authors write it, right and wrong."""

from collections.abc import Callable
from pathlib import Path

import pytest

from ivr.prompts.catalogue import (
    CatalogueInvalid,
    format_durations,
    load_catalogue,
    read_catalogue,
)
from ivr.prompts.model import LANGUAGES, PromptUnknown, is_legal_key

pytestmark = pytest.mark.unit

Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_catalogue(text: str) -> Path:
        path = tmp_path / "catalogue.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write_catalogue


def test_shipped_catalogue_has_every_prompt_and_duration_in_both_languages() -> None:
    catalogue = load_catalogue()
    for key, prompt in catalogue.prompts.items():
        if not prompt.fragment:
            assert all(catalogue.duration_ms(key, language) > 500 for language in LANGUAGES)
    assert {"welcome", "connecting", "services", "fallback"} <= set(catalogue.prompts)
    assert set(catalogue.durations) == set(catalogue.sounds)


def test_bilingual_prompt_is_one_sound_for_every_caller(small_catalogue: Path) -> None:
    catalogue = load_catalogue(small_catalogue)
    names = {catalogue.sound("choose", language).name for language in LANGUAGES}
    assert names == {"mul/choose"}
    assert catalogue.sound("choose", "en-US").text == "请按1 Press 2"


def test_unknown_prompt_is_one_sentence_with_the_remedy(small_catalogue: Path) -> None:
    catalogue = load_catalogue(small_catalogue)
    assert not catalogue.has("nothing", "zh-CN")
    with pytest.raises(PromptUnknown, match=r"no prompt 'nothing' in zh-CN; add it to"):
        catalogue.sound("nothing", "zh-CN")


def test_duration_not_measured_yet_says_how_to_get_it(small_catalogue: Path) -> None:
    with pytest.raises(PromptUnknown, match="--write-durations"):
        load_catalogue(small_catalogue).duration_ms("welcome", "zh-CN")


def test_durations_written_are_the_durations_read(small_catalogue: Path) -> None:
    catalogue = load_catalogue(small_catalogue)
    written = {sound: 100 + index for index, sound in enumerate(catalogue.sounds.values())}
    small_catalogue.with_name("durations.json").write_text(format_durations(written))
    again = load_catalogue(small_catalogue)
    for sound, ms in written.items():
        assert again.durations[sound.name].ms == ms
        assert again.durations[sound.name].text_sha256 == sound.text_sha256
    assert again.duration_ms_all(["welcome", "choose"], "zh-CN") == 100 + 102


def test_all_mistakes_are_told_at_once_with_line_and_column(write: Write) -> None:
    path = write(
        "licence: Apache-2.0\n"
        "prompts:\n"
        "  Welcome.wav: {zh-CN: 好, en-US: good}\n"
        "  half: {zh-CN: 好}\n"
        "  twice: {zh-CN: 好, en-US: good, zh-CN: 不}\n"
        "  odd: {zh-CN: 好, en-US: good, fr-FR: bon}\n"
        "  both: {zh-CN: 好, en-US: good, bilingual: maybe}\n"
        "  long: {zh-CN: 好, en-US: " + "x" * 501 + "}\n"
    )
    with pytest.raises(CatalogueInvalid) as caught:
        load_catalogue(path)
    told = {
        (problem.code, problem.place.removeprefix(f"{path}:")) for problem in caught.value.problems
    }
    assert told == {
        ("key-illegal", "3:3"),
        ("language-missing", "4:9"),
        ("key-twice", "5:34"),
        ("field-unknown", "6:32"),
        ("bilingual", "7:44"),
        ("text", "8:27"),
    }
    assert all(problem.remedy for problem in caught.value.problems)


def test_good_entries_stay_usable_beside_bad_ones(write: Write) -> None:
    path = write("licence: X\nprompts:\n  ok: {zh-CN: 好, en-US: good}\n  half: {zh-CN: 好}\n")
    catalogue, problems = read_catalogue(path)
    assert set(catalogue.prompts) == {"ok"}
    assert [problem.code for problem in problems] == ["language-missing"]


def test_prompt_without_any_licence_is_refused(write: Write) -> None:
    _, problems = read_catalogue(write("prompts:\n  ok: {zh-CN: 好, en-US: good}\n"))
    assert [problem.code for problem in problems] == ["licence-missing"]


def test_fragments_that_do_not_make_up_the_grammar_are_named(write: Write) -> None:
    text = "licence: X\nprompts: {}\nfragments:\n  number/0: {zh-CN: 零, en-US: zero}\n"
    _, problems = read_catalogue(write(text))
    assert {problem.code for problem in problems} == {"fragment-missing"}
    assert any("'number/wan' has no zh-CN text" in problem.message for problem in problems)
    assert not any("'number/0'" in problem.message for problem in problems)


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("prompts: [\n", ":2:1", "is no YAML"),
        ("", "", "is empty"),
        ("- a\n", ":1:1", "the catalogue is no list of `key: value`"),
        ("prompts: 3\n", ":1:10", "the list of prompts is no list"),
        ("[" * 5000, "", "nested too deeply"),
        ("prompts: {[1]: {zh-CN: 好, en-US: good}}\n", ":1:11", "can not name a prompt"),
        ("licence: X\n", ":1:1", "there is no `prompts:`"),
    ],
)
def test_file_of_another_shape_is_one_sentence(
    write: Write, text: str, place: str, words: str
) -> None:
    path = write(text)
    _, problems = read_catalogue(path)
    assert len(problems) == 1
    assert problems[0].place == f"{path}{place}"
    assert words in str(problems[0])


def test_missing_catalogue_is_one_sentence(tmp_path: Path) -> None:
    _, problems = read_catalogue(tmp_path / "none.yaml")
    assert [problem.code for problem in problems] == ["file-unreadable"]


@pytest.mark.parametrize("text", ["[]", "{", '{"welcome": {"zh-CN": {"ms": "x"}}}', "null"])
def test_damaged_durations_are_a_problem_and_no_crash(small_catalogue: Path, text: str) -> None:
    small_catalogue.with_name("durations.json").write_text(text)
    catalogue, problems = read_catalogue(small_catalogue)
    assert [problem.code for problem in problems] == ["durations-unreadable"]
    assert set(catalogue.prompts) == {"welcome", "choose"}


@pytest.mark.parametrize("key", ["welcome", "digit/1", "a_b-c/d/e"])
def test_plain_keys_are_legal(key: str) -> None:
    assert is_legal_key(key)


@pytest.mark.parametrize(
    "key",
    ["", "/etc/passwd", "../up", "a//b", "a/", "a.b", "http:x", "A", "a b", "a\n", "好", "x" * 65],
)
def test_key_that_could_leave_the_folder_is_illegal(key: str) -> None:
    assert not is_legal_key(key)
