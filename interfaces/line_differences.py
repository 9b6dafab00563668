"""What changed about a line of earnings, value by value."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

_COMPARED = ("units", "units_beside", "amount")


def differences(before: Any, after: Any, *, money: bool) -> list[dict[str, Any]]:
    """One row for each value of a line that changed; a new or lost line is one."""
    from projections.incentives.statement import number

    line = after or before
    about = {
        name: line[name]
        for name in (
            *("programme", "month", "tenant", "workload", "subscription", "partner", "claim"),
            "milestone",
        )
    }
    rows = []
    for name in line:
        old, new = (None if side is None else side[name] for side in (before, after))
        if old == new or name in about or (name in ("amount", "rate") and not money):
            continue
        told = {**about, "what": name, "before": old, "after": new, "difference": None}
        if name in _COMPARED:
            told["difference"] = number(Decimal(new or 0) - Decimal(old or 0))
        rows.append(told)
    if before is None or after is None:
        what = "line appears" if before is None else "line disappears"
        compared = [row for row in rows if row["difference"] not in (None, "0")]
        empty = {"before": None, "after": None, "difference": None}
        return compared or [{**about, "what": what, **empty}]
    return rows
