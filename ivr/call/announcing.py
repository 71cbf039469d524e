"""The place in the queue and the expected wait, said into the music of who waits.

The music stops, they are said, the music comes back: also when the announcement could not
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
from ivr.call.events import PositionAnnounced
from ivr.call.model import PlaybackId
from ivr.call.phases import Phase
from ivr.flow.model import Language, PromptKey
from ivr.prompts import fragments
from ivr.prompts.model import Language as SpokenLanguage

POSITION_SAID_MAX = 99
"""The last place in a queue that is worth saying."""

MINUTE_MS = 60_000
"""An expected wait is said in these."""

ANNOUNCEMENT_MS_MAX = 20_000
"""The longest an announcement may keep the music away."""

_SPOKEN: dict[str, SpokenLanguage] = {name: name for name in get_args(SpokenLanguage)}
"""The languages in which a position can be said."""


def announce(contact: Contact, turn: Turn, told: PositionAnnounced) -> str | None:
    """Say the position and the expected wait; or why nothing is said, in a word to be counted."""
    if contact.announcement is not None:
        return "announcing"
    spoken = _SPOKEN.get(contact.flow.language) if contact.flow else None
    if spoken is None:
        return "language not spoken"
    keys = _said(told, spoken, says_place=told.queue not in turn.placeless)
    if not keys:
        return "position not said"
    stop_hold(contact, turn)
    play(contact, turn, tuple(map(PromptKey, keys)), Language(spoken))
    playback = playback_of(contact, contact.playbacks_made)
    contact.announcement = Announcement(playback, turn.at + ANNOUNCEMENT_MS_MAX)
    return None


def _said(told: PositionAnnounced, spoken: SpokenLanguage, *, says_place: bool) -> fragments.Keys:
    place: fragments.Keys = ()
    if says_place and 1 <= told.position <= POSITION_SAID_MAX:
        place = fragments.position(told.position, spoken)
    minutes = minutes_of(told)
    return place if minutes is None else (*place, *fragments.expected_wait(minutes, spoken))


def minutes_of(told: PositionAnnounced) -> int | None:
    """How many minutes the caller is told that it may yet take; None where it is not told."""
    if told.expected_ms is None:
        return None
    # Rounded up, and never none: who is told of no wait and waits was told wrong.
    return max(1, -(-told.expected_ms // MINUTE_MS))


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
