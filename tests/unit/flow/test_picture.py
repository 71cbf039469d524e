"""The picture shows all of a flow once, and nothing lies on anything else."""

import json
import re
import time
from collections.abc import Iterable
from itertools import combinations, pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from flows_at_random import BYE, hotline_of, random_hotline
from site_samples import GOOD, load, texts_of
from typer.testing import CliRunner

from ivr.cli.main import app
from ivr.flow.model import (
    HangUp,
    Hotline,
    Language,
    Menu,
    NodeName,
    Play,
    PromptKey,
    Retry,
    SetLanguage,
)
from ivr.flow.picture import (
    Box,
    LineKind,
    Overlay,
    Picture,
    columns_of,
    picture_of,
    shortened,
    wrapped,
)
from ivr.flow.picture_jumps import value_text
from ivr.flow.picture_layout import Point, Spot
from ivr.flow.picture_look import KIND_WORDS
from ivr.flow.picture_overlay import Passage, overlay_of
from ivr.flow.picture_svg import Drawing, svg
from ivr.flow.picture_text import dot, mermaid
from ivr.flow.ways import ways_out

pytestmark = pytest.mark.unit

DIALPLANS = Path(__file__).parents[3] / "dialplans"
WORDS = {
    "zh-CN": {
        "ask": "数据业务专家请按1，终端问题请按2，投诉请按3，集团业务请按4，其他服务请按0。",
        "tell": "您好。",
        "bye": "再见。",
    }
}
SVG = "{http://www.w3.org/2000/svg}"
SEEDS = range(12)
SECONDS_MAX = 2.0
NODES_OF_A_LARGE_FLOW = 200


def drawing_of(hotline: Hotline, overlay: Overlay | None = None) -> Drawing:
    return Drawing(picture_of(hotline, WORDS, {}, overlay=overlay))


def overlap(one: Spot, other: Spot) -> bool:
    beside = abs(one.x - other.x) >= (one.width + other.width) / 2 - 0.01
    return not beside and one.top < other.bottom and other.top < one.bottom


def vertical_parts(points: tuple[Point, ...]) -> Iterable[Spot]:
    """Where the line runs straight through a layer; between layers there is nothing to meet."""
    for (x, top), (_, bottom) in list(pairwise(points))[2::2]:
        yield Spot(x, top, 0.1, bottom - top)


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_lies_on_anything_else(seed: int) -> None:
    layout = drawing_of(random_hotline(seed, 30)).layout
    everything = [*layout.boxes.values(), *layout.labels]
    assert [pair for pair in combinations(everything, 2) if overlap(*pair)] == []


@pytest.mark.parametrize("seed", SEEDS)
def test_no_line_runs_through_a_box_or_through_the_label_of_another(seed: int) -> None:
    layout = drawing_of(random_hotline(seed, 30)).layout
    for route, own in zip(layout.routes, layout.labels, strict=True):
        for part in vertical_parts(route):
            others = [each for each in layout.labels if each != own]
            assert [spot for spot in [*layout.boxes.values(), *others] if overlap(part, spot)] == []


@pytest.mark.parametrize("seed", SEEDS)
def test_every_way_is_drawn_once_and_leads_from_its_node_to_the_other(seed: int) -> None:
    hotline = random_hotline(seed, 30)
    drawing = drawing_of(hotline)
    lines = drawing.picture.lines
    drawn = sorted((line.source, label, line.target) for line in lines for label in line.labels)
    nodes = hotline.flow.nodes
    assert drawn == sorted(
        (n, way.label, way.to) for n, each in nodes.items() for way in ways_out(each)
    )
    for line, route in zip(lines, drawing.layout.routes, strict=True):
        source = drawing.layout.boxes[line.source]
        assert route[0][1] == pytest.approx(source.bottom)
        assert abs(route[0][0] - source.x) < source.width / 2
        if line.kind is LineKind.WAY:
            target = drawing.layout.boxes[line.target]
            assert route[-1] == pytest.approx((target.x, target.top))


@pytest.mark.parametrize("seed", SEEDS)
def test_every_line_leads_downward(seed: int) -> None:
    for route in drawing_of(random_hotline(seed, 30)).layout.routes:
        assert all(upper[1] <= lower[1] + 0.01 for upper, lower in pairwise(route))


