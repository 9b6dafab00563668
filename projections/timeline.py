"""Who holds a slot over effective time: pure functions on lists of spans.

A span says that a holding stands from one instant (included) to another (excluded), in microseconds
UTC. Nothing here knows when the ledger learned what; ``projections.slots`` keeps that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from schemas.time import FOREVER_US


class Holding(NamedTuple):
    """What a row of the holdings view says beside its two times.

    ``because`` is the position of the event by which the partner holds; ``rule`` names the rule.
    """

    kind: str
    slot: str
    tenant: str
    subscription: str | None
    workload: str | None
    activity: str | None
    scope: str | None
    role: str | None
    partner: str
    organisation: str
    claim: str | None
    because: int
    rule: str


class Span(NamedTuple):
    """A holding from ``start_us`` to ``end_us``."""

    holding: Holding
    start_us: int
    end_us: int


Which = Callable[[Holding], bool]


def everyone(_: Holding) -> bool:
    """Any holding."""
    return True


def of_claim(claim: str) -> Which:
    """Holdings by one claim."""
    return lambda holding: holding.claim == claim


def without(
    spans: Iterable[Span], start_us: int, end_us: int, which: Which = everyone
) -> list[Span]:
    """The spans less what ``which`` of them hold between the two instants."""
    left = []
    for span in spans:
        if span.end_us <= start_us or span.start_us >= end_us or not which(span.holding):
            left.append(span)
            continue
        if span.start_us < start_us:
            left.append(span._replace(end_us=start_us))
        if span.end_us > end_us:
            left.append(span._replace(start_us=end_us))
    return left


def joined_up(spans: Iterable[Span]) -> list[Span]:
    """The spans with pieces put together that touch and differ in their partner only.

    A whole keeps the partner of its first piece: the others follow from it.
    """
    whole: list[Span] = []
    for span in sorted(spans, key=lambda one: one.start_us):
        for n, before in enumerate(whole):
            if before.end_us == span.start_us and _same(before.holding, span.holding):
                whole[n] = before._replace(end_us=span.end_us)
                break
        else:
            whole.append(span)
    return whole


def _same(one: Holding, other: Holding) -> bool:
    return one == other._replace(partner=one.partner, organisation=one.organisation)


def next_turn(spans: Iterable[Span], emptied: Iterable[int], at_us: int) -> int:
    """The first instant after ``at_us`` at which another fact decides about the slot."""
    starts = (span.start_us for span in spans)
    return min(
        (us for turns in (starts, emptied) for us in turns if us > at_us), default=FOREVER_US
    )


def started(
    spans: Sequence[Span],
    emptied: Sequence[int],
    at_us: int,
    end_us: int,
    holdings: Iterable[Holding],
) -> list[Span]:
    """The spans after ``holdings`` take the slot at an instant, until ``end_us`` at the latest.

    They hold until the next fact about the slot, whenever the ledger learned that: a back-dated
    start does not outlive what was already known to come after it.
    """
    if not spans and not emptied:  # mostly nobody was there
        return [Span(holding, at_us, end_us) for holding in holdings if end_us > at_us]
    turn = next_turn(spans, emptied, at_us)
    until = min(turn, end_us)
    new = [Span(holding, at_us, until) for holding in holdings] if until > at_us else []
    return [*without(spans, at_us, turn), *new]


def annulled(spans: Sequence[Span], claim: str, restored: str | None) -> list[Span]:
    """The spans as if the claim's last holding had never been (domain.md §4.2 row 7; DESIGN §6).

    The claim ``restored``, if any, holds the vacated interval again: its last span reaches as far
    as the annulled one did.
    """
    last = _last(spans, claim)
    if last is None:
        return list(spans)
    left = [span for span in spans if span is not last]
    before = _last(left, restored) if restored else None
    if before is not None:
        left = [span for span in left if span is not before]
        left.append(before._replace(end_us=last.end_us))
    return left


def _last(spans: Iterable[Span], claim: str) -> Span | None:
    own = [span for span in spans if span.holding.claim == claim]
    return max(own, key=lambda span: span.start_us, default=None)


def extended(spans: Iterable[Span], ended_us: int, until_us: int) -> list[Span]:
    """The spans, those that ended at one instant longer now."""
    return [span._replace(end_us=until_us) if span.end_us == ended_us else span for span in spans]
