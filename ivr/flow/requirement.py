"""The tiny grammar of ``require``: which skills, at which level, and or or.

    requirement = conjunction, { "or", conjunction }
    conjunction = term, { "and", term }
    term        = "(", requirement, ")" | skill, [ ">=", level ]

A bare skill means level 1 or better. The value is a normal form: alternatives, each a set of
skills with their lowest levels, none of which makes another superfluous, in a fixed order. So two
authors' spellings of one thing are equal, and the router indexes few distinct requirements.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn

LEVEL_MIN, LEVEL_MAX = 1, 100
"""Skill levels, for agents as for requirements."""

LEVEL_DIGITS_MAX = 3
"""As many as the highest level has; longer figures are not even read as a number."""

ALTERNATIVES_MAX = 16
"""Each alternative is an index entry per waiting contact in the router."""

TOKENS_MAX = 200
"""Words, levels and marks of one requirement: bounds the time that reading it takes."""

PARENTHESES_DEPTH_MAX = 8
"""Bounds the recursion of the reader."""

_TOKEN = re.compile(r"\s*(?:(?P<word>[A-Za-z][\w-]*)|(?P<level>[0-9]+)|(?P<mark>>=|[()]))", re.A)
_SPACE = re.compile(r"\s*")

Levels = Mapping[str, int]
"""Skill -> the lowest sufficient level."""


@dataclass(frozen=True, slots=True)
class SkillRequirement:
    """Who may take a contact: anybody who meets one of the alternatives."""

    alternatives: tuple[Levels, ...]

    def met_by(self, skills: Levels) -> bool:
        """Whether somebody with these skills may take the contact."""
        return any(
            all(skills.get(skill, 0) >= level for skill, level in levels.items())
            for levels in self.alternatives
        )


def requirement_text(requirement: SkillRequirement) -> str:
    """The requirement as an author would write it, for texts that people read."""
    return " or ".join(
        " and ".join(
            skill if level == LEVEL_MIN else f"{skill} >= {level}"
            for skill, level in levels.items()
        )
        for levels in requirement.alternatives
    )


def asks_more(one: SkillRequirement, other: SkillRequirement) -> bool:
    """Whether everybody who meets ``one`` meets the ``other`` too, and not the other way round."""
    return _covers(other, one) and not _covers(one, other)


def _covers(wider: SkillRequirement, narrower: SkillRequirement) -> bool:
    return all(
        any(_easier(each, levels) for each in wider.alternatives)
        for levels in narrower.alternatives
    )


@dataclass(frozen=True, slots=True)
class SkillMention:
    """A skill as it stands in the text, so that an unknown one is told with its place."""

    skill: str
    offset: int


@dataclass(frozen=True, slots=True)
class ParsedRequirement:
    """A requirement that reads well; whether its skills exist is for the caller to check."""

    requirement: SkillRequirement
    mentions: tuple[SkillMention, ...]


@dataclass(frozen=True, slots=True)
class RequirementMistake:
    """Why a text is no requirement, and at which character of it."""

    offset: int
    message: str


def parse_requirement(text: str) -> ParsedRequirement | RequirementMistake:
    """The normal form of an author's requirement, or the first mistake in it."""
    tokens = _tokens(text)
    if isinstance(tokens, RequirementMistake):
        return tokens
    return _Parser(tokens, len(text)).parse()


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    offset: int


def _tokens(text: str) -> list[_Token] | RequirementMistake:
    tokens: list[_Token] = []
    at = 0
    while _SPACE.match(text, at).end() < len(text):  # pyright: ignore[reportOptionalMemberAccess]
        found = _TOKEN.match(text, at)
        if found is None:
            at = len(text) - len(text[at:].lstrip())
            return RequirementMistake(at, _unreadable(text[at:]))
        kind = found.lastgroup or ""
        word = found.group(kind)
        tokens.append(_Token(word if word in ("and", "or") else kind, word, found.start(kind)))
        if len(tokens) > TOKENS_MAX:
            return RequirementMistake(tokens[-1].offset, f"it has over {TOKENS_MAX} words")
        at = found.end()
    return tokens


