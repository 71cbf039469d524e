"""Reads the catalogue of prompts; every mistake in it is reported at once, with its place.

The only door to `prompts/catalogue.yaml` and `prompts/durations.json`. The file is composed, not
loaded: YAML nodes keep their marks, so a mistake is named by file:line:column, and no scalar is
turned into something else than its letters (`no` stays a word, `1` stays a text).
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final, cast

import yaml

from ivr.prompts import fragments
from ivr.prompts.model import (
    LANGUAGES,
    Catalogue,
    Duration,
    Language,
    Prompt,
    PromptProblem,
    Sound,
    is_legal_key,
    sounds_of,
)

ROOT: Final = Path(__file__).resolve().parents[2]
CATALOGUE_PATH: Final = ROOT / "prompts" / "catalogue.yaml"
DURATIONS_NAME: Final = "durations.json"

FILE_BYTES_MAX: Final = 1_000_000
"""Several thousand prompts; a larger file is something else."""

TEXT_LENGTH_MAX: Final = 500
"""Characters of one prompt: over a minute of speech, which no caller listens to."""

_QUOTED_MAX: Final = 60
"""Characters of an author's words repeated in a message."""

_SECTIONS: Final = ("licence", "prompts", "fragments")
_ENTRY_FIELDS: Final = (*LANGUAGES, "licence", "bilingual")


