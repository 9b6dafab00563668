"""Chance, one number a step."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random
from typing import Any


class Draw:
    """The one way to chance: a step draws one number, and all else about it follows.

    Steps can so be left out when a failing history is made shorter, and a thousand histories cost
    little; a step itself is not made simpler.
    """

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)

    def one(self, *values: Any) -> Any:
        """One of the values, each as likely."""
        return self._random.choice(values)

    def chance(self, percent: int) -> bool:
        """True so many times in a hundred."""
        return self._random.random() * 100 < percent

    def some(self, values: Iterable[Any]) -> list[Any]:
        """One or two of the values."""
        first, *rest = values
        found = [self.one(first, *rest)]
        other = self.one(first, *rest)
        return found if other in found else [*found, other]
