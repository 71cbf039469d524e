"""Bugs to be planted in the cores, one line each: the suite must find every one of them.

They are such as people make: a step left out, an order turned round, a timer forgotten, off by one.
"""

from dataclasses import dataclass

from planted_calls import CALL_BUGS
from planted_indexes import INDEX_BUGS
from planted_policies import POLICY_BUGS
from planted_tellings import TELLING_BUGS

ROUTER, CALL = "router", "ivr/call"
"""Where they are planted."""


@dataclass(frozen=True, slots=True)
class PlantedBug:
    """In this file the one place that reads ``right`` reads ``wrong`` instead."""

    name: str
    file: str
    right: str
    wrong: str
    folder: str = ROUTER

    @property
    def path(self) -> str:
        """From the repository's root."""
        return f"{self.folder}/{self.file}"


PLANTED = tuple(
    PlantedBug(*each)
    for each in (
        # Requirements, lines and profiles
        (
            "level-above-not-at",
            "model.py",
            "skills.get(skill, 0) >= level",
            "skills.get(skill, 0) > level",
        ),
        (
            "one-skill-of-many-does",
            "model.py",
            "return all(skills.get",
            "return any(skills.get",
        ),
        (
            "called-off-the-wrong-one",
            "alarms.py",
            "del span.ordered[bisect_left(span.ordered, alarm, span.over)]",
            "del span.ordered[bisect_left(span.ordered, alarm, span.over) - 1]",
        ),
        (
            "late-alarm-left-out-of-order",
            "alarms.py",
            "            insort(span.ordered, alarm, span.over)",
            "            span.ordered.append(alarm)",
        ),
        (
            "earliest-is-not-seen",
            "ranking.py",
            "            if not index:\n                self.first = block[0]",
            "            pass",
        ),
        (
            "second-is-not-seen",
            "ranking.py",
            "            self.first = blocks[0][0] if blocks else None",
            "            pass",
        ),
        (
            "profile-left-in-line",
            "matching.py",
            "            line.serving.remove(profile)",
            "            pass",
        ),
        (
            "changed-queue-served-twice",
            "matching.py",
            "            line.serving.clear()",
            "            pass",
        ),
        (
            "last-agent-counts-on",
            "matching.py",
            "            room.staff += more",
            "            room.staff += max(more, 0)",
        ),
        (
            "steps-not-summed",
            "matching.py",
            "ends.append((ends[-1] if ends else 0) + step.for_ms)",
            "ends.append(step.for_ms)",
        ),
        (
            "earlier-open-step-first",
            "matching.py",
            "return next(later, next(earlier, due))",
            "return next(earlier, next(later, due))",
        ),
        # Who is idle
        (
            "newest-idle-first",
            "agent_order.py",
            "if best is None or since < least:",
            "if best is None or since > least:",
        ),
        ("who-missed-rings-again", "matching.py", "in held if agent not in those", "in held"),
        (
            "who-missed-rings-never",
            "agent_order.py",
            "return self._best_but(line, missed_by) or self.best(line, ())",
            "return self._best_but(line, missed_by)",
        ),
        (
            "idle-anew-goes-last",
            "seats.py",
            "            if agent in profile.idle:\n                return\n",
            "            profile.idle.pop(agent, None)\n",
        ),
        (
            "ranked-who-missed-rings-again",
            "idle_order.py",
            "if key[2] not in those",
            "if True",
        ),
        (
            "experts-are-not-spared",
            "line_order.py",
            "LevelOrder.LOWEST: 1, LevelOrder.HIGHEST: -1",
            "LevelOrder.LOWEST: -1, LevelOrder.HIGHEST: 1",
        ),
        (
            "grade-of-the-widest-alternative",
            "matching.py",
            "return min(over, default=None)",
            "return max(over, default=None)",
        ),
        (
            "busy-till-the-next-answer",
            "day.py",
            "            self.busy_ms += at - self.busy_since\n            self.busy_since = None",
            "            self.busy_ms += at - self.busy_since",
        ),
        (
            "yesterday-counts",
            "day.py",
            "self.accepted = self.busy_ms = self.idle_ms = 0",
            "self.busy_ms = self.idle_ms = 0",
        ),
        (
            "new-day-keeps-the-old-ranks",
            "matching.py",
            "            profile.orders.clear()\n",
            "",
        ),
        # Whose turn it is
        (
            "share-without-effect",
            "contact_order.py",
            "room.tag += STRIDE // room.rules.share",
            "room.tag += STRIDE",
        ),
        (
            "unused-share-is-saved-up",
            "contact_order.py",
            "room.tag = max(room.tag, self.virtual)",
            "pass",
        ),
        (
            "lost-offer-is-paid-for",
            "contact_order.py",
            "room.tag -= STRIDE // room.rules.share",
            "pass",
        ),
        (
            "class-behind-the-share",
            "contact_order.py",
            "(head[0], ranked, head) < (first[0], least, first)",
            "(ranked, head[0], head) < (least, first[0], first)",
        ),
        (
            "ratio-to-the-shortest-queue",
            "contact_order.py",
            "return room.rules.share * waits - room.waits * shares",
            "return room.waits * shares - room.rules.share * waits",
        ),
        (
            "ratio-takes-scarce-agents",
            "contact_order.py",
            "return len(profile.idle) * pool.staffed - profile.staffed * pool.idle",
            "return profile.staffed * pool.idle - len(profile.idle) * pool.staffed",
        ),
        (
            "rest-is-ignored",
            "seats.py",
            "or seat.resting or seat.device is None",
            "or seat.device is None",
        ),
        (
            "phone-in-use-is-ignored",
            "devices.py",
            "return device not in self._own_calls and device not in self._engaged",
            "return device not in self._own_calls",
        ),
        (
            "own-call-is-ignored",
            "devices.py",
            "return device not in self._own_calls and device not in self._engaged",
            "return device not in self._engaged",
        ),
        (
            "unreachable-is-staff",
            "seats.py",
            "return self.devices.is_reachable(seat.device)",
            "return True",
        ),
        # Offers
        (
            "requeue-dropped",
            "offers.py",
            "        self._places.wait(place, at)\n",
            "        pass\n",
        ),
        (
            "returned-seeks-nobody",
            "offers.py",
            "        self._turn.seeking.append(place)",
            "        pass",
        ),
        (
            "ring-timer-not-cancelled",
            "places.py",
            "            self.times.end(place)",
            "            pass",
        ),
        (
            "offer-timer-not-set",
            "offers.py",
            'self._timers.set(("offer", offer), at + ring_ms_max)',
            "pass",
        ),
        (
            "misses-not-forgiven",
            "offers.py",
            "        seat.misses = 0\n        rules = place.room.rules",
            "        rules = place.room.rules",
        ),
        (
            "one-miss-more",
            "offers.py",
            "seat.misses >= place.room.rules.misses_max",
            "seat.misses > place.room.rules.misses_max",
        ),
        (
            "fault-counts-as-miss",
            "offers.py",
            "is_miss = failure in (OfferFailure.DECLINED, OfferFailure.DROPPED)",
            "is_miss = True",
        ),
        (
            "miss-during-own-call",
            "offers.py",
            "is_miss = is_miss and not self._seats.devices.own_calls(offer.device)",
            "is_miss = bool(is_miss)",
        ),
        (
            "wrap-up-of-nothing",
            "after_contact.py",
            'self._timers.set(("wrap", seat.agent.id), at + rules.wrap_up_ms)',
            'self._timers.set(("wrap", seat.agent.id), at)',
        ),
        (
            "device-stays-engaged",
            "offers.py",
            "        self._seats.devices.release(device)",
            "        pass",
        ),
        (
            "gone-agent-rings-on",
            "offers.py",
            "self.rescind(seat.offer, RescindReason.AGENT_GONE, at)",
            "pass",
        ),
        (
            "absent-for-ever",
            "offers.py",
            'self._timers.set(("absent", seat.agent.id), at + ABSENT_MS)',
            "pass",
        ),
        (
            "sitter-not-freed",
            "offers.py",
            "            self._turn.freed.append(sitting)",
            "            pass",
        ),
        ("offer-number-used-twice", "offers.py", "        self.made += 1", "        self.made = 1"),
        # Contacts
        (
            "priority-turned-round",
            "places.py",
            "turn_ms = at - event.waited_ms - event.priority_ms",
            "turn_ms = at - event.waited_ms + event.priority_ms",
        ),
        ("full-is-one-more", "model.py", "waiting < self.absolute", "waiting <= self.absolute"),
        (
            "connected-count-as-held",
            "places.py",
            "        elif phase is _OFFERED:",
            "        elif phase is not ContactPhase.ABSENT:",
        ),
        (
            "step-never-moves",
            "core.py",
            "            self._turn.seeking.append(place)\n        if place.tells_at",
            "            pass\n        if place.tells_at",
        ),
        (
            "step-ends-late",
            "places.py",
            "            if waited < ends:",
            "            if waited <= ends:",
        ),
        (
            "moved-stays-in-line",
            "places.py",
            "            self._leave(place, before)",
            "            pass",
        ),
        (
            "overdue-forgotten",
            "places.py",
            "place.overdue = place.entered + place.room.rules.wait_ms_max <= at",
            "pass",
        ),
        ("overdue-serves-on", "settling.py", "        if place.overdue:", "        if False:"),
        (
            "latest-contact-first",
            "contact_order.py",
            "(first is None or head < first)",
            "(first is None or head > first)",
        ),
        (
            "contacts-choose-unsorted",
            "settling.py",
            "            turn.seeking.sort(key=_by_key)",
            "            turn.seeking.reverse()",
        ),
        (
            "freed-finds-nothing",
            "settling.py",
            "        for seat in turn.freed:",
            "        for seat in turn.freed[:1]:",
        ),
        (
            "queue-change-not-settled",
            "core.py",
            "            self._turn.unsettled[queue.id] = None",
            "            pass",
        ),
        ("retired-keeps-waiting", "core.py", "        self._places.retire(room)", "        pass"),
        (
            "leaver-keeps-offer",
            "core.py",
            "            self._offers.rescind(place.offer, RescindReason.CONTACT_LEFT, at)",
            "            pass",
        ),
        (
            "next-step-forgotten",
            "core.py",
            "        if waiting < timer:\n            return waiting\n",
            "",
        ),
        (
            "position-not-renewed",
            "core.py",
            "            place.tells_at = telling_after(place, at)",
            "            pass",
        ),
        # Timers, announcements, snapshots
        (
            "equal-times-turned-round",
            "alarms.py",
            "        self._count += 1",
            "        self._count -= 1",
        ),
        ("due-one-late", "deadlines.py", "while self.due <= at:", "while self.due < at:"),
        (
            "cleared-timer-fires",
            "deadlines.py",
            "alarm = self._by_key.pop(key, None)",
            "alarm = self._by_key.get(key)",
        ),
        (
            "own-calls-forgotten-by-nobody",
            "presence.py",
            '            self._timers.set(("own_calls", device), since + OWN_CALLS_MS_MAX)',
            "            pass",
        ),
        (
            "one-own-call-over-ends-the-watch",
            "presence.py",
            "        if since is None:\n            self._timers.clear",
            "        if True:\n            self._timers.clear",
        ),
        (
            "rhythm-from-now",
            "announcing.py",
            "return began + (passed + 1) * every",
            "return at + every",
        ),
        (
            "position-from-zero",
            "announcing.py",
            "room.before(place.key) + 1",
            "room.before(place.key)",
        ),
        (
            "offered-still-counted",
            "places.py",
            "        line.waiting.discard(place.key)",
            "        pass",
        ),
        ("aside-is-not-counted", "matching.py", "else self.aside.before(key)", "else 0"),
        (
            "aside-still-counted",
            "places.py",
            "            place.room.aside.discard(place.key)",
            "            pass",
        ),
        (
            "snapshot-loses-times",
            "places.py",
            "                self.times.restore(place, each.times)",
            "                pass",
        ),
        (
            "snapshot-loses-idle-order",
            "matching.py",
            "return [agent for _, agent in sorted(held)]",
            "return [agent for _, agent in held]",
        ),
        (
            "snapshot-loses-misses",
            "seats.py",
            "            seat.misses, seat.resting = each.misses, each.resting",
            "            seat.resting = each.resting",
        ),
        (
            "snapshot-loses-who-missed",
            "places.py",
            "            place.missed_by = frozenset(each.missed_by)",
            "            pass",
        ),
        *POLICY_BUGS,
        *INDEX_BUGS,
        *TELLING_BUGS,
    )
) + tuple(PlantedBug(*each, folder=CALL) for each in CALL_BUGS)
