"""Every example of the page for authors passes the check, put into a site that has the rest."""

import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest
from site_samples import TIMEZONES

from ivr.flow.load import Loaded, load_site
from ivr.flow.node_shapes import NODE_KINDS
from ivr.flow.problems import Code, ConfigProblem, Severity

pytestmark = pytest.mark.unit

PAGE = (Path(__file__).parents[3] / "docs" / "dialplans.md").read_text(encoding="utf-8")
NO_SITE_FILE = {"Words", "See it, and let your editor help"}
"""Sections whose YAML is the catalogue's, or a comment for an editor."""

SITE = """\
skills: [general, data, broadband]
devices: {desk-1: {}}
agents: {"1001": {name: One, skills: {general: 3, data: 3, broadband: 3}, device: desk-1}}
"""
SERVICES = """\
services:
  password:
    url: "http://127.0.0.1:8090/password"
    sends: {number: text, pin: secret}
    answers: {is_right: bool}
"""
HEAD = """\
hotline: "12580"
numbers: ["12580"]
languages: [zh-CN, en-US]
timezone: Asia/Shanghai
"""
QUEUES = """\
queues:
  general: {steps: [{require: general}]}
  cards: {steps: [{require: data}]}
"""
VARS = """\
vars: {phone: {type: text}, mark: {type: text}, level: {type: text}, complained: {type: bool}}
"""


class Everything(frozenset[str]):
    """All prompts there could be."""

    def __contains__(self, key: object) -> bool:
        return True


PROMPTS = {"zh-CN": Everything(), "en-US": Everything()}


def sections() -> Iterator[tuple[str, list[str]]]:
    """Each section that has YAML, with its blocks."""
    for part in PAGE.split("\n## ")[1:]:
        title, _, rest = part.partition("\n")
        blocks = re.findall(r"```yaml\n(.+?)```", rest, re.DOTALL)
        if blocks and title not in NO_SITE_FILE:
            yield title, [textwrap.dedent(block) for block in blocks]


def keys_of(block: str) -> list[str]:
    return re.findall(r'^([\w"-]+):', block, re.MULTILINE)


def site_around(blocks: list[str]) -> list[dict[str, str]]:
    """The files of a site for each flow among these blocks; one at least."""
    files = {"site.yaml": SITE + SERVICES, "12580/hotline.yaml": "", "12580/queues.yaml": QUEUES}
    head, flows = HEAD, list[str]()
    for block in blocks:
        first = keys_of(block)[0]
        if first in ("skills", "hotline", "queues", "messages"):
            file = "site.yaml" if first == "skills" else f"12580/{first}.yaml"
            files[file] = block
        elif first in ("services", "outside_numbers", "routing"):
            files["site.yaml"] = SITE + block
        elif first in ("calendars",):
            head += block
        elif "flows" in keys_of(block):
            flows.append(block if "flow" in keys_of(block) else f"flow: main\n{block}")
        elif first != "tests":
            flows.append(_flow(block))
    if files["12580/hotline.yaml"]:
        return [files]
    bare = "flow: main\nflows: {main: {start: bye, nodes: {bye: {hangup: }}}}\n"
    return [{**files, "12580/hotline.yaml": head + each} for each in flows or [bare]]


def _flow(block: str) -> str:
    if "nodes" not in keys_of(block):
        block = f"{VARS}nodes:\n{textwrap.indent(block, '  ')}"
    nodes = keys_of(textwrap.dedent(block.partition("nodes:\n")[2]))
    # A menu before them all leads to each, as the rest of its author's flow would.
    choices = ", ".join(f'"{key}": {name}' for key, name in enumerate(nodes, 1))
    ways = "noinput: {then: the-end}, nomatch: {then: the-end}"
    begin = f"  begin: {{menu: {{prompt: p, choices: {{{choices}}}, {ways}}}}}\n"
    end = "  the-end: {hangup: }\n"
    inner = textwrap.indent(f"start: begin\n{block}{begin}{end}", "    ")
    return f"flow: main\nflows:\n  main:\n{inner}"


def loaded(files: dict[str, str]) -> Loaded:
    return load_site(files, prompts=PROMPTS, timezones=TIMEZONES)


def checked(files: dict[str, str]) -> list[ConfigProblem]:
    """The errors that are left once each node that an excerpt leads to is there."""
    found = loaded(files).problems
    named = (re.search(r'"([\w-]+)"', p.message) for p in found if p.code is Code.UNKNOWN_NODE)
    others = sorted({name[1] for name in named if name is not None})
    more = "".join(f"      {name}: {{hangup: {{prompt: goodbye}}}}\n" for name in others)
    completed = {**files, "12580/hotline.yaml": files["12580/hotline.yaml"] + more}
    return [p for p in loaded(completed).problems if p.severity is Severity.ERROR]


EXAMPLES = dict(sections())


def test_page_has_examples() -> None:
    assert len(EXAMPLES) >= 10


@pytest.mark.parametrize("title", EXAMPLES)
def test_examples_of_the_section_pass_the_check(title: str) -> None:
    for files in site_around(EXAMPLES[title]):
        assert [str(each) for each in checked(files)] == []


def test_mistake_in_an_example_is_found() -> None:
    (files,) = site_around(["promise: {work_order: {topik: general, within: 4h}, next: bye}\n"])
    assert {each.code for each in checked(files)} >= {Code.UNKNOWN_KEY}


def test_table_of_nodes_has_each_kind_once() -> None:
    table = PAGE.split("| kind | within it | beside it |\n|---|---|---|\n")[1].split("\n\n")[0]
    told = [line.split("`")[1] for line in table.splitlines()]
    assert sorted(told) == sorted(NODE_KINDS)


def test_table_of_nodes_has_in_bold_what_must_stand_beside_a_kind() -> None:
    table = PAGE.split("| kind | within it | beside it |\n|---|---|---|\n")[1].split("\n\n")[0]
    for line in table.splitlines():
        kind, beside = line.split("`")[1], line.rstrip("| ").rpartition(" | ")[2]
        needed = {key.name for key in NODE_KINDS[kind].keys if key.required or key.needed}
        assert set(re.findall(r"\*\*`(\w+)`\*\*", beside)) == needed - {kind}, kind
