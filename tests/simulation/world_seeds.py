"""Seeds that are lived through each time: what each found once, or why it is here."""

WIDE = (101, 104, 109)
"""Worlds with all that plain ones have not, and limits that are met."""

# As worlds were when each was chosen: plain ones.
SEEDS: dict[int, str] = {
    1: "an orderly wire that is slow",
    6: "an orderly wire without a fault",
    31: "an agent answered while the router took the offer back: two talked, and it knew of none",
    34: "the same, and the caller was offered to a second agent while she talked",
    41: "the talk that the router did not know of ended, and it had the caller wait for ever on",
    67: "as 31, with an agent who left as she answered",
    69: "an expert's offer that came twice was failed back while her phone rang",
    81: "the end of a device's own call was lost: nothing heals that yet",
    90004: "a caller, given to the very agent who gave her, was given up by one queue twice",
    659: "the copy of an overflow gave up her next wait too: an orderly wire brings it once now",
    104: "a caller hung up in a talk that was taken back: a ghost waited in her place",
}
FRESH_FROM, FRESH = 91_000, 6
"""Worlds that nobody chose, one after another."""