def test_large_flow_is_drawn_in_time() -> None:
    hotline = random_hotline(4, NODES_OF_A_LARGE_FLOW)
    assert len(hotline.flow.nodes) >= NODES_OF_A_LARGE_FLOW
    began = time.perf_counter()
    text = svg(picture_of(hotline, WORDS, {}))
    assert time.perf_counter() - began < SECONDS_MAX
    ElementTree.fromstring(text)  # noqa: S314 - our own text


@pytest.mark.parametrize("seed", SEEDS)
def test_no_text_is_wider_than_its_box(seed: int) -> None:
    picture = drawing_of(random_hotline(seed, 10))
    for box in picture.picture.boxes:
        for line in box.lines:
            # A wide character is as wide as the font is high, a Latin one about half of it.
            assert columns_of(line) * 6 <= picture.layout.boxes[box.name].width


def test_chinese_text_is_broken_between_characters_and_cut_with_an_ellipsis() -> None:
    lines = wrapped("数据业务专家请按1，" * 20)
    assert all(columns_of(line) <= 30 for line in lines)
    assert lines[-1].endswith("…")
    assert wrapped("") == ()
    assert shortened("short", 10) == "short"


def test_english_text_is_broken_between_words() -> None:
    assert wrapped("For a data expert, press one. For phones, two.") == (
        "For a data expert, press one.",
        "For phones, two.",
    )


def test_flow_that_leads_back_is_drawn_with_a_reference() -> None:
    menu = Menu((), {"1": NodeName("tell"), "9": NodeName("menu")}, 1, Retry(1, BYE), Retry(1, BYE))
    tell = Play((PromptKey("tell"),), NodeName("menu"))
    hotline = hotline_of({NodeName("menu"): menu, NodeName("tell"): tell, BYE: HangUp()}, "menu")
    text = svg(picture_of(hotline, WORDS, {}))
    assert "9 ↩ menu" in text
    assert text.count('href="#node-menu"') == 2


def test_names_and_words_can_not_break_out_of_the_file() -> None:
    words = {"zh-CN": {"bye": '</title><script>"&'}}
    hotline = hotline_of({BYE: HangUp((PromptKey("bye"),), 'a"b<c')}, "bye")
    picture = picture_of(hotline, words, {})
    ElementTree.fromstring(svg(picture))  # noqa: S314 - our own text
    assert "<script" not in svg(picture)
    assert "<script" not in mermaid(picture)
    assert '\\"' in dot(picture)


def test_mermaid_numbers_its_nodes_and_writes_special_characters_by_number() -> None:
    hotline = hotline_of({NodeName("end"): HangUp((PromptKey("bye"),))}, "end")
    text = mermaid(picture_of(hotline, {"zh-CN": {"bye": 'say "1" #'}}, {}))
    assert 'n1((("end<br/>say #34;1#34; #35;<br/>ends: completed")))' in text
    assert "n0 --> n1" in text


def bilingual() -> Hotline:
    nodes = {
        NodeName("ask"): Menu(
            (),
            {"1": NodeName("zh"), "2": NodeName("en")},
            1,
            Retry(1, NodeName("zh")),
            Retry(1, NodeName("zh")),
        ),
        NodeName("zh"): SetLanguage(Language("zh-CN"), NodeName("hello")),
        NodeName("en"): SetLanguage(Language("en-US"), NodeName("hello")),
        NodeName("hello"): Play((PromptKey("tell"),), BYE),
        BYE: HangUp(),
    }
    return hotline_of(nodes, "ask")


def test_silent_nodes_that_no_record_has_are_found_by_the_language() -> None:
    seen = [Passage(("ask", "hello", "bye"), "en-US"), Passage(("ask",), "zh-CN")]
    overlay = overlay_of(bilingual().flow, seen, title="", counted="callers", tells_served=True)
    assert dict(overlay.nodes) == {"ask": 2, "en": 1, "hello": 1, "bye": 1}
    assert overlay.lines["en", "hello"] == 1
    assert overlay.lines["zh", "hello"] == 0


def test_way_that_could_be_one_of_two_is_left_uncounted() -> None:
    seen = [Passage(("ask", "hello", "no-longer-there", "bye"))]
    overlay = overlay_of(bilingual().flow, seen, title="", counted="callers", tells_served=True)
    assert dict(overlay.nodes) == {"ask": 1, "hello": 1, "bye": 1}
    assert dict(overlay.lines) == {("hello", "bye"): 1}


