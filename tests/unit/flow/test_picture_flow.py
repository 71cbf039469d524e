"""`expertline graph --flow`: one flow as its author wrote it, however often it is called."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ivr.cli.main import app

pytestmark = pytest.mark.unit

DIALPLANS = Path(__file__).parents[3] / "dialplans"
HOTLINE = """
hotline: x
numbers: ["10020"]
languages: [zh-CN, en-US]
timezone: Asia/Shanghai
flow: main
flows:
  main:
    start: one
    nodes:
      one: {subflow: {flow: pick}, on: {zh: a, en: b}}
      a: {set: {language: zh-CN}, next: two}
      b: {set: {language: en-US}, next: two}
      two: {subflow: {flow: pick}, on: {zh: bye, en: more}}
      more: {goto: {flow: ends}}
      bye: {hangup: {prompt: goodbye}}
  pick:
    start: ask
    nodes:
      ask:
        menu:
          prompt: choose-language
          choices: {"1": yes-zh, "2": yes-en}
          noinput: {after: 3s, times: 1, then: yes-zh}
          nomatch: {times: 2, then: again, prompt: nomatch}
      again: {play: nomatch, next: yes-en}
      yes-zh: {return: {exit: zh}}
      yes-en: {return: {exit: en}}
  ends:
    start: bye
    nodes: {bye: {hangup: {prompt: goodbye}}}
"""


@pytest.fixture
def hotline(tmp_path: Path) -> Path:
    # Without the targets of transfers: they are queues of hotlines that are not there.
    site, _, _ = (DIALPLANS / "site.yaml").read_text(encoding="utf-8").partition("\ntransfers:")
    (tmp_path / "site.yaml").write_text(f"{site}\n", encoding="utf-8")
    folder = tmp_path / "x"
    folder.mkdir()
    (folder / "hotline.yaml").write_text(HOTLINE, encoding="utf-8")
    return folder


def run(*words: str) -> Result:
    return CliRunner().invoke(app, ["graph", *words])


def arrows(drawn: str) -> list[str]:
    """The lines of a Mermaid picture, by the names in the boxes."""
    lines = [line.strip() for line in drawn.splitlines()[1:]]
    boxes = [line for line in lines if '"' in line and "--" not in line]
    names = {each.split("([{/")[0][:2]: each.split('"')[1].split("<br/>")[0] for each in boxes}
    drawn_lines = [each.replace(" -- ", " ").split() for each in lines if "-->" in each]
    return [" ".join(names.get(word, word) for word in each) for each in drawn_lines]


def test_call_is_one_box_with_the_ways_of_its_exits(hotline: Path) -> None:
    found = arrows(run(str(hotline), "--flow", "main", "--format", "mermaid").stdout)
    assert 'one "zh" --> a' in found
    assert 'two "en" --> more' in found
    assert "a --> two" in found
    assert not [each for each in found if "ask" in each]


def test_flow_that_is_called_twice_is_drawn_once(hotline: Path) -> None:
    drawn = run(str(hotline), "--flow", "pick", "--format", "mermaid").stdout
    assert drawn.count("ask<br/>") == 1
    assert "from one<br/>from two" in drawn
    assert arrows(drawn) == [
        "Flow pick begins --> ask",
        'ask "1 · no key" --> yes-zh',
        'ask "2" --> yes-en',
        'ask "wrong key" --> again',
        "again --> yes-en",
    ]


def test_flow_gone_to_for_good_begins_where_it_was_left_for(hotline: Path) -> None:
    drawn = run(str(hotline), "--flow", "ends", "--format", "mermaid").stdout
    assert "Flow ends begins<br/>from more" in drawn


@pytest.mark.parametrize("name", ["main", "pick", "ends"])
def test_every_flow_can_be_drawn_as_a_picture(hotline: Path, tmp_path: Path, name: str) -> None:
    out = tmp_path / "new-folder" / f"{name}.svg"
    assert run(str(hotline), "--flow", name, "-o", str(out)).exit_code == 0
    assert f"flow {name}" in out.read_text(encoding="utf-8")


@pytest.mark.parametrize("more", [("--flow", "picks"), ("--flow", "main", "--records")])
def test_wrong_use_is_one_sentence_with_the_flows_there_are(
    hotline: Path, more: tuple[str, ...]
) -> None:
    refused = run(str(hotline), *more)
    assert refused.exit_code == 2
    assert len(refused.stderr.strip().splitlines()) == 1


def test_ways_of_a_node_are_called_the_same_in_the_whole_picture(hotline: Path) -> None:
    queue = "bye: {queue: {name: general}, on: {no_agents: over, timed_out: over}}\n"
    text = HOTLINE.replace("nodes: {bye: {hangup: {prompt: goodbye}}}", f"nodes:\n      {queue}")
    text += "      over: {hangup: {prompt: goodbye}}\n"
    (hotline / "hotline.yaml").write_text(text, encoding="utf-8")
    (hotline / "queues.yaml").write_text("queues: {general: {steps: [{require: general}]}}\n")
    whole = run(str(hotline), "--format", "mermaid").stdout
    alone = run(str(hotline), "--flow", "ends", "--format", "mermaid").stdout
    assert "nobody answers" in whole
    assert "nobody answers" in alone
