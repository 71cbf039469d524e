"""What becomes, in a rehearsal, of a caller who is put through: to an expert, an agent, or outside.

Who is called outside does what the test says; where it says nothing, the call is answered.
"""

from collections.abc import Iterable, Mapping

from ivr.call.phases import Phase
from ivr.flow.model import EnterQueue, Hotline
from ivr.flow.problems import Problems
from ivr.flow.requirement import parse_requirement
from ivr.flow.shape import Reader
from ivr.flow.site import Site
from ivr.flow.yaml_tree import Tree
from ivr.rehearsal.experts import LineHabit
from ivr.rehearsal.read_words import WordReader
from ivr.rehearsal.transcript import (
    GivenUp,
    LeavesQueue,
    RingsOutside,
    TalksOutside,
    Transcript,
    Waits,
)

NONE = "none"

_WAITS = (Phase.WAITING, Phase.ALERTING, Phase.JOINING)
_HEARS_SOMETHING = (Phase.SPEAKING, Phase.LISTENING, Phase.LOOKING_UP)
_AGENT = "agent "


def stay_of(transcript: Transcript, phase: Phase | None) -> Waits | None:
    """The stay in a queue that is not over: also while the caller hears something beside it."""
    stays = (Waits, GivenUp, LeavesQueue)
    last = next((line for line in reversed(transcript.lines) if isinstance(line, stays)), None)
    if phase in _HEARS_SOMETHING:
        return last if isinstance(last, Waits) else None
    lines = reversed(transcript.lines)
    waits = (line for line in lines if isinstance(line, Waits))
    return next(waits, None) if phase in _WAITS else None


def put_through_to(transcript: Transcript, phase: Phase | None, hotline: Hotline) -> str:
    """To whom the caller is being put through now, as the author named it in ``transfer:``."""
    if phase is Phase.CALLING_OUTSIDE:
        called = [
            line.to for line in transcript.lines if isinstance(line, RingsOutside | TalksOutside)
        ]
        return called[-1] if called else NONE
    stay = stay_of(transcript, phase)
    for node in hotline.flow.nodes.values():
        if stay is not None and isinstance(node, EnterQueue) and node.queue == stay.queue:
            return node.transfer.removeprefix(_AGENT) or NONE
    return NONE


class TransferReader:
    """Reads what a caller test says of transfers."""

    def __init__(self, site: Site, words: WordReader, problems: Problems) -> None:
        self._site = site
        self._words = words
        self._read = Reader(problems)

    def target(self, tree: Tree) -> str | None:
        """An outside number or an agent by name, or what an expert must have."""
        text = self._read.text(tree, "to whom the caller is put through")
        if text is None or text == NONE:
            return text
        known = (*self._site.outside_numbers, *self._site.agents)
        if text in known:
            return text
        parsed = parse_requirement(text)
        skills = self._site.skills
        if not hasattr(parsed, "requirement") or (text.isidentifier() and text not in skills):
            self._words.unknown(tree, text, (*known, *skills), what="transfer")
            return None
        return self._words.requirement(tree)

    def number(self, tree: Tree) -> str | None:
        """One of the outside numbers of the site."""
        name = self._read.name(tree, "the name of an outside number")
        if name is None or name in self._site.outside_numbers:
            return name
        self._words.unknown(tree, name, tuple(self._site.outside_numbers), what="outside number")
        return None

    def habits(self, written: Iterable[tuple[str, Tree]]) -> Mapping[str, LineHabit]:
        """What becomes of calls to each of these numbers."""
        read = [(name, self._habit(tree)) for name, tree in written]
        return {name: habit for name, habit in read if habit is not None}

    def _habit(self, tree: Tree) -> LineHabit | None:
        return self._words.word(tree, LineHabit, "what becomes of a call outside")
