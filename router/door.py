"""By which numbers and reasons a queue let a contact in, or did not, for whoever explains it."""

from typing import NamedTuple

from router.contact_state import ContactPhase
from router.effects import OverflowContact
from router.events import ContactChanged, ContactQueued
from router.expecting import HANDLING_MS
from router.explain import ChangeRefused, LetIn, NoWay, Overflowed, Refused, Unchanged
from router.grounds import Excluded, Exclusion, Standing
from router.matching import Room
from router.model import Channel, Millis, OverflowCause, QueueId, Requirement
from router.place import Place
from router.pool import ADMITTED_PERCENT, part_of
from router.sight import Sight


def let_in(sight: Sight, event: ContactQueued, place: Place, at: Millis) -> LetIn:
    """How the queue is with the contact in it, whose phone or place is not settled yet."""
    room, rules = place.room, place.room.rules
    position, waits = sight.position(place), place.phase is ContactPhase.WAITING
    expected, longest = _expected(room, position), rules.expected_wait_ms_max
    return LetIn(
        event.contact,
        at,
        rules.id,
        event.queue,
        position=position,
        waiting=room.waits - waits,
        waiting_max=_waiting_max(room),
        staff=room.staff,
        contact_class=rules.contact_class,
        priority_ms=event.priority_ms,
        waited_ms=event.waited_ms,
        wait_ends_at=place.entered + rules.wait_ms_max,
        expected_ms=expected.ms,
        expected_ms_max=longest,
        handling_ms=expected.handling_ms,
        measured_at=expected.measured_at,
        measures=waits and longest is not None and (expected.ms or 0) > longest,
        preferred=_not_there(sight, event, room),
    )


def refused(sight: Sight, event: ContactQueued, cause: OverflowCause, at: Millis) -> Refused:
    """The numbers of the queue that refused it, which a crisis may have made another one."""
    asked = sight.places.room(event.queue)
    to = None if asked is None or asked.crisis is None else asked.crisis.to
    room = asked if to is None else sight.places.room(to) or asked
    preferred = _not_there(sight, event, room)
    if room is None:
        return Refused(event.contact, at, event.queue, cause, left_site=True, preferred=preferred)
    rules, pool = room.rules, sight.places.pool
    percent = pool.routing.admitted.get(rules.contact_class, ADMITTED_PERCENT)
    position = _next_position(sight, event, room, at)
    expected = _expected(room, position)
    crowd = sight.crowd(rules, _any_step(room)) if cause is OverflowCause.NO_AGENTS else None
    return Refused(
        event.contact,
        at,
        event.queue,
        cause,
        waiting=room.waits,
        waiting_max=_waiting_max(room),
        staff=room.staff,
        pool_waiting=pool.waits,
        pool_waiting_max=_part(pool.routing.waiting_max, percent),
        contact_class=rules.contact_class,
        admitted_percent=percent,
        position=position,
        expected_ms=expected.ms,
        expected_ms_max=rules.expected_wait_ms_max,
        handling_ms=expected.handling_ms,
        measured_at=expected.measured_at,
        to=to,
        no_way=_no_way(sight, asked, cause),
        excluded=() if crowd is None else crowd.excluded,
        left_out=0 if crowd is None else crowd.left_out,
        preferred=preferred,
    )


def given_up(
    sight: Sight, effect: OverflowContact, place: Place, standing: Standing, at: Millis
) -> Overflowed:
    """Why the queue, in which it last stood there, has this contact no longer."""
    room, rules, cause = place.room, place.room.rules, effect.cause
    crowd = sight.crowd(rules, standing)
    to = None if room.crisis is None or cause is not OverflowCause.CRISIS else room.crisis.to
    return Overflowed(
        effect.contact,
        at,
        effect.queue,
        cause,
        at - place.entered,
        rules.wait_ms_max,
        crowd.excluded,
        crowd.left_out,
        to=to,
        no_way=_no_way(sight, room, cause),
        left_site=sight.places.room(effect.queue) is None,
    )


def change_refused(sight: Sight, event: ContactChanged, at: Millis) -> ChangeRefused:
    """Why this change did not happen to a contact that is here."""
    place, queue = sight.places.get(event.contact), event.queue
    if place is None or place.phase is not ContactPhase.WAITING:
        return ChangeRefused(event.contact, at, queue, Unchanged.NOT_WAITING)
    if queue is None or queue == place.queue:
        return ChangeRefused(event.contact, at, queue, Unchanged.SAME)
    no_way = _barrier(sight, queue, place.room.rules.channel)
    return ChangeRefused(event.contact, at, queue, Unchanged.NO_WAY, no_way)


def _no_way(sight: Sight, room: Room | None, cause: OverflowCause) -> NoWay | None:
    """Why its crisis did not lead on; None where no other queue is named, or a limit refused it."""
    crisis = None if room is None or cause is not OverflowCause.CRISIS else room.crisis
    if room is None or crisis is None or crisis.to is None:
        return None
    return _barrier(sight, crisis.to, room.rules.channel)


def _barrier(sight: Sight, to: QueueId, channel: Channel) -> NoWay:
    """What is in the way of contacts of this channel to a queue that they did not come into."""
    room = sight.places.room(to)
    if room is None:
        return NoWay.LEFT_SITE
    if room.crisis is not None:
        return NoWay.CRISIS
    return NoWay.NOBODY if room.rules.channel is channel else NoWay.CHANNEL


def _not_there(sight: Sight, event: ContactQueued, room: Room | None) -> Excluded | None:
    """Why its preferred agent is not waited for; None if she is there, or it wants nobody."""
    agent = event.preferred
    if agent is None or event.preferred_ms <= 0:
        return None
    # A queue that left the site waits for nobody, and is of no channel.
    away = sight.not_there(agent, Channel.VOICE if room is None else room.rules.channel)
    seat = sight.seats.get(agent)
    if away is not None or room is None or seat is None or not event.preferred_must_serve:
        return away
    return None if room.is_served_by(seat.profile) else Excluded(agent, Exclusion.LEVEL)


def _waiting_max(room: Room) -> int | None:
    """How many may wait in the queue now."""
    limit = room.rules.waiting
    return None if limit is None else limit.bound(staff=room.staff)


class _Expected(NamedTuple):
    """How long a position may have to wait, and by which measure; nothing where none is asked."""

    ms: Millis | None = None
    handling_ms: Millis | None = None
    measured_at: Millis | None = None


def _expected(room: Room, position: int) -> _Expected:
    """What holds where the queue weighs or tells it."""
    if room.rules.expected_wait_ms_max is None and not room.rules.announce_expected:
        return _Expected()
    pace = room.pace
    handling_ms = HANDLING_MS if pace.handling_ms is None else pace.handling_ms
    expected_ms = pace.expected_ms(position, staff=room.staff)
    return _Expected(expected_ms, handling_ms, pace.measured_at)


def _next_position(sight: Sight, event: ContactQueued, room: Room, at: Millis) -> int:
    turn_ms = at - event.waited_ms - event.priority_ms
    key = (room.rules.contact_class, turn_ms, sight.places.arrivals + 1, event.contact)
    return 1 + sum(each.key < key for each in sight.places.all_waiting(room))


def _part(whole: int | None, percent: int) -> int | None:
    return None if whole is None else part_of(whole, percent)


def _any_step(room: Room) -> Standing:
    """Somewhere in the queue: whoever could serve any of its steps could serve this."""
    alternatives = (each for step in room.rules.steps for each in step.requirement.alternatives)
    return Standing(QueueId(room.rules.id), 0, Requirement(tuple(alternatives)))
