"""Events that set right what was recorded wrongly; the wrong record stays beside them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field, StringConstraints

from schemas.event import Event, Timer, distinct
from schemas.time import to_us
from schemas.values import Comment, Instant, Text, Value

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


class Awaits(Value):
    """An end by time that is awaited again, or no more, now that the fact never was."""

    name: Literal["gdap_request", "gdap_notice", "gdap_end", "delegation_end"]
    due: Instant
    runs: bool


class FactRetracted(Correction):
    """A fact was recorded in error: it never was. ``was`` is the instant it was recorded with.

    ``awaits`` says which ends by time follow from what is left.
    """

    TYPE: ClassVar[str] = "fact.retracted.v1"
    was: Instant
    awaits: Annotated[tuple[Awaits, ...], Field(max_length=20)] | None = None

    def timers(self) -> tuple[Timer, ...]:
        """The ends that are awaited again, and those that are no more."""
        named = dict(tag.partition(":")[::2] for tag in reversed(self.about))
        found = {}
        for one in self.awaits or ():
            key = subject_of(one, named)
            if key is not None:
                due_us = to_us(one.due) if one.runs else None
                found[key] = Timer(key, one.name if one.runs else "", due_us)
        return tuple(found.values())


def subject_of(awaits: Awaits, named: Mapping[str, str]) -> str | None:
    """The key of a timer, from the identifiers that a fact's tags name; None where one lacks."""
    if awaits.name != "delegation_end":
        return f"{awaits.name}:{named['gdap']}" if "gdap" in named else None
    if not {"tenant", "partner"} <= named.keys():
        return None
    return f"delegation_end:{named['tenant']}|{named['partner']}|{to_us(awaits.due)}"
