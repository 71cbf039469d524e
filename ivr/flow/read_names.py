"""Reads names that refer elsewhere (prompts, languages, queues, skills); they have to exist."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from ivr.flow.model import Language, PromptKey
from ivr.flow.opening import Calendar
from ivr.flow.problems import Code, Problems, closest, did_you_mean, listing, quoted
from ivr.flow.read_messages import TextBook
from ivr.flow.read_services import KnownServices
from ivr.flow.shape import Reader
from ivr.flow.site import SHARED, QueueEntry
from ivr.flow.transfers import TransferBook
from ivr.flow.yaml_tree import Scalar, Tree

BUILD_AUDIO = "Run `expertline prompts build --write-durations`, and commit durations.json."

PromptBook = Mapping[str, Collection[str]]
"""Language -> the keys of the prompts it has."""

KnownQueues = Mapping[str, QueueEntry | None]
"""Qualified name -> the queue, None when it is there but could not be read."""


KnownCalendars = Mapping[str, Calendar | None]
"""Name -> the calendar, None when it is there but could not be read."""


@dataclass(frozen=True, slots=True)
class SpokenBook:
    """The prompts whose audio was made, and those of them whose words are others since then."""

    made: PromptBook
    stale: PromptBook = field(default_factory=dict[str, Collection[str]])


@dataclass(frozen=True, slots=True)
class KnownNames:
    """What nodes of one hotline may refer to.

    ``queues`` holds qualified names; it is None when the files that define them could not be
    read, so that one broken file does not make every reference to it look wrong; a single queue
    that could not be read has no entry. ``languages`` and ``skills`` are None likewise.
    """

    hotline: str
    languages: tuple[Language, ...] | None
    prompts: PromptBook
    queues: KnownQueues | None
    skills: tuple[str, ...] | None
    spoken: SpokenBook | None = None
    "Which prompts have their audio; None where that is not known."
    calendars: KnownCalendars | None = None
    texts: TextBook = field(default_factory=TextBook)
    "The texts that its nodes may send; shared by all of them."
    services: KnownServices | None = None
    transfers: TransferBook = field(default_factory=TransferBook)
    entered: set[str] = field(default_factory=set[str])
    "The queues that nodes name, gathered while they are read."
    pool_bounded: bool = True
    "Whether it is bounded how many wait in all queues together; also where that is not known."


class NameReader:
    """Reads the references of one hotline's nodes."""

    def __init__(self, known: KnownNames, problems: Problems) -> None:
        self._known = known
        self._problems = problems
        self._read = Reader(problems)
        self.hotline = known.hotline
        self.skills = known.skills
        self.transfers = known.transfers
        self.pool_bounded = known.pool_bounded

    def prompt_keys(self, tree: Tree) -> tuple[PromptKey, ...] | None:
        """One prompt or a list of them, each with a text in every language of the hotline."""
        items = self._read.one_or_more(tree, "prompts")
        if items is None:
            return None
        keys = [self._prompt(item) for item in items]
        good = tuple(key for key in keys if key is not None)
        return good if len(good) == len(keys) else None

    def _prompt(self, tree: Tree) -> PromptKey | None:
        key = self._read.text(tree, "the key of a prompt")
        if key is None:
            return None
        if self._problems.full(tree.place.file):
            return None
        if not any(key in keys for keys in self._known.prompts.values()):
            known = sorted({each for keys in self._known.prompts.values() for each in keys})
            otherwise = "Add it to prompts/catalogue.yaml, with its text in each language."
            self._problems.error(
                Code.UNKNOWN_PROMPT,
                tree.place,
                f"There is no prompt {quoted(key)}.",
                _or_add(key, known, otherwise),
            )
            return None
        lacking = [
            language
            for language in self._known.languages or ()
            if language in self._known.prompts and key not in self._known.prompts[language]
        ]
        if lacking:
            self._problems.error(
                Code.PROMPT_UNTRANSLATED,
                tree.place,
                f"The prompt {quoted(key)} has no text in {listing(lacking)}.",
                "Add the text to prompts/catalogue.yaml.",
            )
        self._check_spoken(key, tree)
        return PromptKey(key)

    def _check_spoken(self, key: str, tree: Tree) -> None:
        """A text without audio would be a silence in the call, one with old audio be unheard."""
        known, audio = self._known, self._known.spoken
        if audio is None:
            return
        languages = known.languages or ()
        with_text = [each for each in languages if key in known.prompts.get(each, ())]
        silent = [each for each in with_text if key not in audio.made.get(each, ())]
        stale = [each for each in languages if key in audio.stale.get(each, ())]
        if silent:
            self._problems.error(
                Code.PROMPT_UNSPOKEN,
                tree.place,
                f"The prompt {quoted(key)} has a text, but no audio in {listing(silent)}.",
                BUILD_AUDIO,
            )
        if stale:
            self._problems.warn(
                Code.PROMPT_STALE,
                tree.place,
                f"The words of the prompt {quoted(key)} in {listing(stale)} were changed after its "
                "audio was made: callers hear the old ones.",
                BUILD_AUDIO,
            )

    def language(self, tree: Tree) -> Language | None:
        """One of the hotline's languages."""
        name = self._read.name(tree, "a language")
        known = self._known.languages
        if name is None or known is None or name in known:
            return None if name is None else Language(name)
        self._problems.error(
            Code.LANGUAGE_UNKNOWN,
            tree.place,
            f"{quoted(name)} is not among the languages of this hotline.",
            did_you_mean(name, known, otherwise=f"Choose one of: {listing(known)}."),
        )
        return None

    def calendar(self, tree: Tree) -> Calendar | None:
        """The calendar an author means: the hotline's own, else one of the site."""
        name = self._read.name(tree, "the name of a calendar")
        calendars = self._known.calendars
        if name is None or calendars is None or name in calendars:
            return None if name is None or calendars is None else calendars[name]
        self._problems.error(
            Code.UNKNOWN_CALENDAR,
            tree.place,
            f"There is no calendar {quoted(name)}.",
            _or_add(
                name, tuple(calendars), "Add it under `calendars:` of the hotline or of site.yaml."
            ),
        )
        return None

    def queue_name(self, tree: Tree) -> str | None:
        """The qualified name of the queue an author means: the hotline's own, else a shared one."""
        name = self._read.name(tree, "the name of a queue")
        queues = self._known.queues
        if name is None or queues is None:
            return None
        for folder in (self._known.hotline, SHARED):
            if f"{folder}/{name}" in queues:
                self._known.entered.add(f"{folder}/{name}")
                return f"{folder}/{name}"
        if self._problems.full(tree.place.file):
            return None
        near = [each.split("/")[1] for each in queues if self._is_reachable(each)]
        own = self._known.hotline
        file = "shared/queues.yaml" if own == SHARED else "the hotline's queues.yaml"
        self._problems.error(
            Code.UNKNOWN_QUEUE,
            tree.place,
            f"There is no queue {quoted(name)} in {' or '.join(dict.fromkeys((own, SHARED)))}.",
            _or_add(name, near, f"Define it in {file}."),
        )
        return None

    def queue(self, name: str) -> QueueEntry | None:
        """The queue of a qualified name, as far as it could be read."""
        return (self._known.queues or {}).get(name)

    def skill(self, tree: Tree) -> str | None:
        """One of the site's skills."""
        name = self._read.name(tree, "the name of a skill")
        known = self._known.skills
        if name is None or known is None or name in known:
            return name
        report_unknown_skill(Scalar(name, True, tree.place), known, self._problems)
        return None

    def _is_reachable(self, queue: str) -> bool:
        return queue.split("/")[0] in (self._known.hotline, SHARED)


def _or_add(name: str, known: Collection[str], adding: str) -> str:
    """A remedy for a name that may be misspelt, or be meant to be new: both are told."""
    near = closest(name, known)
    if near is None:
        return adding
    return f"Did you mean {quoted(near)}? If not: {adding[:1].lower()}{adding[1:]}"


def report_unknown_skill(written: Scalar, skills: tuple[str, ...], problems: Problems) -> None:
    """Report a skill that the site's list does not have."""
    if problems.full(written.place.file):
        return
    problems.error(
        Code.UNKNOWN_SKILL,
        written.place,
        f"There is no skill {quoted(written.text)}.",
        _or_add(
            written.text,
            skills,
            f"Add it to the skills of site.yaml; there are: {listing(skills)}.",
        ),
    )
