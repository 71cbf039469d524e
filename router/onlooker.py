"""Looks on while a router decides, and draws up why contacts go where they go.

For each contact that is followed there is a track: what was last told of it. After an event, and
before each choice within one, the tracks are compared with what the router holds, and what is new
is told in this order: what became of its offer, what the router asked for, where it stands now. Of
a choice all is told before it is made, for reserving changes it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from router.contact_state import ContactPhase
from router.crowd import is_idle
from router.door import change_refused, given_up, let_in, refused
from router.effects import AnnouncePosition, MoveContact, OverflowContact, RescindOffer
from router.events import (
    ContactChanged,
    ContactLeft,
    ContactQueued,
    EngagementEnded,
    OfferFailed,
    RouterEvent,
)
from router.explain import (
    Announced,
    Answered,
    Chooser,
    Decision,
    Ended,
    Left,
    Moved,
    Offered,
    OfferEnd,
    OfferLost,
    PassedBy,
    Revalued,
    StandReason,
    Stood,
    Waited,
)
from router.grounds import Standing
from router.model import (
    PREFERRED_STEP,
    AgentId,
    ContactId,
    DeviceId,
    Millis,
    OfferFailure,
    OfferId,
    Queue,
    RescindReason,
)
from router.place import Place
from router.ranking import WaitingKey
from router.seat import Seat
from router.sight import Sight, due_step
from router.wrap_ups_told import WrapUpsTold


@dataclass(slots=True)
class _Ring:
    """An offer under way, or the conversation that came of it."""

    offer: OfferId
    agent: AgentId
    device: DeviceId
    made_at: Millis
    connected_at: Millis | None = None


@dataclass(slots=True)
class _Track:
    """What was last told of a contact."""

    place: Place
    standing: Standing
    rules: Queue
    due: int
    """The step that its time had come to."""
    stood_at: Millis
    key: WaitingKey
    ring: _Ring | None = None
    was_offered: bool = False
    """Whether an agent was found at this step."""
    is_fresh: bool = True
    """Whether it is yet to be told that nobody was idle for it."""


class Onlooker:
    """Watches one router; ``tell`` hears each decision about a contact that is followed."""

    def __init__(
        self,
        sight: Sight,
        *,
        tell: Callable[[Decision], None],
        follows: Callable[[ContactId], bool],
    ) -> None:
        self._tell = tell
        self._follows = follows
        self._sight = sight
        self._wrap_ups = WrapUpsTold(sight.timers)
        self._tracks: dict[ContactId, _Track] = {}
        self._event: RouterEvent | None = None
        self._effects_read = 0
        self._chooser: Seat | None = None
        """Who became free last in this event, and took somebody."""
        self._missed: dict[OfferId, tuple[int, int]] = {}
        """Which offers were missed in this event, and as which of how many: her misses are
        forgotten once they are enough."""
        self._asks_in: ContactQueued | None = None
        """Who asks to be let in by this event, as long as that is not told."""
        self._asks_change: ContactChanged | None = None
        """Whom this event would change, as long as nothing did."""

    def begin(self, event: RouterEvent, at: Millis) -> None:
        """See ``Watcher``."""
        del at
        self._event, self._effects_read, self._chooser = event, 0, None
        self._missed.clear()
        self._asks_in = self._asks_change = None
        if isinstance(event, ContactQueued) and self._follows(event.contact):
            is_here = self._sight.places.get(event.contact) is not None
            self._asks_in = None if is_here else event
        elif isinstance(event, ContactChanged) and event.contact in self._tracks:
            self._asks_change = event

    def chosen(self, offer: OfferId, place: Place, seat: Seat, at: Millis) -> None:
        """See ``Watcher``. An agent who stands among the idle was found by the contact.

        But for one who took a chat in this event, and takes another: she stands there again by now.
        """
        self._catch_up(at)
        is_found = is_idle(seat, place.room.rules.channel)
        by = Chooser.CONTACT if is_found and seat is not self._chooser else Chooser.AGENT
        track = self._tracks.get(place.contact)
        if track is not None:
            self._offered(track, offer, seat, by, at)
        if by is Chooser.AGENT:
            self._chooser = seat
            self._passed_by(place, seat, at)

    def missed(self, offer: OfferId, misses: int, misses_max: int) -> None:
        """See ``Watcher``."""
        self._missed[offer] = misses, misses_max

    def end(self, at: Millis) -> None:
        """See ``Watcher``."""
        self._catch_up(at)
        for changed in self._wrap_ups.changed(self._event, at):
            self._tell(changed)
        if self._asks_change is not None:
            self._tell(change_refused(self._sight, self._asks_change, at))
        for track in self._tracks.values():
            if track.is_fresh and track.place.phase is ContactPhase.WAITING:
                track.is_fresh = False
                self._waited(track, at)
        for effect in self._sight.turn.effects:
            if isinstance(effect, AnnouncePosition) and effect.contact in self._tracks:
                self._announced(effect, at)

    # What is new

    def _catch_up(self, at: Millis) -> None:
        effects = self._sight.turn.effects
        news, self._effects_read = effects[self._effects_read :], len(effects)
        reasons = {each.offer: each.reason for each in news if isinstance(each, RescindOffer)}
        for track in list(self._tracks.values()):
            self._follow_offer(track, reasons, at)
        for effect in news:
            if isinstance(effect, OverflowContact):
                self._given_up(effect, at)
            elif isinstance(effect, MoveContact):
                self._moved(effect, at)
        self._let_in(at)
        for track in list(self._tracks.values()):
            self._follow_place(track, at)

    def _follow_offer(
        self, track: _Track, reasons: Mapping[OfferId, RescindReason], at: Millis
    ) -> None:
        ring, place = track.ring, track.place
        if ring is None:
            return
        is_here = self._is_here(track)
        if is_here and place.offer == ring.offer:
            if place.phase is ContactPhase.CONNECTED and ring.connected_at is None:
                ring.connected_at = at
                waited_ms, rang_ms = at - place.entered, at - ring.made_at
                told = Answered(place.contact, at, ring.offer, ring.agent, rang_ms, waited_ms)
                self._tell(told)
            return
        track.ring, track.is_fresh = None, True
        if ring.connected_at is not None and not is_here:
            self._ended(place.contact, ring, ring.connected_at, at)
        else:
            self._offer_lost(track, ring, reasons.get(ring.offer), at)

    def _ended(self, contact: ContactId, ring: _Ring, connected_at: Millis, at: Millis) -> None:
        wrap_up = self._wrap_ups.ends_at(ring.offer, ring.agent)
        overdue = not isinstance(self._event, EngagementEnded)
        talked_ms = at - connected_at
        told = Ended(contact, at, ring.offer, ring.agent, talked_ms, wrap_up, overdue)
        self._wrap_ups.begin(told)
        self._tell(told)

    def _offer_lost(
        self, track: _Track, ring: _Ring, rescinded: RescindReason | None, at: Millis
    ) -> None:
        event, sight = self._event, self._sight
        failed = event.failure if isinstance(event, OfferFailed) else OfferFailure.FAILED
        end = OfferEnd((rescinded or failed).value)
        began = ring.made_at if ring.connected_at is None else ring.connected_at
        seat = sight.seats.get(ring.agent)
        no_miss = (None, track.place.room.rules.misses_max)
        misses, misses_max = self._missed.get(ring.offer, no_miss)
        is_absent = misses is not None and misses >= misses_max
        rests = sight.timers.due_of(("rest", ring.agent))
        absent = sight.timers.due_of(("absent", ring.agent))
        self._tell(
            OfferLost(
                track.place.contact,
                at,
                ring.offer,
                ring.agent,
                end,
                lasted_ms=at - began,
                was_connected=ring.connected_at is not None,
                misses=misses,
                misses_max=misses_max,
                rests_until_at=rests if seat is not None and seat.resting else None,
                absent_until_at=absent if is_absent else None,
            )
        )

    def _given_up(self, effect: OverflowContact, at: Millis) -> None:
        asked, track = self._asks_in, self._tracks.get(effect.contact)
        if asked is not None and asked.contact == effect.contact:
            self._asks_in = None
            self._tell(refused(self._sight, asked, effect.cause, at))
        elif track is not None:
            self._asks_change = None
            self._tell(given_up(self._sight, effect, track.place, track.standing, at))

    def _moved(self, effect: MoveContact, at: Millis) -> None:
        track = self._tracks.get(effect.contact)
        if track is None:
            return
        asked, place, before = self._asks_change, track.place, track.standing.queue
        self._asks_change = None
        wanted = None if asked is None else asked.queue
        wait_ends = place.entered + place.room.rules.wait_ms_max
        way = (before, effect.queue, wanted is None, wait_ends, wanted)
        self._tell(Moved(place.contact, at, *way))
        # Its class may be another one by the move alone, but not its turn.
        if asked is not None and place.key[1] != track.key[1]:
            self._revalued(asked, place, at)
        self._tracks[effect.contact] = self._track(place, at)

    def _let_in(self, at: Millis) -> None:
        asked = self._asks_in
        place = None if asked is None else self._sight.places.get(asked.contact)
        if asked is not None and place is not None:
            self._asks_in = None
            self._tell(let_in(self._sight, asked, place, at))
            self._tracks[asked.contact] = self._track(place, at)

    def _follow_place(self, track: _Track, at: Millis) -> None:
        place = track.place
        if not self._is_here(track):
            del self._tracks[place.contact]
            if isinstance(self._event, ContactLeft):
                self._tell(Left(place.contact, at, place.queue, at - place.entered))
            return
        if place.phase is not ContactPhase.WAITING:
            return
        if self._asks_change is not None and place.key != track.key:
            asked = self._asks_change
            self._asks_change = None if asked.queue in (None, place.queue) else asked
            self._revalued(asked, place, at)
        before, now = track.standing, self._sight.standing(place, at)
        reason = self._why_elsewhere(track, at)
        track.standing, track.key = now, place.key
        track.due, track.rules = due_step(place, at), place.room.rules
        if (before.step, before.requirement) != (now.step, now.requirement):
            crowd = self._sight.crowd(place.room.rules, before)
            stood = (before, now, at - track.stood_at, track.was_offered)
            self._tell(Stood(place.contact, at, reason, *stood, crowd.excluded, crowd.left_out))
            track.stood_at, track.was_offered, track.is_fresh = at, False, True

    def _why_elsewhere(self, track: _Track, at: Millis) -> StandReason:
        if track.standing.step == PREFERRED_STEP:
            return StandReason.PREFERRED_OVER
        # Of one that rang they are those of before the offer, and other numbers may have changed.
        rules = track.place.room.rules
        if (track.rules.steps, track.rules.channel) != (rules.steps, rules.channel):
            return StandReason.RULES
        is_due = track.due != due_step(track.place, at)
        return StandReason.STEP_OVER if is_due else StandReason.STAFF

    def _revalued(self, asked: ContactChanged, place: Place, at: Millis) -> None:
        counts_as_ms = at - place.key[1]
        priority_ms = asked.priority_ms or 0
        position = self._sight.position(place)
        self._tell(Revalued(place.contact, at, priority_ms, counts_as_ms, position))

    # Choices

    def _offered(self, track: _Track, offer: OfferId, seat: Seat, by: Chooser, at: Millis) -> None:
        sight, place, rules = self._sight, track.place, track.place.room.rules
        chooses = by is Chooser.AGENT
        standing = sight.standing(place, at)
        crowd = sight.crowd(
            rules, standing, missed_by=place.missed_by, freed=seat if chooses else None
        )
        device = DeviceId(seat.device or "")
        track.ring, track.was_offered = _Ring(offer, seat.agent.id, device, at), True
        self._tell(
            Offered(
                place.contact,
                at,
                offer,
                seat.agent.id,
                device,
                by,
                standing,
                rules.levels,
                rules.agents,
                sight.order,
                crowd.candidates,
                competitors=tuple(sight.competitors(seat, at)) if chooses else (),
                excluded=crowd.excluded,
                left_out=crowd.left_out,
                ring_ends_at=at + rules.ring_ms_max,
            )
        )

    def _passed_by(self, taken: Place, seat: Seat, at: Millis) -> None:
        """Who could have been taken by the agent who freed, and was not."""
        sight = self._sight
        lines = sight.lines(seat)
        for track in self._tracks.values():
            place, line = track.place, track.place.line
            if place is taken or all(line is not each for each in lines):
                continue
            own, other = sight.competitor(place, at), sight.competitor(taken, at)
            ahead = sight.ahead_in_line(place)
            agent = seat.agent.id
            self._tell(PassedBy(place.contact, at, agent, sight.order, own, other, ahead))

    def _waited(self, track: _Track, at: Millis) -> None:
        place, sight = track.place, self._sight
        crowd = sight.crowd(place.room.rules, track.standing)
        self._tell(
            Waited(
                place.contact,
                at,
                track.standing,
                sight.position(place),
                crowd.excluded,
                crowd.left_out,
                place.wait_ends_at,
                sight.tells_at(place),
            )
        )

    def _announced(self, effect: AnnouncePosition, at: Millis) -> None:
        next_at = self._sight.tells_at(self._sight.places[effect.contact])
        told = (effect.queue, effect.position, effect.expected_ms, next_at)
        self._tell(Announced(effect.contact, at, *told))

    # Tracks

    def _track(self, place: Place, at: Millis) -> _Track:
        standing, rules = self._sight.standing(place, at), place.room.rules
        return _Track(place, standing, rules, due_step(place, at), at, place.key)

    def _is_here(self, track: _Track) -> bool:
        return self._sight.places.get(track.place.contact) is track.place
