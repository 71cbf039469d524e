"""The garbage collector, kept still while a command makes very many objects at once."""

import gc
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def collector_paused() -> Generator[None]:
    """Look for no circles of objects meanwhile; what is no longer referred to is freed as ever.

    The parts of a site hold no circles. Looking for some again and again, while hundreds of
    thousands of parts are made, is a fifth of what a check costs, and more the larger the site.
    """
    was_at_work = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_at_work:
            gc.enable()
