"""Who asks at the command line, as the machine knows him."""

import getpass

from ivr.adapters.control.wire import NAME_CHARS_MAX


def whoever() -> str:
    """The name of the user, for whoever wonders later; a dash where there is none."""
    try:
        return getpass.getuser()[:NAME_CHARS_MAX]
    except (OSError, KeyError):
        return "-"
