"""What becomes of changed words while calls go on, in sentences for whoever asked for a reload."""

from collections.abc import Iterable

from ivr.prompts.model import Catalogue

NAMED_MAX = 5
"""Prompts named in one sentence; of more only the number is told."""


def renewal_notices(old: Catalogue, new: Catalogue) -> tuple[str, ...]:
    """Which prompts callers hear with new words, and which with old ones though there are new.

    Asterisk plays what lies in the audio folder, whatever the catalogue says: new words without
    new audio change what people read and nothing that a caller hears.
    """
    stale = {
        name
        for name, duration in new.durations.items()
        if name in new.sounds and new.sounds[name].text_sha256 != duration.text_sha256
    }
    made = {
        name
        for name, duration in new.durations.items()
        if name in old.durations and duration.text_sha256 != old.durations[name].text_sha256
    }
    notices: list[str] = []
    if made - stale:
        notices.append(f"Callers hear new words in: {_listed(made - stale)}.")
    if stale:
        notices.append(
            f"Callers hear the old words in: {_listed(stale)}; their text was changed after their "
            "audio was made: run `expertline prompts build --write-durations`."
        )
    return tuple(notices)


def _listed(names: Iterable[str]) -> str:
    every = sorted(names)
    unnamed = len(every) - NAMED_MAX
    return ", ".join(every[:NAMED_MAX]) + (f" and {unnamed} more" if unnamed > 0 else "")
