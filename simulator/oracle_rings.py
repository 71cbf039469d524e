"""The half of the oracle that knows what becomes of an offer, and of who is there for one."""

from router.effects import OfferContact, RecordPresence, RescindOffer
from router.events import EngagementEnded, OfferAccepted, OfferFailed
from router.model import (
    Channel,
    DeviceId,
    OfferFailure,
    OfferId,
    Origin,
    Presence,
    PresenceRecord,
    QueueId,
    RescindReason,
)
from simulator.oracle_order import Choosing
from simulator.oracle_people import Hand, Person
from simulator.oracle_waiting import Caller, Ring

GUESS_MS = 180_000
"""How long one conversation is held to last where nothing is known yet."""
FRESH_MS = 10 * 60_000
REST_MS = 2_000
ABSENT_MS = 120_000
ENGAGED_MS = (4 * 60 + 5) * 60_000
MISSED = (OfferFailure.DECLINED, OfferFailure.DROPPED)
"""She is told of these; every other failure is somebody else's."""


class Ringing(Choosing):
    """Offers from their making to the end of the wrap-up."""

    def _ring(self, caller: Caller, person: Person) -> None:
        rules, device = self.rules(caller.queue), known(person.device)
        self.offers += 1
        offer = OfferId(f"{caller.contact}.o{self.offers}")
        is_call = rules.channel is Channel.VOICE
        self._not_idle(person)
        hand = Hand(person, offer, rules.channel)
        person.hands.append(hand)
        caller.offer = offer
        self.rings.append(Ring(offer, caller, person, device, hand))
        if is_call:
            self.people.in_use.append((device, offer))
        self._forget("announce", caller)
        self._forget("wait", caller)
        self._in(rules.ring_ms_max, "offer", offer)
        self._has_its_share(caller.queue)
        made = OfferContact(offer, caller.contact, person.agent.id, device, rules.ring_ms_max)
        self._effects.append(made)

    def _answered(self, event: OfferAccepted | OfferFailed | EngagementEnded) -> None:
        for ring in [each for each in self.rings if each.offer == event.offer]:
            match event:
                case OfferAccepted():
                    if not ring.caller.talks:
                        self._talks(ring)
                case OfferFailed():
                    self._over(ring)
                    self._missed(ring, is_miss=event.failure in MISSED)
                    self._back(ring)
                    self._goes_if_she_left(ring.person)
                case EngagementEnded():
                    if ring.caller.talks:
                        self._done(ring)

    def _talks(self, ring: Ring) -> None:
        ring.caller.talks, ring.hand.talks = True, True
        self._forget("offer", ring.offer)
        self._in(ENGAGED_MS, "engaged", ring)
        day = ring.person.day
        day.accepted += 1
        if day.busy_since is None:
            day.busy_since = self.at
        self._measures(ring.caller.queue)

    def _measures(self, queue: QueueId) -> None:
        """Somebody was answered there just now: for how long did its agents work on that?"""
        page = self.page(queue)
        since = page.waits_since
        page.waits_since = self.at if self.waiting_at_steps(queue) else None
        if since is None:
            return
        took = (self.at - since) * max(1, len(self.staff(queue)))
        if page.takes is None or self.is_guessing(queue):
            page.takes = (GUESS_MS + took) // 2
        else:
            page.takes = page.takes + (took - page.takes) // 8
        page.measured.append(self.at)

    def is_guessing(self, queue: QueueId) -> bool:
        """Whether nothing was measured there in the last ten minutes."""
        return not any(self.at - each < FRESH_MS for each in self.page(queue).measured)

    def _done(self, ring: Ring) -> None:
        """They have talked: there may be something left to do for her."""
        person, rules = ring.person, self.rules(ring.caller.queue)
        person.misses = 0
        self._gone(ring.caller)
        if person.has_left_the_site:
            self._over(ring)
            self._goes_if_she_left(person)
            return
        self._hangs_up(ring)
        hand = ring.hand
        hand.wraps, hand.talks = True, False
        hand.begun, hand.ends = self.at, self.at + rules.wrap_up_ms
        hand.by_ms = hand.most_ms = rules.wrap_up_ms
        if rules.wrap_up_ms_max is not None:
            hand.most_ms = rules.wrap_up_ms_max
        self._in(rules.wrap_up_ms, "wrap", hand)
        if not rules.wrap_up_ms:
            self._wrapped_up(hand)

    def _wrapped_up(self, hand: Hand) -> None:
        self._forget("wrap", hand)
        self._puts_down(hand)
        self._freed.append(hand.person)

    def _puts_down(self, hand: Hand) -> None:
        person = hand.person
        person.hands.remove(hand)
        self._not_idle(person, Channel.CHAT)
        day = person.day
        taken = [each for each in person.hands if each.talks or each.wraps]
        if day.busy_since is not None and not taken:
            day.busy_ms += self.at - day.busy_since
            day.busy_since = None

    def _take_back(self, ring: Ring, reason: RescindReason) -> None:
        self._over(ring)
        self._effects.append(RescindOffer(ring.offer, ring.caller.contact, reason))
        if reason is RescindReason.TIMED_OUT:
            self._missed(ring, is_miss=True)
        elif reason is not RescindReason.AGENT_GONE:
            self._freed.append(ring.person)
        self._back(ring)

    def _over(self, ring: Ring) -> None:
        self._puts_down(ring.hand)
        self._hangs_up(ring)

    def _hangs_up(self, ring: Ring) -> None:
        self.rings.remove(ring)
        self._forget("offer", ring.offer)
        self._forget("engaged", ring)
        if (ring.device, ring.offer) in self.people.in_use:
            self.people.in_use.remove((ring.device, ring.offer))
            # Who took the device over meanwhile can be rung from now on.
            sitting = self.people.at(ring.device)
            if sitting is not None and sitting is not ring.person:
                self._freed.append(sitting)

    def _back(self, ring: Ring) -> None:
        """The contact waits again, at its old place, if it still is here."""
        caller = ring.caller
        if caller in self.callers:
            caller.offer, caller.talks = None, False
            caller.let_ring_by.append(ring.person.agent.id)
            due = caller.entered + self.rules(caller.queue).wait_ms_max
            caller.is_overdue = due <= self.at
            self._one_waits(caller.queue)
            if not caller.is_overdue:
                self._in(due - self.at, "wait", caller)
            self._gives_its_share_back(caller.queue)
            if caller.prefers is not None:
                caller.prefers, caller.steps_from = None, self.at
            if self.is_known(caller.queue):
                self._rhythm(caller)

    def _missed(self, ring: Ring, *, is_miss: bool) -> None:
        person = ring.person
        counts = is_miss and not self.people.has_own_call(ring.device)
        person.misses += counts
        if counts and person.misses >= self.rules(ring.caller.queue).misses_max:
            person.misses = 0
            if person.presence is Presence.AVAILABLE:
                self._become(person, Presence.ON_BREAK, "missed_offers", Origin.ROUTER)
                person.paused_by_router = True
                self._in(ABSENT_MS, "absent", person)
            return
        person.resting = True
        self._in(REST_MS, "rest", person)

    # Who is there

    def _become(
        self, person: Person, presence: Presence, reason: str | None, origin: Origin
    ) -> None:
        self._say(person, presence, reason, origin)
        self._forget("absent", person)
        self._draw(person)

    def _say(self, person: Person, presence: Presence, reason: str | None, origin: Origin) -> None:
        agent, device = person.agent.id, person.device
        self.records.append(agent)
        person.presence, person.paused_by_router, person.pausing = presence, False, None
        person.reason = reason if presence is Presence.ON_BREAK else None
        if presence is Presence.SIGNED_OUT:
            person.device = None
        key = f"{agent}.p{self.records.count(agent)}"
        record = PresenceRecord(key, agent, presence, reason, device, origin, self.at)
        self._effects.append(RecordPresence(record))

    def _draw(self, person: Person) -> None:
        """What follows when somebody came or went: who is not there is not rung."""
        if not self.people.is_there(person):
            self._not_idle(person)
            for ring in [each for each in self.rings if each.person is person]:
                if not ring.caller.talks:
                    self._take_back(ring, RescindReason.AGENT_GONE)
        self._freed.append(person)

    def _pause_who_waits_for_it(self) -> None:
        """Whose hands are empty at last goes on the break that she asked for before."""
        for person in self.people.everybody:
            if person.pausing is not None and not person.hands:
                reason, origin = person.pausing
                self._become(person, Presence.ON_BREAK, reason, origin)

    def _goes_if_she_left(self, person: Person) -> None:
        if person.has_left_the_site and not person.keeps_a_contact:
            self._vanish(person)

    def _vanish(self, person: Person) -> None:
        self.people.everybody.remove(person)
        for what in ("rest", "absent"):
            self._forget(what, person)
        for hand in person.hands:
            self._forget("wrap", hand)


def known(device: DeviceId | None) -> DeviceId:
    """Where somebody sits who is rung or signs in."""
    if device is None:
        raise AssertionError("the oracle rings or signs in somebody who sits nowhere")
    return device
