"""Every bound of the test phone in one place: what it may hold, and how long it may wait."""

from typing import Final

CALLS_PER_PROCESS: Final = 3
"""Phones and placed calls one rack process takes.

The pjsua2 wheel is compiled for 4 calls and 8 accounts a process (measured: the fifth call
answers PJ_ETOOMANY, the ninth account aborts the process). One call stays spare, for a phone
that is offered its next call while the BYE of the last one is still on its way.
"""
CALLS_IN_LIBRARY: Final = 4
PROCESSES_MAX: Final = 24
"""Rack processes of one rack, hence 72 phones and placed calls at once."""

RECORDING_S_MAX: Final = 180
"""Longest recording of one call; what comes later is counted, not kept."""
TIMELINE_PACKETS_MAX: Final = RECORDING_S_MAX * 50
DIGITS_WAITING_MAX: Final = 32
CALLS_REMEMBERED_MAX: Final = 1000
"""Received calls a phone object keeps for the test to read."""

COMMAND_BYTES_MAX: Final = 64 * 1024
EVENT_BYTES_MAX: Final = 64 * 1024
LAST_WORDS_CHARACTERS_MAX: Final = 2000
"""The end of a dead rack process's standard error that go into the error."""

START_S_MAX: Final = 15.0
REGISTER_S_MAX: Final = 10.0
COMMAND_S_MAX: Final = 10.0
CLOSE_S_MAX: Final = 3.0
"""A rack process that has not ended by itself by then is killed."""
GOODBYE_MS_MAX: Final = 1000
"""How long a closing rack process waits for its BYEs and un-REGISTERs to be answered."""

TICK_MS: Final = 20
"""One RTP packet; also the longest sleep of a rack process, as pjsip's timers need."""
BURST_PACKETS_MAX: Final = 5
PUMP_ROUNDS_MAX: Final = 64
DATAGRAMS_PER_TURN_MAX: Final = 64

DIGITS_HEARD_MAX: Final = 1000
TONE_HZ_MIN: Final = 100
TONE_HZ_MAX: Final = 3500
"""A tone must survive a phone line's band, below half of its 8000 samples a second."""
REJECT_FIRST: Final = 400
REJECT_LAST: Final = 699
