"""What a fold remembers between events: a bounded dict in front of the view's own tables."""

from __future__ import annotations

from itertools import islice
from typing import Generic, TypeVar

Key = TypeVar("Key")
Known = TypeVar("Known")


class Remembered(dict[Key, Known], Generic[Key, Known]):
    """A dict that ``forget`` cuts back to its limit, the longest kept first.

    Nothing is forgotten before ``forget``, which is called when all is written: what is not here
    stands in the tables.
    """

    def __init__(self, limit: int) -> None:
        super().__init__()
        self._limit = limit

    def forget(self) -> list[Known]:
        """Keep at most the limit, of the latest to come in; returns what went."""
        surplus = max(0, len(self) - self._limit)
        return [self.pop(key) for key in list(islice(self, surplus))]
