"""Names that questions are filtered by, checked before anything is read."""

from __future__ import annotations

from collections.abc import Sequence

from ledger.errors import BadInputError


def kind_of(text: str) -> str:
    """The id of the kind a text names in any spelling; ``BadInputError`` when it names none."""
    from ledger.rules.kinds import kind, near

    found = kind(text)
    if found is None:
        raise BadInputError(
            f"There is no association kind {text!r}.",
            hint=f"{_meant(near(text))}`attribution kinds` shows them all.",
            code="unknown_kind",
        )
    return found.kind


def _meant(near: list[str]) -> str:
    return f"Did you mean {' or '.join(near)}? " if near else ""


def usage_workload_of(text: str, metrics: Sequence[str]) -> str:
    """The workload id a text names among those of the metrics; any, where no table lists them.

    Raises ``BadInputError`` when it names none; no metric means those of Microsoft 365.
    """
    from ledger.rules.workloads import plain_name, workload

    others = [name for name in metrics if not name.startswith("m365.")]
    named = plain_name(text) if others else None
    return workload(text) or named or workload_of(text)


def workload_of(text: str) -> str:
    """The workload id a text names in any spelling; raises ``BadInputError`` when it names none."""
    from ledger.rules.workloads import table, workload

    found = workload(text)
    if found is None:
        raise BadInputError(
            f"There is no workload {text!r}.",
            hint=f"Choose from {', '.join(table())}.",
            code="unknown_workload",
        )
    return found
