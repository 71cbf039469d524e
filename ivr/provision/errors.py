"""The one way set-up says no."""

from __future__ import annotations


class ProvisionError(Exception):
    """Set-up cannot go on; the text is one sentence that names the place and the remedy.

    It is printed as it stands and the exit status is 2, so a person reads no traceback.
    """
