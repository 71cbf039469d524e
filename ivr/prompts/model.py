"""Prompts as plain values: what may be played, in which language, and how long it takes.

No I/O here, so that the dialplan checker, the call core and the simulator can use the catalogue
without touching a disk. `ivr.prompts.catalogue` reads it from the file.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal

Language = Literal["zh-CN", "en-US"]
Folder = Literal["zh-CN", "en-US", "mul"]
Words = tuple[tuple[Language, str], ...]

LANGUAGES: Final[tuple[Language, ...]] = ("zh-CN", "en-US")
BILINGUAL: Final = "mul"  # ISO 639-2 code for "multiple languages": one audio that speaks them all
CODECS: Final[tuple[str, ...]] = ("alaw", "ulaw")
KEY_LENGTH_MAX: Final = 64

_KEY = re.compile(r"[a-z0-9_-]+(?:/[a-z0-9_-]+)*")


def is_legal_key(key: str) -> bool:
    """Whether a key may name a prompt: `[a-z0-9_-]` in segments joined by single slashes.

    Asterisk resolves what it is told to play as a path or a URL. Without dots, a scheme or a
    leading slash a key can leave neither the audio folder nor the machine.
    """
    return len(key) <= KEY_LENGTH_MAX and _KEY.fullmatch(key) is not None


@dataclass(frozen=True, slots=True)
class PromptProblem:
    """One mistake, said in a sentence: a stable code, where it is, what is wrong, the remedy."""

    code: str
    place: str
    message: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}; {self.remedy}."


class PromptUnknown(LookupError):
    """A prompt, or its duration, was asked for that the catalogue does not have."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """One entry of the catalogue: the words per language, and whose audio it is.

    A fragment is a piece of a sentence (`三`, `minutes`): it may exist in one language only,
    because the grammars of two languages need different pieces.
    """

    key: str
    texts: Mapping[Language, str]
    licence: str
    bilingual: bool = False
    fragment: bool = False


@dataclass(frozen=True, slots=True)
class Sound:
    """One audio to be made: what is said, voice after voice, and the name it is played by."""

    key: str
    folder: Folder
    utterances: Words
    fragment: bool
    licence: str

    @property
    def name(self) -> str:
        """The path below the audio folder without suffix, as Asterisk wants it: `zh-CN/welcome`."""
        return f"{self.folder}/{self.key}"

    @property
    def text(self) -> str:
        """All words of this audio, in the order they are heard."""
        return " ".join(text for _, text in self.utterances)

    @property
    def text_sha256(self) -> str:
        """The fingerprint of the words: tells whether an audio still says what the text says."""
        return hashlib.sha256(self.text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Duration:
    """How long one audio lasts, and the fingerprint of the words it was measured with."""

    ms: int
    text_sha256: str


def _no_durations() -> Mapping[str, Duration]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything that can be played. What is not here is not playable.

    `durations` are the committed ones (`prompts/durations.json`), by sound name: the simulator
    and the checker know how long a prompt takes on a machine that has built no audio.
    """

    prompts: Mapping[str, Prompt]
    sounds: Mapping[str, Sound]
    durations: Mapping[str, Duration] = field(default_factory=_no_durations)

    def has(self, key: str, language: Language) -> bool:
        """Whether this key can be played to a caller of this language."""
        return self._find(key, language) is not None

    def sound(self, key: str, language: Language) -> Sound:
        """The audio a caller of this language hears for this key; a bilingual one serves all."""
        found = self._find(key, language)
        if found is None:
            raise PromptUnknown(
                f"there is no prompt {key!r} in {language}; add it to prompts/catalogue.yaml"
            )
        return found

    def duration_ms(self, key: str, language: Language) -> int:
        """How long that audio lasts by the committed durations."""
        name = self.sound(key, language).name
        duration = self.durations.get(name)
        if duration is None:
            raise PromptUnknown(
                f"the duration of {name!r} is not known; "
                "run `expertline prompts build --write-durations`"
            )
        return duration.ms

    def duration_ms_all(self, keys: Iterable[str], language: Language) -> int:
        """How long a list of prompts lasts, played one after the other without a gap."""
        return sum(self.duration_ms(key, language) for key in keys)

    def text(self, keys: Iterable[str], language: Language) -> str:
        """What a caller hears for a list of keys, as a reader would write it."""
        joint = "" if language == "zh-CN" else " "
        return joint.join(self.sound(key, language).text for key in keys)

    def playable(self) -> Mapping[str, frozenset[str]]:
        """The prompts a dialplan may name, by language; fragments are for spoken numbers only."""
        return {
            language: frozenset(
                key
                for key, prompt in self.prompts.items()
                if not prompt.fragment and self.has(key, language)
            )
            for language in LANGUAGES
        }

    def spoken(self) -> Mapping[str, frozenset[str]] | None:
        """Those of the playable prompts whose audio was made; None before the first build.

        What was made has its duration committed, so this holds on a machine without audio too.
        """
        if not self.durations:
            return None
        playable = self.playable()
        return {
            language: frozenset(
                key
                for key in playable[language]
                if self.sound(key, language).name in self.durations
            )
            for language in LANGUAGES
        }

    def stale(self) -> Mapping[str, frozenset[str]]:
        """Those of the playable prompts whose words are others than when their audio was made."""
        old = {
            name
            for name, duration in self.durations.items()
            if name in self.sounds and self.sounds[name].text_sha256 != duration.text_sha256
        }
        playable = self.playable()
        return {
            language: frozenset(
                key for key in playable[language] if self.sound(key, language).name in old
            )
            for language in LANGUAGES
        }

    def _find(self, key: str, language: Language) -> Sound | None:
        return self.sounds.get(f"{language}/{key}") or self.sounds.get(f"{BILINGUAL}/{key}")


def sounds_of(prompts: Iterable[Prompt]) -> dict[str, Sound]:
    """Every audio these prompts need, by sound name: one per language, one for a bilingual."""
    sounds: dict[str, Sound] = {}
    for prompt in prompts:
        spoken: Words = tuple(
            (language, prompt.texts[language]) for language in LANGUAGES if language in prompt.texts
        )
        parts: dict[Folder, Words] = {one[0]: (one,) for one in spoken}
        if prompt.bilingual:
            parts = {BILINGUAL: spoken}
        for folder, words in parts.items():
            sound = Sound(prompt.key, folder, words, prompt.fragment, prompt.licence)
            sounds[sound.name] = sound
    return sounds
