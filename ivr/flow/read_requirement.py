"""Reads what is asked of an agent, wherever it is written; its skills have to exist."""

from ivr.flow.problems import Code, Place, quoted
from ivr.flow.read_names import report_unknown_skill
from ivr.flow.requirement import (
    ParsedRequirement,
    RequirementMistake,
    SkillRequirement,
    parse_requirement,
)
from ivr.flow.shape import Reader
from ivr.flow.yaml_tree import Scalar, Tree


def read_requirement(
    read: Reader, skills: tuple[str, ...] | None, tree: Tree
) -> SkillRequirement | None:
    """The requirement, or None when it can not be read.

    ``skills`` are the site's; None when its list could not be read. An unknown skill is reported,
    and yet the requirement is given.
    """
    scalar = read.scalar(tree, "the requirement")
    if scalar is None:
        return None
    parsed = parse_requirement(scalar.text)
    if isinstance(parsed, RequirementMistake):
        read.problems.error(
            Code.BAD_REQUIREMENT,
            _within(scalar, parsed.offset),
            f"The requirement {quoted(scalar.text)} can not be read: {parsed.message}.",
            'Write skills and levels as in "data >= 3 and (general or group)".',
        )
        return None
    _check_skills(read, skills, scalar, parsed)
    return parsed.requirement


def _check_skills(
    read: Reader, skills: tuple[str, ...] | None, scalar: Scalar, parsed: ParsedRequirement
) -> None:
    for mention in parsed.mentions:
        if skills is not None and mention.skill not in skills:
            place = _within(scalar, mention.offset)
            report_unknown_skill(Scalar(mention.skill, True, place), skills, read.problems)


def _within(scalar: Scalar, offset: int) -> Place:
    """The place of a character of a scalar; exact where it stands on one line unescaped."""
    place = scalar.place
    return Place(place.file, place.line, place.column + offset + (0 if scalar.plain else 1))
