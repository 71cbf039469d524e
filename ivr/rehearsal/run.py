"""All caller tests of a site: read, played, and counted."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from ivr.flow.problems import ConfigProblem, Problems
from ivr.flow.site import Site
from ivr.flow.yaml_tree import read_tree
from ivr.flow.zone import Zones
from ivr.prompts.model import Catalogue
from ivr.rehearsal.caller_test import CallerTest
from ivr.rehearsal.coverage import Coverage, coverage
from ivr.rehearsal.footprints import Footprints
from ivr.rehearsal.play import Rehearsed, rehearse
from ivr.rehearsal.read_tests import CallerTestReader
from ivr.rehearsal.read_words import Around


@dataclass(frozen=True, slots=True)
class CallsRead:
    """The caller tests of some files, and what is wrong with the files."""

    tests: tuple[CallerTest, ...]
    problems: tuple[ConfigProblem, ...]


def read_tests(
    files: Mapping[str, str], site: Site, catalogue: Catalogue, zones: Zones
) -> CallsRead:
    """The tests in these files (``<hotline>/tests/<name>.yaml`` -> text)."""
    problems = Problems()
    tests: list[CallerTest] = []
    for file, text in files.items():
        hotline = site.hotlines[file.partition("/")[0]]
        tree = read_tree(file, text, problems)
        if tree is not None:
            around = Around(site, hotline, catalogue.prompts.keys(), zones)
            tests += CallerTestReader(around, problems).read(tree)
    return CallsRead(tuple(tests), problems.in_order())


@dataclass(frozen=True, slots=True)
class CallsPlayed:
    """What came of some tests, and how much of their hotlines they went through."""

    rehearsed: tuple[Rehearsed, ...]
    covered: Coverage

    @property
    def failed(self) -> int:
        """How many went otherwise."""
        return sum(not each.ok for each in self.rehearsed)


def run_tests(
    tests: Collection[CallerTest], site: Site, catalogue: Catalogue, hotlines: Collection[str]
) -> CallsPlayed:
    """Play these tests; ``hotlines`` are those whose nodes and ways are counted."""
    rehearsed = tuple(rehearse(test, site, catalogue) for test in tests)
    walked: dict[str, list[Footprints]] = {}
    for each in rehearsed:
        walked.setdefault(each.test.hotline, []).append(each.footprints)
    counted = [site.hotlines[name] for name in sorted(hotlines)]
    return CallsPlayed(rehearsed, coverage(counted, walked))
