"""Where Asterisk finds the audio of a prompt."""

from pathlib import Path
from typing import cast

from ivr.flow.model import Language, PromptKey
from ivr.prompts.model import CODECS, Catalogue
from ivr.prompts.model import Language as SpokenLanguage


class BuiltPrompts:
    """Built audio by catalogue key: nothing that is not in the catalogue can be named."""

    def __init__(self, catalogue: Catalogue, folder: Path) -> None:
        self._catalogue = catalogue
        self._folder = folder.resolve()

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
