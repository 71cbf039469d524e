"""Bugs to be planted in what is found by skills, and in snapshots; as in ``planted_policies``."""

INDEX_BUGS: tuple[tuple[str, str, str, str], ...] = (
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
"""Name, file, what is right there, and what is put in its place."""
