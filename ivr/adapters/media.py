"""Where Asterisk finds the audio of a prompt."""

from dataclasses import replace
from pathlib import Path
from typing import cast

from ivr.flow.model import Language, PromptKey
from ivr.prompts.model import CODECS, Catalogue
from ivr.prompts.model import Language as SpokenLanguage

SOUNDS_KEPT_MAX = 50_000
"""Sounds that can be named at once; beyond it, those that only earlier catalogues had are not."""


class BuiltPrompts:
    """Built audio by catalogue key: nothing that is not in the catalogue can be named."""

    def __init__(self, catalogue: Catalogue, folder: Path) -> None:
        self._catalogue = catalogue
        self._folder = folder.resolve()

    def renew(self, catalogue: Catalogue) -> None:
        """Go by this catalogue; what it has no more stays playable for contacts that began before.

        Their flows may name it, and its audio is still there.
        """
        sounds = {**self._catalogue.sounds, **catalogue.sounds}
        if len(sounds) > SOUNDS_KEPT_MAX:
            sounds = dict(catalogue.sounds)
        self._catalogue = replace(catalogue, sounds=sounds)

    def media_uri(self, prompt: PromptKey, language: Language) -> str:
        """The ``sound:`` URI of a prompt; Asterisk chooses the codec's file itself."""
        sound = self._catalogue.sound(prompt, cast("SpokenLanguage", language))
        return f"sound:{self._folder / sound.name}"

    def missing(self) -> list[Path]:
        """The files that should be there and are not."""
        wanted = (
            self._folder / f"{name}.{codec}"
            for name in sorted(self._catalogue.sounds)
            for codec in CODECS
        )
        return [path for path in wanted if not path.is_file()]
