"""What the pages say is true: links, paths, the decisions' index, phases, targets, markers."""

import re
import tomllib
from typing import Any

import pytest
from kinds import KINDS
from sources import ROOT, demand_none, files, markdown, text_of

from ivr.call.phases import TABLE, Phase, Verdict

pytestmark = pytest.mark.tidy

ARCHITECTURE = "docs/architecture.md"
INDEX = "docs/decisions/README.md"
DECISION = re.compile(r"docs/decisions/(\d{4})-[a-z0-9-]+\.md")
PARTS_OF_A_DECISION = ("context", "decision", "consequences", "what would change our mind")
PATHS_CHECKED_IN = (ARCHITECTURE, "CONTRIBUTING.md", "README.md", "asterisk-conf/README.md")
NAMED_PATH = re.compile(
    r"`((?:ivr|router|simulator|tests|docs|dialplans|asterisk-conf|prompts|\.ci)/[\w./-]*)`"
)
BUILT_PATHS = ("prompts/audio", "prompts/recorded")
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
ARROW = re.compile(r"^\s*(\S+) --> (\S+)(?:: (.+))?$", re.MULTILINE)
DEADLINE = "deadline"


def anchor_of(heading: str) -> str:
    """A heading's anchor as the usual renderers make it."""
    kept = re.sub(r"[^\w\- ]", "", heading.strip().lower())
    return kept.replace(" ", "-")


def anchors_of(name: str) -> set[str]:
    prose = FENCE.sub("", text_of(name))
    return {anchor_of(each) for each in re.findall(r"^#+ (.+)$", prose, re.MULTILINE)}


def broken_links(name: str) -> list[str]:
    broken: list[str] = []
    for link in LINK.findall(FENCE.sub("", text_of(name))):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (ROOT / name).parent / path if path else ROOT / name
        known = target.exists() and target.resolve().is_relative_to(ROOT)
        page = target.resolve().relative_to(ROOT).as_posix() if known else ""
        if not known or (anchor and page.endswith(".md") and anchor not in anchors_of(page)):
            broken.append(link)
    return broken


def test_links_lead_somewhere() -> None:
    demand_none(f"{name}: {link}" for name in markdown() for link in broken_links(name))


@pytest.mark.parametrize("name", PATHS_CHECKED_IN)
def test_named_paths_exist(name: str) -> None:
    named = {path for path in NAMED_PATH.findall(text_of(name)) if not path.startswith(BUILT_PATHS)}
    demand_none(sorted(path for path in named if not (ROOT / path).exists()))


def test_every_decision_is_in_the_index_once() -> None:
    decisions = [name for name in files() if DECISION.fullmatch(name)]
    listed = re.findall(r"^\| \[\d{4}\]\((.+?)\)", text_of(INDEX), re.MULTILINE)
    assert listed == [name.rsplit("/", 1)[1] for name in decisions]


def test_no_decision_number_is_used_twice() -> None:
    numbers = [match[1] for name in files() if (match := DECISION.fullmatch(name))]
    assert numbers == sorted(set(numbers))


def test_every_decision_has_its_parts() -> None:
    missing = [
        f"{name}: {part}"
        for name in files()
        if DECISION.fullmatch(name)
        for part in PARTS_OF_A_DECISION
        if part not in text_of(name).lower()
    ]
    demand_none(missing)


def phases_diagram() -> str:
    found = re.search(r"```mermaid\nstateDiagram-v2\n(.+?)```", text_of(ARCHITECTURE), re.DOTALL)
    assert found is not None, f"{ARCHITECTURE} has no diagram of the phases"
    return found[1]


def test_diagram_shows_exactly_the_phases() -> None:
    drawn = {end for a, b, _ in ARROW.findall(phases_diagram()) for end in (a, b)} - {"[*]"}
    assert drawn == {phase.value for phase in Phase}


def test_diagram_moves_a_contact_only_by_events_that_its_phase_handles() -> None:
    handled = {
        (phase.value, event.__name__)
        for (phase, event), verdict in TABLE.items()
        if verdict is Verdict.HANDLE
    }
    arrows = [
        (start, event.strip())
        for start, _, label in ARROW.findall(phases_diagram())
        for event in label.split(",")
        if start != "[*]"
    ]
    demand_none(str(each) for each in arrows if each[1] != DEADLINE and each not in handled)


def test_every_phase_is_explained() -> None:
    text = text_of(ARCHITECTURE)
    assert [phase.value for phase in Phase if f"*{phase.value}*" not in text] == []


def test_readme_tells_every_command_of_the_makefile() -> None:
    phony = re.search(r"^\.PHONY: (.+)$", text_of("Makefile"), re.MULTILINE)
    assert phony is not None
    readme = text_of("README.md")
    wanted = [target for target in phony[1].split() if target != "help"]
    assert [target for target in wanted if not re.search(rf"make {target}\b", readme)] == []


def test_every_command_of_the_makefile_says_what_it_does() -> None:
    makefile = text_of("Makefile")
    phony = re.search(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)
    assert phony is not None
    told = re.findall(r"^([a-z]+):.*## \S", makefile, re.MULTILINE)
    assert sorted(told) == sorted(phony[1].split())


def test_kinds_of_tests_are_declared_enforced_and_told() -> None:
    project: dict[str, Any] = tomllib.loads(text_of("pyproject.toml"))
    declared = project["tool"]["pytest"]["ini_options"]["markers"]
    names = [marker.partition(": ")[0] for marker in declared]
    assert tuple(names) == KINDS
    assert all(marker.partition(": ")[2] for marker in declared)
    assert [name for name in names if f"`{name}`" not in text_of(ARCHITECTURE)] == []


def test_changelog_has_a_place_for_what_is_not_released() -> None:
    assert re.search(r"^## \[?Unreleased\]?$", text_of("CHANGELOG.md"), re.MULTILINE)
