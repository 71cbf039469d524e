"""Reads the words of caller tests that must be known: names of the site, and closed lists."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum
from typing import TypeVar

from ivr.flow.durations import duration_text
from ivr.flow.model import Hotline
from ivr.flow.problems import Code, Problems, did_you_mean, listing, quoted
from ivr.flow.requirement import RequirementMistake, parse_requirement, requirement_text
from ivr.flow.shape import Reader
from ivr.flow.site import SHARED, Site
from ivr.flow.yaml_tree import Tree
from ivr.flow.zone import Zones

NOBODY = "nobody"
"""What an author writes for no expert at all."""

COUNT_MAX = 1_000
"""Positions and offers."""

Word = TypeVar("Word", bound=Enum)


@dataclass(frozen=True, slots=True)
class Around:
    """What a caller test may refer to: its hotline, the site, the keys of all prompts, and the
    known time zones."""

    site: Site
    hotline: Hotline
    prompts: Collection[str]
    zones: Zones


class WordReader:
    """Reads the names and words of the tests of one hotline."""

    def __init__(self, around: Around, problems: Problems) -> None:
        self._around = around
        self._problems = problems
        self._read = Reader(problems)

    def word(self, tree: Tree, words: type[Word], what: str) -> Word | None:
        """One of these words."""
        text = self._read.text(tree, what)
        if text is None:
            return None
        found = next((each for each in words if each.value == text), None)
        if found is None:
            known = [str(each.value) for each in words]
            self._problems.error(
                Code.UNKNOWN_WORD,
                tree.place,
                f"{quoted(text)} is not {what}.",
                did_you_mean(text, known, otherwise=f"Choose one of: {listing(known)}."),
            )
        return found

    def prompt(self, tree: Tree) -> str | None:
        """The key of a prompt of the catalogue."""
        key = self._read.text(tree, "the key of a prompt")
        if key is None or key in self._around.prompts:
            return key
        known = sorted(self._around.prompts)
        remedy = did_you_mean(key, known, otherwise="Name one of prompts/catalogue.yaml.")
        message = f"There is no prompt {quoted(key)}."
        self._problems.error(Code.UNKNOWN_PROMPT, tree.place, message, remedy)
        return None

    def queue(self, tree: Tree) -> str | None:
        """The qualified name of a queue of the hotline, or of a shared one."""
        name = self._read.name(tree, "the name of a queue")
        if name is None:
            return None
        own = self._around.hotline.name
        queues = self._around.site.queues
        for folder in (own, SHARED):
            if f"{folder}/{name}" in queues:
                return f"{folder}/{name}"
        near = [each.split("/")[1] for each in queues if each.split("/")[0] in (own, SHARED)]
        self._problems.error(
            Code.UNKNOWN_QUEUE,
            tree.place,
            f"There is no queue {quoted(name)} in {own} or {SHARED}.",
            did_you_mean(name, near, otherwise=f"There are: {listing(near)}."),
        )
        return None

    def requirement(self, tree: Tree) -> str | None:
        """What a queue asks for, in its normal form."""
        text = self._read.text(tree, "what a queue asks for")
        if text is None:
            return None
        parsed = parse_requirement(text)
        if isinstance(parsed, RequirementMistake):
            self._problems.error(
                Code.BAD_REQUIREMENT, tree.place, f"{parsed.message}.", 'Write it as "data >= 3".'
            )
            return None
        for mention in parsed.mentions:
            if mention.skill not in self._around.site.skills:
                known = self._around.site.skills
                self.unknown(tree, mention.skill, known, what="skill", code=Code.UNKNOWN_SKILL)
        return requirement_text(parsed.requirement)

    def skill(self, tree: Tree) -> str | None:
        """One of the site's skills."""
        return self._one_of(tree, self._around.site.skills, Code.UNKNOWN_SKILL, "skill")

    def agent(self, tree: Tree) -> str | None:
        """One of the site's agents."""
        return self._one_of(tree, self._around.site.agents, Code.UNKNOWN_AGENT, "agent")

    def agent_or_nobody(self, tree: Tree) -> str | None:
        """One of the site's agents, or the word for none."""
        known = (NOBODY, *self._around.site.agents)
        return self._one_of(tree, known, Code.UNKNOWN_AGENT, "agent")

    def language(self, tree: Tree) -> str | None:
        """One of the hotline's languages."""
        known = self._around.hotline.languages
        return self._one_of(tree, known, Code.LANGUAGE_UNKNOWN, "language of this hotline")

    def node(self, tree: Tree) -> str | None:
        """One of the nodes of the hotline's flow."""
        known = self._around.hotline.flow.nodes
        # The nodes of a subflow have the name of its call before theirs: auth/ask-pin.
        name = self._read.text(tree, "a node of this hotline")
        if name is not None and name not in known:
            self.unknown(tree, name, known, what="node of this hotline", code=Code.UNKNOWN_NODE)
        return name

    def duration(self, tree: Tree, what: str, high_ms: int) -> str | None:
        """A duration, as an author would write it."""
        ms = self._read.duration(tree, what, low_ms=0, high_ms=high_ms)
        return None if ms is None else duration_text(ms)

    def count(self, tree: Tree, what: str) -> str | None:
        """A whole number, as text."""
        number = self._read.whole(tree, what, low=0, high=COUNT_MAX)
        return None if number is None else str(number)

    def unknown(
        self,
        tree: Tree,
        name: str,
        known: Collection[str],
        *,
        what: str,
        code: Code = Code.UNKNOWN_WORD,
    ) -> None:
        """Report a name that is none of the known ones."""
        self._problems.error(
            code,
            tree.place,
            f"There is no {what} {quoted(name)}.",
            did_you_mean(name, known, otherwise=f"There are: {listing(known)}."),
        )

    def _one_of(self, tree: Tree, known: Collection[str], code: Code, what: str) -> str | None:
        name = self._read.name(tree, f"a {what}")
        if name is None or name in known:
            return name
        self.unknown(tree, name, known, what=what, code=code)
        return None
