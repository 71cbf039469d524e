"""Bugs to be planted in what only tells or keeps: explanations, views, snapshots.

Each is a name, a file of ``router/``, the one place that is right, and what is wrong instead.
"""

TELLING_BUGS: tuple[tuple[str, str, str, str], ...] = (
    # Explanations
    (
        "answer-told-again-and-again",
        "onlooker.py",
        "if place.phase is ContactPhase.CONNECTED and ring.connected_at is None:",
        "if place.phase is ContactPhase.CONNECTED:",
    ),
    (
        "who-chose-whom-turned-round",
        "onlooker.py",
        "Chooser.CONTACT if is_found and seat is not self._chooser else Chooser.AGENT",
        "Chooser.AGENT if is_found and seat is not self._chooser else Chooser.CONTACT",
    ),
    (
        "step-that-is-over-told-as-staff",
        "onlooker.py",
        "return StandReason.STEP_OVER if is_due else StandReason.STAFF",
        "return StandReason.STAFF",
    ),
    (
        "passed-by-told-to-who-was-taken",
        "onlooker.py",
        "if place is taken or all(line is not each for each in lines):",
        "if all(line is not each for each in lines):",
    ),
    (
        "position-told-as-of-nobody",
        "door.py",
        "return 1 + sum(each.key < key for each in sight.places.all_waiting(room))",
        "return sum(each.key < key for each in sight.places.all_waiting(room))",
    ),
    (
        "refusal-told-of-the-queue-in-crisis",
        "door.py",
        "room = asked if to is None else sight.places.room(to) or asked",
        "room = asked",
    ),
    (
        "levels-told-the-wrong-way-round",
        "crowd.py",
        "level = _SIGNS[self._rules.levels] * candidate.grade",
        "level = candidate.grade",
    ),
    (
        "lack-told-of-the-farthest-alternative",
        "crowd.py",
        "return min(each_lacks, key=_missing, default=())",
        "return max(each_lacks, key=_missing, default=())",
    ),
    (
        "one-who-rests-told-as-idle",
        "crowd.py",
        "        if seat.resting:\n            return Exclusion.RESTING\n",
        "",
    ),
    (
        "heads-told-in-any-order",
        "sight.py",
        "        heads.sort(key=self._turn_of)\n",
        "        heads.reverse()\n",
    ),
    (
        "ahead-counts-itself",
        "sight.py",
        "sum(key < place.key for key in line.waiting)",
        "sum(key <= place.key for key in line.waiting)",
    ),
    (
        "step-passed-over-not-told",
        "sight.py",
        "passed_over = range(due, step) if step >= due",
        "passed_over = range(due + 1, step) if step >= due",
    ),
    # Views
    ("ringing-shown-as-waiting", "showing.py", "waiting=room.waits,", "waiting=room.held,"),
    (
        "own-talk-shown-as-anothers",
        "showing.py",
        "phone_in_use=engaged_by not in (None, seat.offer)",
        "phone_in_use=engaged_by is not None",
    ),
    (
        "positions-over-all-queues",
        "showing.py",
        "positions[place.contact] = before[place.queue]",
        "positions[place.contact] = before.total()",
    ),
    # Snapshots
    (
        "pause-put-off-lost-by-a-restart",
        "seats.py",
        "seat.wrap_up, seat.put_off = each.wrap_up, each.put_off",
        "seat.wrap_up = each.wrap_up",
    ),
    (
        "arrivals-begin-anew-after-a-restart",
        "keeping.py",
        "        self._places.arrivals = snapshot.arrivals\n",
        "",
    ),
    (
        "crisis-over-after-a-restart",
        "place_snapshots.py",
        "crisis=room.crisis",
        "crisis=None",
    ),
)
