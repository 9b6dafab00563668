"""Whether a usage attempt may still count: nothing came since its basis, nobody goes before it."""

from __future__ import annotations

from collections.abc import Iterable

from ledger.decision import Context, Facts
from ledger.decision_models.usage import USAGE_METRIC
from ledger.refusal import Refused
from schemas.time import iso


def check_turn(facts: Facts, context: Context, attempt: str, metrics: Iterable[str]) -> None:
    """Refuse, as ``usage_turn_taken``, while another attempt's turn runs for one of the metrics."""
    for metric in metrics:
        turn = facts(USAGE_METRIC, metric).turn
        if turn and turn.attempt != attempt and context.now_us < turn.expires_us:
            raise Refused(
                "usage_turn_taken",
                metric=metric,
                attempt=turn.attempt,
                until=iso(turn.expires_us),
            )


def check_basis(
    facts: Facts, context: Context, attempt: str, basis: int, metrics: Iterable[str]
) -> None:
    """Refuse an attempt whose turn it is not, or, as ``basis_outrun``, one that was overtaken.

    ``basis`` is the position up to which the attempt knew the usage decisions of its metrics.
    """
    metrics = tuple(metrics)
    check_turn(facts, context, attempt, metrics)
    for metric in metrics:
        decided = facts(USAGE_METRIC, metric).decided
        if decided > basis:
            raise Refused("basis_outrun", metric=metric, position=decided, basis=basis)
