"""Contacts and queues as plain values, for a snapshot of the router."""

from router.matching import Room
from router.place import Place
from router.snapshot import PlaceSnapshot, QueueSnapshot
from router.waiting_times import taken_times


def snapshot_of(place: Place) -> PlaceSnapshot:
    """One contact."""
    _, key_ms, arrival, _ = place.key
    return PlaceSnapshot(
        contact=place.contact,
        queue=place.queue,
        entered=place.entered,
        key_ms=key_ms,
        arrival=arrival,
        step=place.step,
        phase=place.phase,
        offer=place.offer,
        missed_by=tuple(sorted(place.missed_by)),
        turn_from=place.turn_from,
        steps_from=place.steps_from,
        preferred=None if place.preference is None else place.preference.agent,
        preferred_until=0 if place.preference is None else place.preference.until,
        preferred_must_serve=place.preference is not None and place.preference.must_serve,
        times=taken_times(place),
    )


def snapshot_of_room(room: Room, open_steps: tuple[bool, ...], *, retired: bool) -> QueueSnapshot:
    """One queue, with the steps that somebody is there for."""
    pace = room.pace
    return QueueSnapshot(
        room.rules,
        open_steps,
        retired,
        handling_ms=pace.handling_ms,
        measured_at=pace.measured_at,
        waits_since=pace.waits_since,
        crisis=room.crisis,
        tag=room.tag,
    )
