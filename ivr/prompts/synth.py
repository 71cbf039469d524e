"""The voice that speaks the placeholders: espeak-ng, behind a protocol so that another can.

Speech is made when prompts are built, never in a call. espeak-ng is small, in Debian, needs no
network, and says the same bytes for the same text; it is robotic, which is why its audio is
marked placeholder and a recording wins over it. What it makes is ours: docs/decisions/0005.
"""

import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from ivr.prompts.audio import Wave, WavUnusable, read_wav
from ivr.prompts.model import Language

SPEAK_SECONDS_MAX: Final = 30
"""How long one text may take; it takes milliseconds, so more is a program that hangs."""


class SynthMissing(Exception):
    """The program that speaks is not there; the text names the remedy in one sentence."""


class SynthFailed(Exception):
    """The program that speaks did not; the text says for which words and why."""


class PromptSynth(Protocol):
    """Something that turns words into a voice. Called from several threads at once."""

    def fingerprint(self, language: Language) -> str:
        """What the voice is: audio made with another fingerprint is made again."""
        ...

    def speak(self, text: str, language: Language) -> tuple[Wave, int]:
        """The samples (-1..1) and their rate in Hz."""
        ...


@dataclass(frozen=True, slots=True)
class Voice:
    """One espeak-ng voice: its name, words per minute, pitch 0-99."""

    name: str
    speed_wpm: int
    pitch: int


# Not `cmn`: in espeak-ng 1.51 that voice reads the pinyin it makes of most characters as English
# words, with the tones as English numbers. `cmn-latn-pinyin` speaks Mandarin.
VOICES: Final[dict[Language, Voice]] = {
    "zh-CN": Voice("cmn-latn-pinyin+m3", speed_wpm=165, pitch=45),
    "en-US": Voice("en-us+m3", speed_wpm=150, pitch=45),
}


class EspeakSynth:
    """espeak-ng as a separate program; one short process for each text."""

    def __init__(self, program: str = "espeak-ng") -> None:
        found = shutil.which(program)
        if found is None:
            raise SynthMissing(
                f"{program} is not installed, so no prompt can be spoken; "
                "run `apt-get install espeak-ng`"
            )
        self._program = found

    def fingerprint(self, language: Language) -> str:
        """The voice and its settings; not the program's version, which does not change words."""
        return repr(VOICES[language])

    def speak(self, text: str, language: Language) -> tuple[Wave, int]:
        """The text in the language's voice, as espeak-ng makes it (22,050 Hz)."""
        voice = VOICES[language]
        with tempfile.TemporaryDirectory(prefix="expertline-prompt-") as folder:
            target = Path(folder) / "speech.wav"
            command = [
                *(self._program, "-b", "1", "-z", "-v", voice.name),
                *("-s", str(voice.speed_wpm), "-p", str(voice.pitch)),
                *("-w", str(target), "--stdin"),
            ]
            try:
                subprocess.run(
                    command,
                    input=text.encode(),
                    capture_output=True,
                    check=True,
                    timeout=SPEAK_SECONDS_MAX,
                )
                return read_wav(target)
            except subprocess.TimeoutExpired as error:
                reason = f"not done after {SPEAK_SECONDS_MAX} s"
                raise SynthFailed(_failed(text, voice, reason)) from error
            except subprocess.CalledProcessError as error:
                reason = bytes(error.stderr).decode(errors="replace").strip()
                reason = reason or f"exit {error.returncode}"
                raise SynthFailed(_failed(text, voice, reason)) from error
            except (WavUnusable, OSError) as error:
                raise SynthFailed(_failed(text, voice, str(error))) from error


def _failed(text: str, voice: Voice, reason: str) -> str:
    return (
        f"espeak-ng could not say {text!r} with the voice {voice.name} ({reason}); "
        "try `apt-get install --reinstall espeak-ng espeak-ng-data`"
    )
