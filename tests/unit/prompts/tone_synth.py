"""A voice that needs no program, for tests of the prompt room."""

import hashlib

import numpy as np

from ivr.prompts.audio import Wave
from ivr.prompts.model import Language
from ivr.prompts.synth import SynthFailed


class ToneSynth:
    """Says each text as a tone of its own, and counts what it was asked."""

    def __init__(self, *, mute: str = "", unspeakable: str = "", voice: str = "tone") -> None:
        self.spoken: list[tuple[Language, str]] = []
        self._mute = mute
        self._unspeakable = unspeakable
        self._voice = voice

    def fingerprint(self, language: Language) -> str:
        return f"{self._voice} {language}"

    def speak(self, text: str, language: Language) -> tuple[Wave, int]:
        self.spoken.append((language, text))
        if text == self._unspeakable:
            raise SynthFailed(f"nobody can say {text!r}")
        seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:2], "big")
        time_s = np.arange(16_000 // 2) / 16_000
        level = 0.0 if text == self._mute else 0.5
        return level * np.sin(2 * np.pi * (300 + seed % 2000) * time_s), 16_000