def _unreadable(rest: str) -> str:
    if rest[0] in "<>=!":
        return "the only comparison is >=, the lowest sufficient level"
    if rest[0] in "&|,+":
        return "skills are joined by the words `and` and `or`"
    return f"the character {rest[0]!r} means nothing here"


class _Mistaken(Exception):
    """Carries a mistake out of the recursion; never leaves this module."""

    def __init__(self, mistake: RequirementMistake) -> None:
        super().__init__(mistake.message)
        self.mistake = mistake


class _Parser:
    """Recursive descent over at most TOKENS_MAX tokens and PARENTHESES_DEPTH_MAX levels."""

    def __init__(self, tokens: list[_Token], end: int) -> None:
        self._tokens = tokens
        self._end = end
        self._at = 0
        self._mentions: list[SkillMention] = []

    def parse(self) -> ParsedRequirement | RequirementMistake:
        try:
            alternatives = self._either(depth=0)
            left = self._peek()
            if left is not None:
                self._fail(f"`and` or `or` is missing before {left.text}")
        except _Mistaken as stopped:
            return stopped.mistake
        ordered = sorted(alternatives, key=lambda levels: sorted(levels.items()))
        canonical = tuple(dict(sorted(levels.items())) for levels in ordered)
        return ParsedRequirement(SkillRequirement(canonical), tuple(self._mentions))

    def _peek(self) -> _Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _take(self, text: str) -> bool:
        token = self._peek()
        if token is None or token.text != text:
            return False
        self._at += 1
        return True

    def _fail(self, message: str) -> NoReturn:
        token = self._peek()
        offset = self._end if token is None else token.offset
        raise _Mistaken(RequirementMistake(offset, message))

    def _either(self, *, depth: int) -> list[Levels]:
        found = self._both(depth=depth)
        while self._take("or"):
            found = self._bounded(_without_superfluous(found + self._both(depth=depth)))
        return found

    def _both(self, *, depth: int) -> list[Levels]:
        found = self._term(depth=depth)
        while self._take("and"):
            other = self._term(depth=depth)
            joined = [_joined(one, two) for one in found for two in other]
            found = self._bounded(_without_superfluous(joined))
        return found

    def _bounded(self, alternatives: list[Levels]) -> list[Levels]:
        if len(alternatives) > ALTERNATIVES_MAX:
            self._fail(f"written out it has over {ALTERNATIVES_MAX} alternatives")
        return alternatives

    def _term(self, *, depth: int) -> list[Levels]:
        if self._take("("):
            if depth >= PARENTHESES_DEPTH_MAX:
                self._fail(f"parentheses are nested over {PARENTHESES_DEPTH_MAX} deep")
            inner = self._either(depth=depth + 1)
            if not self._take(")"):
                self._fail("a closing parenthesis is missing")
            return inner
        token = self._peek()
        if token is None or token.kind != "word":
            self._fail("a skill is missing" + ("" if token is None else f" before {token.text}"))
        self._at += 1
        self._mentions.append(SkillMention(token.text, token.offset))
        return [{token.text: self._level() if self._take(">=") else LEVEL_MIN}]

    def _level(self) -> int:
        token = self._peek()
        if token is None or token.kind != "level":
            self._fail(f"a level ({LEVEL_MIN} to {LEVEL_MAX}) is missing after >=")
        if len(token.text) > LEVEL_DIGITS_MAX or not LEVEL_MIN <= int(token.text) <= LEVEL_MAX:
            self._fail(f"levels go from {LEVEL_MIN} to {LEVEL_MAX}")
        self._at += 1
        return int(token.text)


def _joined(one: Levels, two: Levels) -> Levels:
    joined = dict(one)
    for skill, level in two.items():
        joined[skill] = max(level, joined.get(skill, 0))
    return joined


def _without_superfluous(alternatives: list[Levels]) -> list[Levels]:
    """The alternatives that no easier one makes needless (``a or a and b`` is ``a``)."""
    kept: list[Levels] = []
    for levels in alternatives:
        if any(_easier(other, levels) for other in kept):
            continue
        kept = [other for other in kept if not _easier(levels, other)]
        kept.append(levels)
    return kept


def _easier(one: Levels, two: Levels) -> bool:
    """Whether everybody who meets ``two`` meets ``one`` as well."""
    return all(two.get(skill, 0) >= level for skill, level in one.items())
