"""Bugs to be planted in orders, limits, crises, presence, wrap-ups, pauses and chats.

Each is a name, a file of ``router/``, the one place that is right, and what is wrong instead.
"""

POLICY_BUGS: tuple[tuple[str, str, str, str], ...] = (
    # Orders of agents
    (
        "lowest-is-highest",
        "agent_order.py",
        "LevelOrder.LOWEST: 1, LevelOrder.HIGHEST: -1",
        "LevelOrder.LOWEST: -1, LevelOrder.HIGHEST: 1",
    ),
    ("grade-of-the-widest", "matching.py", "min(over, default=None)", "max(over, default=None)"),
    (
        "pressure-turned-round",
        "agent_order.py",
        "wanted = 0 if pressure is None else -pressure(profile)",
        "wanted = 0 if pressure is None else pressure(profile)",
    ),
    ("idle-time-not-counted", "day.py", "self.idle_ms += at - self.idle_since", "pass"),
    (
        "busy-ends-with-the-talk",
        "seats.py",
        "        elif following is EngagementPhase.NONE:\n            seat.day.emptied",
        "        elif following is EngagementPhase.WRAP_UP:\n            seat.day.emptied",
    ),
    ("day-forgets-who-is-idle", "matching.py", "            profile.orders.clear()\n", ""),
    (
        "day-counts-on",
        "day.py",
        "self.busy_since = None if self.busy_since is None else at",
        "pass",
    ),
    # Orders of contacts
    (
        "class-forgotten",
        "places.py",
        "return (room.rules.contact_class, turn_ms,",
        "return (0, turn_ms,",
    ),
    (
        "class-not-renewed",
        "places.py",
        "if before.contact_class != rules.contact_class:",
        "if False:",
    ),
    (
        "policy-before-class",
        "contact_order.py",
        "(head[0], ranked, head) < (first[0], least, first)",
        "(ranked, head) < (least, first)",
    ),
    (
        "waited-before-forgotten",
        "places.py",
        "turn_ms = at - event.waited_ms - event.priority_ms",
        "turn_ms = at - event.priority_ms",
    ),
    (
        "share-not-given-back",
        "contact_order.py",
        "room.tag -= STRIDE // room.rules.share",
        "pass",
    ),
    (
        "virtual-not-raised",
        "contact_order.py",
        "self.virtual = max(self.virtual, room.tag)",
        "pass",
    ),
    (
        "empty-queue-saves-up",
        "contact_order.py",
        "room.tag = max(room.tag, self.virtual)",
        "pass",
    ),
    (
        "share-turned-round",
        "contact_order.py",
        "room.tag += STRIDE // room.rules.share",
        "room.tag += room.rules.share",
    ),
    (
        "share-of-lengths-forgotten",
        "contact_order.py",
        "return room.rules.share * waits - room.waits * shares",
        "return -room.waits",
    ),
    # Preferred agents
    (
        "waits-for-who-is-away",
        "preferring.py",
        "if seat is None or not self._seats.can_wait_for(seat, channel):",
        "if seat is None or seat.retired:",
    ),
    (
        "waits-on-when-she-goes",
        "preferring.py",
        "            if is_there and (held is None or _stands(held, place.room, seat)):",
        "            if not seat.retired and (held is None or _stands(held, place.room, seat)):",
    ),
    (
        "displaced-are-forgotten",
        "places.py",
        "            room.displaced[place.contact] = None\n        elif",
        "            pass\n        elif",
    ),
    (
        "displaced-are-not-known-again",
        "places.py",
        "                if place.step not in (PREFERRED_STEP, timed_step(place)):",
        "                if False:",
    ),
    (
        "closed-step-keeps-its-own",
        "places.py",
        "if was_open and not is_open]",
        "if is_open and not was_open]",
    ),
    (
        "last-agent-of-another-skill",
        "preferring.py",
        "if must_serve and not room.is_served_by(seat.profile):",
        "if must_serve and not room.is_open:",
    ),
    (
        "waits-on-for-who-is-taught-otherwise",
        "preferring.py",
        "return not held.must_serve or room.is_served_by(seat.profile)",
        "return True",
    ),
    (
        "waits-on-after-lost-offer",
        "offers.py",
        "        self._places.begin_steps(place, at)\n",
        "",
    ),
    (
        "steps-from-entry",
        "places.py",
        "place.preference, place.steps_from = None, since",
        "place.preference = None",
    ),
    (
        "own-line-forgotten",
        "seats.py",
        "return profile.call_lines if own is None else [*profile.call_lines, own]",
        "return profile.call_lines",
    ),
    # Limits and expected waits
    (
        "overload-one-more",
        "pool.py",
        "return self.held < held_max",
        "return self.held <= held_max",
    ),
    (
        "overload-for-all-classes",
        "pool.py",
        "self.routing.admitted.get(contact_class, ADMITTED_PERCENT)",
        "ADMITTED_PERCENT",
    ),
    ("expects-though-idle", "admission.py", "if waits and rules", "if rules"),
    (
        "expected-wait-at-its-bound",
        "admission.py",
        "staff=room.staff) > rules",
        "staff=room.staff) >= rules",
    ),
    (
        "gap-while-nobody-waits",
        "expecting.py",
        "if self.was_busy and self.last_accept is not None:",
        "if self.last_accept is not None:",
    ),
    ("gap-is-the-newest", "expecting.py", "(took - self.gap) // NEWEST_PART", "took - self.gap"),
    (
        "staff-does-not-help",
        "expecting.py",
        "position * HANDLING_MS // max(1, staff)",
        "position * HANDLING_MS",
    ),
    (
        "all-told-at-once",
        "announcing.py",
        "began = place.entered + place.key[2] % STAGGER * (every // STAGGER_PART)",
        "began = place.entered",
    ),
    (
        "told-before-the-first-time",
        "announcing.py",
        "passed = max(0, (at - began) // every)",
        "passed = (at - began) // every",
    ),
    # Changes while waiting, crises
    (
        "priority-on-top-of-priority",
        "crisis.py",
        "turn_ms = place.turn_from - event.priority_ms",
        "turn_ms = place.key[1] - event.priority_ms",
    ),
    ("crisis-not-for-who-returns", "offers.py", "if place.room.crisis is None:", "if True:"),
    (
        "crisis-into-crisis",
        "crisis.py",
        "        if target is None or target.crisis is not None:",
        "        if target is None:",
    ),
    (
        "moved-keeps-its-entry",
        "places.py",
        "place.entered = place.steps_from = at",
        "place.steps_from = at",
    ),
    (
        "moved-keeps-its-class",
        "places.py",
        "        place.key = (room.rules.contact_class, *place.key[1:])\n",
        "",
    ),
    (
        "moved-seeks-nobody",
        "crisis.py",
        "        self._turn.seeking.append(place)\n",
        "",
    ),
    # Presence
    (
        "move-leaves-two-at-a-device",
        "presence.py",
        "            going.append(sitting)",
        "            pass",
    ),
    ("anybody-sits-anywhere", "presence.py", "return PresenceAnswer.SEAT_OF_ANOTHER", "pass"),
    (
        "own-pause-ended-by-phone",
        "presence.py",
        "        if seat.taken_for_absent:\n",
        "        if seat.presence is Presence.ON_BREAK:\n",
    ),
    # Wrap-ups and pauses
    (
        "wrap-up-without-end",
        "wrap_up.py",
        "return min(at + self.more_ms, self.latest)",
        "return at + self.more_ms",
    ),
    (
        "ended-wrap-up-frees-nobody",
        "after_contact.py",
        "        self._turn.freed.append(seat)\n\n    def wrap_up_chat",
        "\n    def wrap_up_chat",
    ),
    (
        "put-off-pause-forgotten",
        "offers.py",
        "        self.after.emptied(seat, at)\n        self._return(offer, at)\n        self._van",
        "        self._return(offer, at)\n        self._van",
    ),
    ("put-off-pause-stays", "seats.py", "        seat.put_off = None\n", ""),
    (
        "talks-for-ever",
        "offers.py",
        'self._timers.set(("offer", identifier), at + ENGAGED_MS_MAX)',
        'self._timers.clear(("offer", identifier))',
    ),
    # Chats
    (
        "chat-beside-a-call",
        "seats.py",
        "return seat.phase is EngagementPhase.NONE and self.is_staffed(seat)",
        "return self.is_staffed(seat)",
    ),
    ("call-beside-a-chat", "seats.py", "        if seat.chats:\n            return False\n", ""),
    (
        "one-chat-more",
        "seats.py",
        "len(seat.chats) >= seat.agent.chats_max",
        "len(seat.chats) > seat.agent.chats_max",
    ),
    (
        "chats-not-spread",
        "chat_order.py",
        "return (self.chats, measured, self.since, self.agent)",
        "return (0, measured, self.since, self.agent)",
    ),
    (
        "chats-wait-for-who-has-none",
        "matching.py",
        "if room.rules.channel is Channel.CHAT and not profile.takes_chats:",
        "if False:",
    ),
    (
        "chat-before-put-off-pause",
        "seats.py",
        "or seat.resting or seat.put_off is not None:",
        "or seat.resting:",
    ),
    # Who is found by skills
    ("anybody-is-not-found", "skill_index.py", "return (ANYBODY, *skills)", "return tuple(skills)"),
    ("level-nought-is-asked-for", "skill_index.py", "if level > 0)", "if level >= 0)"),
    ("commonest-skill-finds", "skill_index.py", "yield min(_needed", "yield max(_needed"),
    (
        "found-in-no-order",
        "skill_index.py",
        "key=self._numbers.__getitem__)",
        "key=lambda each: -self._numbers[each])",
    ),
    (
        "abandoned-queue-is-found",
        "matching.py",
        "        self._rooms_by.drop(room)\n",
        "        self._rooms_by.drop(room)\n        self._rooms_by.put(room, [None])\n",
    ),
    ("profile-left-is-found", "matching.py", "        self._profiles_by.drop(profile)\n", ""),
    # Snapshots
    (
        "snapshot-loses-put-off-pause",
        "seats.py",
        "seat.wrap_up, seat.put_off = each.wrap_up, each.put_off",
        "seat.wrap_up = each.wrap_up",
    ),
    ("snapshot-loses-shares", "places.py", "tag=each.tag", "tag=0"),
    ("snapshot-loses-crisis", "places.py", "crisis=each.crisis", "crisis=None"),
)
