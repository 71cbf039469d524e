"""Reads messages.yaml: the texts that a hotline, or every hotline, may send to its callers."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from ivr.flow.keys import Form, Inner, Key, Name, Named, Shape, Whole
from ivr.flow.model import Flow, TextMessage
from ivr.flow.problems import Code, Place, Problems, quoted
from ivr.flow.shape import Fields, Reader, yaml_11_trap
from ivr.flow.site import SHARED
from ivr.flow.sms_length import SEPTETS_PART
from ivr.flow.texts import PARTS_MAX, Template, Wording, WordingMistake, wording_of
from ivr.flow.wording_slips import brace_slip, wide_brace
from ivr.flow.yaml_tree import Entry, Tree, read_tree
from ivr.prompts.model import LANGUAGES

MESSAGES_FILE = "messages.yaml"

SHARED_PREFIX = f"{SHARED}/"
"""Begins the name of a text that every hotline may send."""

WORDING_CHARS_MAX = 2 * PARTS_MAX * SEPTETS_PART
"""Of a text as it is written; its names of variables are longer than what stands for them."""

_WORDING = Form(rf"[\s\S]{{1,{WORDING_CHARS_MAX}}}", "a text with {variables}")
MESSAGE = Shape(
    "a message",
    (
        *(
            Key(each, f"the text in {each}, {{name}} where a value stands", value=_WORDING)
            for each in LANGUAGES
        ),
        Key("parts", "how many SMS it may take", value=Whole(1, PARTS_MAX), default=1),
    ),
)
MESSAGES = Shape(
    "messages.yaml",
    (Key("messages", "the texts by name", required=True, value=Named(Inner(MESSAGE), key=Name())),),
)


@dataclass(frozen=True, slots=True)
class KnownText:
    """A text as it was read: None when something in it is wrong. ``places`` go by language."""

    template: Template | None
    place: Place
    places: Mapping[str, Place] = field(default_factory=dict[str, Place])


KnownTexts = Mapping[str, KnownText]
"""Name -> the text, as a hotline names it: those of all with ``shared/`` before their own."""


@dataclass(slots=True)
class TextBook:
    """The texts that one hotline may send, and which of them its nodes do; likewise questions.

    ``texts`` is None when a file of them could not be read, so that one mistake there does not
    make every use look wrong. ``asked`` holds where each question of the hotline stands.
    """

    texts: KnownTexts | None = field(default_factory=dict[str, KnownText])
    sent: set[str] = field(default_factory=set[str])
    asked: dict[str, Place] = field(default_factory=dict[str, Place])

    def sent_by(self, flow: Flow) -> dict[str, Template]:
        """The texts that this flow sends, by name."""
        names = {each.template for each in flow.nodes.values() if isinstance(each, TextMessage)}
        known = {name: text.template for name, text in (self.texts or {}).items()}
        return {name: template for name in sorted(names) if (template := known.get(name))}


class SiteTexts:
    """The texts of all hotlines, as their files are read, and what was made of them."""

    def __init__(self, problems: Problems) -> None:
        self._problems = problems
        self._read: dict[str, KnownTexts | None] = {}
        self._books: dict[str, TextBook] = {}

    def read(self, folder: str, tree: Tree | None) -> None:
        """Take in the file of this folder; None where it is no YAML."""
        prefix = SHARED_PREFIX if folder == SHARED else ""
        reader = MessagesReader(self._problems, prefix=prefix)
        self._read[folder] = None if tree is None else reader.read(tree)

    def book(self, hotline: str) -> TextBook:
        """What the nodes of this hotline may send."""
        none = dict[str, KnownText]()
        own, shared = (self._read.get(each, none) for each in (hotline, SHARED))
        book = TextBook(None if own is None or shared is None else {**shared, **own})
        self._books[hotline] = book
        return book

    def warn_unused(self, whole: Collection[str]) -> None:
        """Name the texts that no node sends, where all the hotlines that could were read."""
        for folder, texts in self._read.items():
            senders = self._books if folder == SHARED else [folder]
            if not set(senders).issubset(whole):
                continue
            sent = {name for each in senders for name in self._books[each].sent}
            for name, text in (texts or {}).items():
                if name not in sent:
                    self._problems.warn(
                        Code.UNUSED_MESSAGE,
                        text.place,
                        f"No node sends the text {quoted(name)}.",
                        "Send it by a message node, or remove it.",
                    )


class MessagesReader:
    """Reads one messages.yaml."""

    def __init__(self, problems: Problems, *, prefix: str = "") -> None:
        self._problems = problems
        self._read = Reader(problems)
        self._prefix = prefix

    def read(self, tree: Tree) -> dict[str, KnownText] | None:
        """The texts by the name a hotline uses; None where the file has another form."""
        fields = self._read.fields(tree, MESSAGES)
        written = None if fields is None else fields.value("messages")
        table = (
            None if written is None else self._read.table(written, "messages", keys=("balance",))
        )
        if table is None:
            return None
        found: dict[str, KnownText] = {}
        for entry in table.entries:
            name = self._read.name(entry.key, "the name of a text")
            if name is not None:
                found[f"{self._prefix}{name}"] = self._text(entry)
        return found

    def _text(self, entry: Entry) -> KnownText:
        place = entry.key.place
        fields = self._read.fields(entry.value, MESSAGE)
        if fields is None:
            return KnownText(None, place)
        parts = self._parts(fields)
        wordings: dict[str, Wording] = {}
        places: dict[str, Place] = {}
        whole = parts is not None
        for language in LANGUAGES:
            written = fields.value(language)
            if written is None:
                continue
            wording = self._wording(written)
            places[language] = written.place
            if wording is None:
                whole = False
            else:
                wordings[language] = wording
        if parts is None or not whole:
            return KnownText(None, place, places)
        return KnownText(Template(wordings, parts), place, places)

    def _parts(self, fields: Fields) -> int | None:
        written = fields.value("parts")
        if written is None:
            return 1
        return self._read.whole(written, "the number of parts", low=1, high=PARTS_MAX)

    def _wording(self, tree: Tree) -> Wording | None:
        written = self._read.scalar(tree, "the text")
        if written is None:
            return None
        taken_for = yaml_11_trap(written)
        if taken_for is not None:
            self._problems.error(
                Code.YAML_11_TRAP,
                written.place,
                f"The text is the unquoted {written.text}, which some YAML readers take for "
                f"{taken_for}.",
                f'Write it in quotes: "{written.text}".',
            )
            return None
        if not written.text.strip() or len(written.text) > WORDING_CHARS_MAX:
            self._problems.error(
                Code.BAD_TEXT,
                written.place,
                f"The text has {len(written.text.strip())} characters; it needs 1 to "
                f"{WORDING_CHARS_MAX}.",
                "Write a shorter text, or one that says something.",
            )
            return None
        slip = wide_brace(written.text)
        if slip is None:
            try:
                return wording_of(written.text)
            except WordingMistake as mistake:
                slip = brace_slip(written.text, mistake.column)
        self._problems.error(
            Code.BAD_PLACEHOLDER,
            written.place,
            f"The text {quoted(written.text)} {slip.wrong}.",
            slip.remedy,
        )
        return None


def texts_in(files: Mapping[str, str], hotline: str) -> dict[str, Template]:
    """The texts that a hotline of these files can send, by name; what is wrong there is left out.

    For files that were checked before: what they could send is to be shown, not judged.
    """
    found: dict[str, Template] = {}
    for folder, prefix in ((SHARED, SHARED_PREFIX), (hotline, "")):
        file = f"{folder}/{MESSAGES_FILE}"
        if file not in files:
            continue
        problems = Problems()
        tree = read_tree(file, files[file], problems)
        known = None if tree is None else MessagesReader(problems, prefix=prefix).read(tree)
        for name, text in (known or {}).items():
            if text.template is not None:
                found[name] = text.template
    return found
