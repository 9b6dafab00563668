"""Names that questions are filtered by, checked before anything is read."""

from __future__ import annotations

from ledger.errors import BadInputError


def kind_of(text: str) -> str:
    """The association kind a text names; raises ``BadInputError`` when it names none."""
    from projections.holder_queries import KINDS

    if text.upper() not in KINDS:
        raise BadInputError(
            f"There is no association kind {text!r}.",
            hint=f"Choose from {', '.join(KINDS)}.",
            code="unknown_kind",
        )
    return text.upper()


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
