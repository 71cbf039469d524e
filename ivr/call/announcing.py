"""The place in the queue, said into the music of who waits.

The music stops, the position is said, the music comes back: also when the announcement could not
be played, or its end is never reported. An offer does not cut it; an agent's answer does.
"""

from typing import get_args

from ivr.call.contact import (
    Announcement,
    Contact,
    Turn,
    play,
    playback_of,
    silence,
    start_hold,
    stop_hold,
)
from ivr.call.model import PlaybackId
from ivr.call.phases import Phase
from ivr.flow.model import Language, PromptKey
from ivr.prompts import fragments
from ivr.prompts.model import Language as SpokenLanguage

POSITION_SAID_MAX = 99
"""The last place in a queue that is worth saying."""

ANNOUNCEMENT_MS_MAX = 20_000
"""The longest an announcement may keep the music away."""

_SPOKEN: dict[str, SpokenLanguage] = {name: name for name in get_args(SpokenLanguage)}
"""The languages in which a position can be said."""


def announce(contact: Contact, turn: Turn, position: int) -> str | None:
    """Say the position; or why it is not said, in a word to be counted."""
    if contact.announcement is not None:
        return "announcing"
    if not 1 <= position <= POSITION_SAID_MAX:
        return "position not said"
    spoken = _SPOKEN.get(contact.flow.language) if contact.flow else None
    if spoken is None:
        return "language not spoken"
    stop_hold(contact, turn)
    prompts = tuple(map(PromptKey, fragments.position(position, spoken)))
    play(contact, turn, prompts, Language(spoken))
    playback = playback_of(contact, contact.playbacks_made)
    contact.announcement = Announcement(playback, turn.at + ANNOUNCEMENT_MS_MAX)
    return None


def on_playback_finished(contact: Contact, turn: Turn, playback: PlaybackId) -> None:
    """If it was the announcement, however it went: music again."""
    announcement = contact.announcement
    if announcement is not None and announcement.playback == playback:
        contact.announcement = None
        _music_again(contact, turn)


def on_overdue(contact: Contact, turn: Turn) -> None:
    """An announcement whose end never comes is cut and forgotten."""
    announcement = contact.announcement
    if announcement is None or turn.at < announcement.until:
        return
    silence(contact, turn)
    contact.playbacks.discard(announcement.playback)
    contact.cut.discard(announcement.playback)
    _music_again(contact, turn)


def _music_again(contact: Contact, turn: Turn) -> None:
    if contact.phase in (Phase.WAITING, Phase.ALERTING):
        start_hold(contact, turn)
