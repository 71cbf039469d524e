"""The list of planted bugs is up to date with the text of the cores."""

from pathlib import Path

import pytest
from planted_bugs import PLANTED, PlantedBug

pytestmark = pytest.mark.tidy

ROOT = Path(__file__).parents[2]
PLANTED_MIN = 130


def test_there_are_enough_and_each_has_a_name_of_its_own() -> None:
    assert len({bug.name for bug in PLANTED}) == len(PLANTED) >= PLANTED_MIN


@pytest.mark.parametrize("bug", PLANTED, ids=lambda bug: bug.name)
def test_place_of_the_bug_is_there_once(bug: PlantedBug) -> None:
    assert (ROOT / bug.path).read_text(encoding="utf-8").count(bug.right) == 1
    assert bug.right != bug.wrong