class CatalogueInvalid(Exception):
    """The catalogue can not be used; `problems` says each mistake in a sentence."""

    def __init__(self, problems: tuple[PromptProblem, ...]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


def load_catalogue(path: Path = CATALOGUE_PATH, durations_path: Path | None = None) -> Catalogue:
    """The catalogue and its committed durations, or `CatalogueInvalid` with every mistake."""
    catalogue, problems = read_catalogue(path, durations_path)
    if problems:
        raise CatalogueInvalid(problems)
    return catalogue


def read_catalogue(
    path: Path = CATALOGUE_PATH, durations_path: Path | None = None
) -> tuple[Catalogue, tuple[PromptProblem, ...]]:
    """What is usable of the catalogue, and all that is wrong with it.

    For the checker, which goes on with the good entries so that the author sees the mistakes in
    the text and in the audio in one run. Durations are looked for beside the catalogue; none at
    all is no mistake here, since the first build has to start somewhere.
    """
    reader = _Reader(path)
    prompts = reader.read()
    durations, problems = read_durations(durations_path or path.with_name(DURATIONS_NAME))
    catalogue = Catalogue(
        prompts=MappingProxyType(prompts),
        sounds=MappingProxyType(sounds_of(prompts.values())),
        durations=MappingProxyType(durations),
    )
    return catalogue, (*reader.problems, *problems)


def read_durations(path: Path) -> tuple[dict[str, Duration], tuple[PromptProblem, ...]]:
    """The committed durations by sound name; empty when there is no such file."""
    try:
        document: object = json.loads(path.read_text(encoding="utf-8"))
        rows = cast("Mapping[str, Mapping[str, Mapping[str, object]]]", document)
        found = {
            f"{folder}/{key}": Duration(int(str(row["ms"])), str(row["sha256"]))
            for key, folders in rows.items()
            for folder, row in folders.items()
        }
    except FileNotFoundError:
        return {}, ()
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        remedy = "write it anew with `expertline prompts build --write-durations`"
        return {}, (
            PromptProblem("durations-unreadable", str(path), f"can not be read ({error})", remedy),
        )
    return found, ()


def format_durations(durations: Mapping[Sound, int]) -> str:
    """The text of `durations.json`: key -> language -> ms and sha256, one line a key."""
    rows: dict[str, dict[str, dict[str, object]]] = {}
    for sound in sorted(durations, key=lambda sound: (sound.key, sound.folder)):
        row: dict[str, object] = {"ms": durations[sound], "sha256": sound.text_sha256}
        rows.setdefault(sound.key, {})[sound.folder] = row
    lines = (f" {json.dumps(key)}: {json.dumps(row)}" for key, row in rows.items())
    return "{\n" + ",\n".join(lines) + "\n}\n"


class _Reader:
    """One pass over one file, collecting mistakes as it goes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._licence = ""
        self.problems: list[PromptProblem] = []

    def read(self) -> dict[str, Prompt]:
        root = self._compose()
        if root is None:
            return {}
        if not isinstance(root, yaml.MappingNode):
            self._say("shape", root, "the catalogue is no list of `key: value`", "write it so")
            return {}
        sections = self._fields(root, "the catalogue", _SECTIONS)
        if "licence" in sections:
            self._licence = self._text(sections["licence"], "licence")
        prompts: dict[str, Prompt] = {}
        for section in ("prompts", "fragments"):
            node = sections.get(section)
            if node is None:
                if section == "prompts":
                    self._say("section-missing", root, "there is no `prompts:`", "add it")
                continue
            self._read_section(node, prompts, fragment=section == "fragments")
        self._require_grammar(root, prompts)
        return prompts

    def _compose(self) -> yaml.Node | None:
        text = self._read_text()
        if text is None:
            return None
        place, message, remedy = str(self._path), "is empty", "add `prompts:`"
        try:
            node = yaml.compose(text, yaml.SafeLoader)  # pyright: ignore[reportUnknownMemberType]
            if node is not None:
                return node
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            place += f":{mark.line + 1}:{mark.column + 1}" if mark else ""
            message, remedy = f"is no YAML ({error.problem or error.context})", "mend the line"
        except RecursionError:
            message, remedy = "is nested too deeply", "write prompts as in the shipped file"
        except yaml.YAMLError as error:
            message, remedy = f"is no YAML ({error})".replace("\n", " "), "mend the file"
        self.problems.append(PromptProblem("yaml", place, message, remedy))
        return None

    def _read_text(self) -> str | None:
        place = str(self._path)
        try:
            if self._path.stat().st_size <= FILE_BYTES_MAX:
                return self._path.read_text(encoding="utf-8")
            message, remedy = f"is over {FILE_BYTES_MAX} bytes", "remove what is no prompt"
        except OSError as error:
            message, remedy = f"can not be read ({error.strerror})", "name an existing catalogue"
        except UnicodeDecodeError:
            message, remedy = "is not UTF-8", "save it as UTF-8"
        self.problems.append(PromptProblem("file-unreadable", place, message, remedy))
        return None

    def _read_section(self, node: yaml.Node, prompts: dict[str, Prompt], *, fragment: bool) -> None:
        for key_node, value in self._pairs(node, "the list of prompts"):
            key = _name(key_node)
            if not is_legal_key(key):
                remedy = "use a-z, 0-9, `_` and `-`, in parts joined by single slashes"
                self._say(
                    "key-illegal", key_node, f"{key[:_QUOTED_MAX]!r} can not name a prompt", remedy
                )
            elif key in prompts:
                remedy = "keep one of them"
                self._say("key-twice", key_node, f"{key!r} is a prompt and a fragment", remedy)
            else:
                prompt = self._read_prompt(key, value, fragment=fragment)
                if prompt is not None:
                    prompts[key] = prompt

    def _read_prompt(self, key: str, node: yaml.Node, *, fragment: bool) -> Prompt | None:
        before = len(self.problems)
        entry = self._fields(node, f"{key!r}", _ENTRY_FIELDS)
        texts: dict[Language, str] = {
            language: self._text(entry[language], f"{key!r} in {language}")
            for language in LANGUAGES
            if language in entry
        }
        missing = [language for language in LANGUAGES if language not in texts]
        if len(self.problems) == before and missing and (not fragment or not texts):
            message, remedy = f"{key!r} has no {' and no '.join(missing)} text", "add the text"
            self._say("language-missing", node, message, remedy)
        licence = self._text(entry["licence"], "licence") if "licence" in entry else self._licence
        if not licence:
            remedy = "name one at the top or in the entry"
            self._say("licence-missing", node, f"{key!r} has no licence of its audio", remedy)
        bilingual = "bilingual" in entry and self._truth(entry["bilingual"], key)
        if len(self.problems) > before:
            return None
        return Prompt(key, MappingProxyType(texts), licence, bilingual, fragment)

    def _require_grammar(self, root: yaml.Node, prompts: Mapping[str, Prompt]) -> None:
        """Spoken numbers need their fragments; without fragments a catalogue speaks none."""
        if self.problems or not any(prompt.fragment for prompt in prompts.values()):
            return
        for language in LANGUAGES:
            for key in fragments.all_keys(language):
                if key not in prompts or language not in prompts[key].texts:
                    message = f"the fragment {key!r} has no {language} text"
                    self._say("fragment-missing", root, message, "numbers need it, add it")

    def _fields(self, node: yaml.Node, what: str, allowed: tuple[str, ...]) -> dict[str, yaml.Node]:
        fields: dict[str, yaml.Node] = {}
        for key_node, value in self._pairs(node, what):
            name = _name(key_node)
            if name in allowed:
                fields[name] = value
            else:
                remedy = f"use {', '.join(allowed)}"
                self._say("field-unknown", key_node, f"{what} has no field {name!r}", remedy)
        return fields

    def _pairs(self, node: yaml.Node, what: str) -> Iterator[tuple[yaml.Node, yaml.Node]]:
        if not isinstance(node, yaml.MappingNode):
            self._say("shape", node, f"{what} is no list of `key: value`", "write it so")
            return
        seen: set[str] = set()
        for key_node, value in cast("list[tuple[yaml.Node, yaml.Node]]", node.value):
            key = _name(key_node)
            if key in seen:
                self._say("key-twice", key_node, f"{key!r} is there twice", "keep one of them")
            else:
                seen.add(key)
                yield key_node, value

    def _text(self, node: yaml.Node, what: str) -> str:
        text = str(node.value).strip() if isinstance(node, yaml.ScalarNode) else ""
        if not text or len(text) > TEXT_LENGTH_MAX:
            remedy = f"write 1 to {TEXT_LENGTH_MAX} characters"
            self._say("text", node, f"{what} is no text of that length", remedy)
        return text

    def _truth(self, node: yaml.Node, key: str) -> bool:
        if isinstance(node, yaml.ScalarNode) and node.value in ("true", "false"):
            return node.value == "true"
        remedy = "write true or false"
        self._say("bilingual", node, f"`bilingual` of {key!r} is neither true nor false", remedy)
        return False

    def _say(self, code: str, node: yaml.Node, message: str, remedy: str) -> None:
        mark = node.start_mark
        place = f"{self._path}:{mark.line + 1}:{mark.column + 1}"
        self.problems.append(PromptProblem(code, place, message, remedy))


def _name(key_node: yaml.Node) -> str:
    """The letters of a key; a list or mapping in a key's place has none and is no legal name."""
    return str(key_node.value) if isinstance(key_node, yaml.ScalarNode) else ""
