"""``docs/explaining.md`` names every kind of decision, and every field of its document."""

import re
from dataclasses import fields
from enum import Enum
from pathlib import Path
from typing import get_args

import pytest

from router.explain import (
    Chooser,
    Decision,
    NoWay,
    OfferEnd,
    StandReason,
    Unchanged,
    kind_of,
)
from router.grounds import Candidate, Competitor, Excluded, Exclusion, Lack, Standing

pytestmark = pytest.mark.tidy

PAGE = Path(__file__).resolve().parents[2] / "docs" / "explaining.md"
OF_ALL = {"contact", "at"}
GROUNDS = {
    "standing": Standing,
    "candidates": Candidate,
    "competitors": Competitor,
    "excluded": Excluded,
}


def rows() -> dict[str, str]:
    """The tables' rows by their first cell."""
    cells = (line.split("|") for line in PAGE.read_text().splitlines() if line.startswith("| `"))
    return {cell[1].strip().strip("`"): "|".join(cell[2:]) for cell in cells}


def named(row: str) -> set[str]:
    return set(re.findall(r"`([a-z_]+)`", row))


@pytest.mark.parametrize("kind", get_args(Decision), ids=lambda kind: kind.__name__)
def test_row_of_a_decision_names_what_it_holds(kind: type[Decision]) -> None:
    held = {each.name for each in fields(kind)} - OF_ALL
    row = rows()[kind_of(object.__new__(kind))]
    assert held - named(row) == set()


@pytest.mark.parametrize("name", GROUNDS)
def test_row_of_a_part_names_what_it_holds(name: str) -> None:
    held = {each.name for each in fields(GROUNDS[name])}
    if name == "excluded":
        held |= {each.name for each in fields(Lack)}
    assert held - named(rows()[name]) == set()


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("offer_lost", OfferEnd),
        ("stood", StandReason),
        ("offered", Chooser),
        ("refused", NoWay),
        ("change_refused", Unchanged),
    ],
)
def test_row_names_each_value_that_its_field_may_have(kind: str, values: type[Enum]) -> None:
    assert {each.value for each in values} - named(rows()[kind]) == set()


def test_every_rule_of_exclusion_is_told() -> None:
    assert {each.value for each in Exclusion} - named(PAGE.read_text()) == set()
