"""Memory around large work: less garbage collection within it, and freed memory given back after.

Reference counts free them at once; looking for cycles among millions of them costs a seventh of a
bulk load and a third of a rebuild, and finds none.
"""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Iterator
from contextlib import contextmanager

_YOUNG_OBJECTS = 100_000
_GENERATIONS = 50


@contextmanager
def seldom_collected(young_objects: int = _YOUNG_OBJECTS) -> Iterator[None]:
    """Within it the collector looks seldom, so memory stays bounded; afterwards as before.

    After every ``young_objects`` that were made and not freed: a work of a known size that makes
    only what it returns may name more than it makes.
    """
    before = gc.get_threshold()
    gc.set_threshold(young_objects, _GENERATIONS, _GENERATIONS)
    try:
        yield
    finally:
        # What was made is old now; else the next object anybody makes would have it looked through.
        gc.freeze()
        gc.unfreeze()
        gc.set_threshold(*before)


def give_back() -> None:
    """Hand the system what was freed: the C library keeps some 50 MB after large work.

    Does nothing where the C library has no such call (it is glibc's).
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
