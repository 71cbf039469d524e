"""The editor's schema takes what the reader takes, and refuses the shapes that it refuses."""

import json
from pathlib import Path
from typing import Any

import pytest
from json_schema import as_json, refusals
from site_samples import GOOD, broken_names, broken_site, load, texts_of
from typer.testing import CliRunner

from ivr.adapters.site_files import read_site_files
from ivr.cli.main import app
from ivr.cli.schema import SHAPES, SiteFile
from ivr.flow.keys import Anything, Either, Inner, Kinds, Named, NameOf, Several, Shape, Value
from ivr.flow.offered import offered_names
from ivr.flow.problems import Code, Problems, Severity
from ivr.flow.reference import reference_page
from ivr.flow.schema import DRAFT, file_schema
from ivr.flow.yaml_tree import read_tree

pytestmark = pytest.mark.unit

DIALPLANS = Path(__file__).parents[3] / "dialplans"

ALWAYS_REFUSED = {
    Code.UNKNOWN_KEY,
    Code.MISSING_KEY,
    Code.NODE_KIND_MISSING,
    Code.NODE_KIND_TWICE,
    Code.CHOICE_KEY_NOT_A_DIGIT,
    Code.WRONG_TYPE,
    Code.BAD_DURATION,
    Code.BAD_PHONE_NUMBER,
    Code.BAD_FEATURE_CODE,
    Code.REASON_KEY_NOT_A_DIGIT,
    Code.UNKNOWN_MUSIC,
}
"""What is wrong with a file's shape or a word's form, which a schema can see."""

BEYOND_A_SCHEMA = {"step_times", "set_wrong"}
"""Which step is the last, and so may lack `for`; of which type a variable is."""


def schema_of(file: str) -> dict[str, Any]:
    kind = SiteFile(file.rpartition("/")[2].removesuffix(".yaml"))
    offered = {NameOf.MUSIC: ("hold",)}
    return file_schema(SHAPES[kind], title=kind.value, offered=offered)


def refusals_of(file: str, text: str) -> list[str] | None:
    """None when the file is no YAML, or none of a site's."""
    tree = read_tree(file, text, Problems())
    names = ("site.yaml", "hotline.yaml", "queues.yaml", "messages.yaml")
    if tree is None or file.rpartition("/")[2] not in names:
        return None
    schema = schema_of(file)
    return refusals(as_json(tree), schema, whole=schema)


def values_in(value: Value) -> list[Value]:
    """The value and all within it."""
    match value:
        case Inner(shape):
            inner = values_of(shape)
        case Kinds(shapes):
            inner = [each for shape in shapes.values() for each in values_of(shape)]
        case Named(each, key):
            inner = [*values_in(each), *values_in(key)]
        case Several(each):
            inner = values_in(each)
        case Either(ways):
            inner = [each for way in ways for each in values_in(way)]
        case _:
            inner = []
    return [value, *inner]


def values_of(shape: Shape) -> list[Value]:
    return [each for key in shape.keys for each in values_in(key.value)]


@pytest.mark.parametrize("shape", SHAPES.values(), ids=lambda shape: shape.what)
def test_every_key_says_what_may_stand_there(shape: Shape) -> None:
    assert not [each for each in values_of(shape) if isinstance(each, Anything)]


@pytest.mark.parametrize("file", texts_of(GOOD))
def test_good_file_is_taken(file: str) -> None:
    assert refusals_of(file, texts_of(GOOD)[file]) == []


def test_sample_dialplans_are_taken() -> None:
    texts = read_site_files(DIALPLANS).texts
    refused = {file: refusals_of(file, text) for file, text in texts.items()}
    assert any(why == [] for why in refused.values())
    assert {file: why for file, why in refused.items() if why} == {}