def test_overlay_widens_the_busy_line_and_dashes_the_one_nobody_went() -> None:
    seen = [Passage(("ask", "en", "hello", "bye"), "en-US")] * 9
    overlay = overlay_of(
        bilingual().flow, seen, title="Nine.", counted="callers", tells_served=True
    )
    text = svg(picture_of(bilingual(), WORDS, {}, overlay=overlay))
    root = ElementTree.fromstring(text)  # noqa: S314 - our own text
    paths = [each for each in root.iter(f"{SVG}path") if each.get("stroke-width")]
    told = {(each.findtext(f"{SVG}title") or ""): each for each in paths}
    busy, never = told["2: from ask to en"], told["1, noinput, nomatch: from ask to zh"]
    assert float(busy.get("stroke-width", "0")) > 3 * float(never.get("stroke-width", "9"))
    assert "never" in never.get("class", "")
    assert "2 ×9" in text or "2  ×9" in text
    assert "Nine." in text


def test_sample_of_the_loader_is_drawn_with_its_queues() -> None:
    site = load(texts_of(GOOD)).site
    assert site is not None
    hotline = site.hotlines["10086"]
    text = svg(picture_of(hotline, {}, site.queues))
    assert "waits for" in text
    for name in hotline.flow.nodes:
        assert f'id="node-{name}"' in text


@pytest.mark.parametrize(
    ("name", "begun"), [("a.svg", "<svg "), ("a.mmd", "flowchart TD"), ("a.dot", "digraph ")]
)
def test_command_draws_what_the_name_of_the_file_says(
    name: str, begun: str, tmp_path: Path
) -> None:
    out = tmp_path / name
    run = CliRunner().invoke(app, ["graph", str(DIALPLANS / "10086"), "-o", str(out)])
    assert run.exit_code == 0, run.output
    assert out.read_text(encoding="utf-8").startswith(begun)


def test_command_draws_the_coverage_of_the_caller_tests(tmp_path: Path) -> None:
    tested = tmp_path / "tested.json"
    calls = [{"hotline": each, "nodes": ["language", "chinese"]} for each in ("10086", "other")]
    tested.write_text(json.dumps({"tests": calls}))
    args = ["graph", str(DIALPLANS / "10086"), "--coverage", str(tested)]
    run = CliRunner().invoke(app, args)
    assert run.exit_code == 0, run.output
    assert "What 1 caller tests go through." in run.stdout
    assert re.search(r'id="node-services" class="box menu never"', run.stdout)


@pytest.mark.parametrize(
    "args",
    [
        ["no-such-place"],
        [str(DIALPLANS / "10086"), "-o", "picture.gif"],
        [str(DIALPLANS / "10086"), "--language", "fr-FR"],
        [str(DIALPLANS / "10086"), "--coverage", str(DIALPLANS / "site.yaml")],
        [str(DIALPLANS / "10086"), "--coverage", "x.json", "--records"],
        [str(DIALPLANS / "10086"), "--records", "--data-dir", "no-such-folder"],
    ],
)
def test_wrong_use_is_one_sentence_and_status_2(args: list[str]) -> None:
    run = CliRunner().invoke(app, ["graph", *args])
    assert run.exit_code == 2
    assert len(run.stderr.strip().splitlines()) == 1


def test_legend_breaks_into_rows_within_the_picture() -> None:
    drawn = Picture("Hotline", (Box("a", "play", "a", (), ""),), (), None, tuple(KIND_WORDS))
    root = ElementTree.fromstring(svg(drawn))  # noqa: S314 - our own picture
    legend = [each for each in root if each.tag.endswith("}g")][-1]
    places = [
        (float(x), float(y))
        for each in legend
        for x, y in re.findall(r"translate\(([\d.]+) ([\d.]+)\)", each.get("transform", ""))
    ]
    assert len(places) == len(KIND_WORDS)
    assert len({y for _, y in places}) > 1
    assert max(x for x, _ in places) < float(root.get("width", "0")) <= 500
    _, foot = re.findall(r"translate\(([\d.]+) ([\d.]+)\)", legend.get("transform", ""))[0]
    assert float(foot) + max(y for _, y in places) + 14 < float(root.get("height", "0"))


def test_truth_stands_in_a_box_as_an_author_writes_it() -> None:
    assert [value_text(each) for each in (True, False, 3, "gold")] == ["true", "false", "3", "gold"]
