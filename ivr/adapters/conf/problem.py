"""The one way this adapter says no."""

from __future__ import annotations


class ConfProblem(Exception):
    """Asterisk's configuration cannot be written: one sentence with the place and the remedy."""