@pytest.mark.parametrize("name", broken_names())
def test_schema_and_reader_agree_on_a_broken_site(name: str) -> None:
    files = broken_site(name).files
    problems = load(files).problems
    for file, text in files.items():
        why = refusals_of(file, text)
        errors = {p.code for p in problems if p.place.file == file and p.severity is Severity.ERROR}
        if why is None:
            continue
        if not errors:
            assert why == [], file
        if errors & ALWAYS_REFUSED and name not in BEYOND_A_SCHEMA:
            assert why, f"{file}: {errors}"


def test_names_of_the_site_are_offered_but_a_new_one_is_no_mistake() -> None:
    offered = offered_names(read_site_files(DIALPLANS).texts, "10086")
    assert "general" in offered[NameOf.QUEUE]
    assert "welcome" in offered[NameOf.NODE]
    schema: Any = file_schema(SHAPES[SiteFile.HOTLINE], title="x", offered=offered)
    queue = schema["definitions"]["queue"]
    assert queue["anyOf"][0] == {"enum": list(offered[NameOf.QUEUE])}
    assert refusals("written-since", queue, whole=schema) == []
    assert refusals("two words", queue, whole=schema)


def test_names_of_a_broken_file_are_left_out_without_failing() -> None:
    texts = {**texts_of(GOOD), "10086/queues.yaml": "queues: ["}
    offered = offered_names(texts, "10086")
    assert offered.get(NameOf.QUEUE, ()) == ("general",)  # the shared one
    assert offered[NameOf.SKILL]


def test_command_prints_draft_07_with_a_sentence_on_each_key() -> None:
    run = CliRunner().invoke(app, ["schema", "--file", "queues"])
    assert run.exit_code == 0
    document = json.loads(run.output)
    assert document["$schema"] == DRAFT
    queue = document["properties"]["queues"]["additionalProperties"]
    assert all(each["description"].endswith(".") for each in queue["properties"].values())
    assert queue["required"] == ["steps"]


def test_command_writes_a_schema_for_each_kind_of_file_and_each_hotline(tmp_path: Path) -> None:
    run = CliRunner().invoke(app, ["schema", "-o", str(tmp_path), "--site", str(DIALPLANS)])
    assert run.exit_code == 0
    written = {each.relative_to(tmp_path).as_posix() for each in tmp_path.rglob("*.json")}
    assert {"site.schema.json", "hotline.schema.json", "10086/hotline.schema.json"} <= written


def test_caller_tests_of_the_samples_are_taken_and_a_misspelt_step_is_not() -> None:
    schema: Any = json.loads(CliRunner().invoke(app, ["schema", "--file", "tests"]).output)
    files = sorted(DIALPLANS.rglob("tests/*.yaml"))
    assert files
    for file in files:
        tree = read_tree(file.name, file.read_text(encoding="utf-8"), Problems())
        assert tree is not None
        assert refusals(as_json(tree), schema, whole=schema) == [], file.name
    for step in ({"hera": "welcome"}, {"press": "x"}, {"wait": 30}, "hang it up"):
        wrong = {"tests": {"a caller, with a comma": {"steps": [step]}}}
        assert refusals(wrong, schema, whole=schema), step


def test_each_hotline_has_a_schema_of_its_own_caller_tests(tmp_path: Path) -> None:
    CliRunner().invoke(app, ["schema", "-o", str(tmp_path), "--site", str(DIALPLANS)])
    text = (tmp_path / "10086" / "tests.schema.json").read_text(encoding="utf-8")
    assert "general" in json.loads(text)["definitions"]["queue"]["anyOf"][0]["enum"]
    assert (tmp_path / "tests.schema.json").is_file()


def test_place_that_can_not_be_written_is_one_sentence(tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_text("a file")
    run = CliRunner().invoke(app, ["schema", "-o", str(taken)])
    assert run.exit_code == 2
    assert len(run.stderr.splitlines()) == 1


def test_reference_page_has_every_key_with_its_sentence() -> None:
    page = reference_page()
    for shape in SHAPES.values():
        for key in shape.keys:
            assert f"| `{key.name}` |" in page
            assert key.about in page
