"""Reads what a caller test expects of texts that are sent and of questions that are answered."""

from ivr.flow.model import AskQuestion, Hotline
from ivr.flow.problems import Problems
from ivr.flow.shape import Fields, Reader
from ivr.flow.yaml_tree import Tree
from ivr.rehearsal.caller_test import Expectation
from ivr.rehearsal.read_words import WordReader
from ivr.rehearsal.texting import ANSWERS, MESSAGES, NONE, answer_of


class SaidReader:
    """Reads what a caller test expects of texts and answers."""

    def __init__(self, hotline: Hotline, words: WordReader, problems: Problems) -> None:
        self._hotline = hotline
        self._words = words
        self._read = Reader(problems)

    def message(self, tree: Tree) -> str | None:
        """A text that this hotline can send."""
        return self._known(tree, tuple(self._hotline.texts), what="text of this hotline")

    def endings(self, fields: Fields) -> tuple[Expectation, ...]:
        """What must have been sent and answered when the call is over."""
        return (*self._messages(fields), *self._answers(fields))

    def _messages(self, fields: Fields) -> tuple[Expectation, ...]:
        tree = fields.value(MESSAGES)
        items = None if tree is None else self._read.items(tree, "the messages")
        if tree is None or items is None:
            return ()
        names = [self.message(item) for item in items]
        good = [name for name in names if name is not None]
        if len(good) < len(names):
            return ()
        return (Expectation(tree.place, MESSAGES, ", ".join(good) or NONE),)

    def _answers(self, fields: Fields) -> tuple[Expectation, ...]:
        tree = fields.value(ANSWERS)
        table = None if tree is None else self._read.table(tree, "the answers", keys=("service",))
        nodes = self._hotline.flow.nodes.values()
        asked = tuple(each.question for each in nodes if isinstance(each, AskQuestion))
        found: list[Expectation] = []
        for entry in () if table is None else table.entries:
            question = self._known(entry.key, asked, what="question of this hotline")
            key = self._read.text(entry.value, "the answer")
            if question is not None and key is not None:
                found.append(Expectation(entry.key.place, answer_of(question), key))
        return tuple(found)

    def _known(self, tree: Tree, known: tuple[str, ...], *, what: str) -> str | None:
        name = self._read.text(tree, f"the name of a {what}")
        if name is None or name in known:
            return name
        self._words.unknown(tree, name, known, what=what)
        return None
