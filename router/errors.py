"""The one error a pure core can raise."""


class CoreBug(Exception):
    """An invariant broke: our fault, nobody else's. The contact concerned must end safely."""
