"""Events that set right what was recorded wrongly; the wrong record stays beside them."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field, StringConstraints

from schemas.event import Event, distinct
from schemas.values import Comment, Instant, Text

Tag = Annotated[str, StringConstraints(pattern=r"^[a-z]+:[A-Za-z0-9._:-]{1,400}$")]
"""A tag of another event: a kind and an identifier, as every tag is."""


class Correction(Event):
    """What both say: the position and type of the fact, the tags under which it is found, why."""

    fact: Annotated[int, Field(ge=1)]
    of: Text
    about: tuple[Tag, ...] = Field(min_length=1, max_length=50)
    reason: Comment

    def tags(self) -> tuple[str, ...]:
        """Those of the fact, so that whoever reads the fact reads this too, and its position."""
        return distinct(*self.about, f"fact:{self.fact}")


class FactCorrected(Correction):
    """A fact was true from another instant on than was recorded; ``was`` is the one before."""

    TYPE: ClassVar[str] = "fact.corrected.v1"
    was: Instant
    now: Instant


class FactRetracted(Correction):
    """A fact was recorded in error: it never was. ``was`` is the instant it was recorded with."""

    TYPE: ClassVar[str] = "fact.retracted.v1"
    was: Instant
