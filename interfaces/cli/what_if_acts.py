"""What would be otherwise had an act been another: told for people, programs and spreadsheets."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from interfaces.cli.output import Output, progress
from interfaces.cli.settings import Settings
from interfaces.cli.what_if_level import level_words
from interfaces.moments import same_time_us

if TYPE_CHECKING:
    from datetime import date

    from interfaces.supposing import Answer
    from interfaces.workspace import Workspace
    from ledger.supposing.supposition import Supposition

Acts = tuple[str | None, tuple[str, str] | None, str | None]

_CAUSE = ("position", "type", "became", "code")
_HOLDINGS = ("change", "kind", "slot", "partner", "claim", "before", "after", *_CAUSE)
_LEVELS = ("programme", "organisation", "before", "after", *_CAUSE)
_EARNINGS = (
    *("organisation", "programme", "tenant", "workload", "subscription", "partner", "claim"),
    *("what", "before", "after", "difference", *_CAUSE),
)
_EVENTS = ("position", "type", "recorded_at", "actor", "became", "code", "why")
_SIDES = ("before", "after")


def show_acts(
    settings: Settings,
    acts: Acts,
    partner: str | None,
    month: date | None,
    *,
    rates: Path | None,
    known: str | None,
    csv: bool,
) -> None:
    """Decide the log again under what is supposed, and tell what comes to be otherwise."""
    from interfaces.cli.what_if import rate_card
    from interfaces.supposing import Asked, answer
    from ledger.errors import BadInputError

    if settings.gate.narrowed() is not None:
        raise settings.gate.nothing("answer about everybody's acts")
    if rates is not None and month is None:
        raise BadInputError(
            "Rates price the earnings of a month.",
            hint="Add --month, such as --month 2023-10.",
            code="wrong_use",
        )
    asked = Asked(month, partner, rate_card(rates) if rates else None, known)
    output = settings.listing(as_csv=csv)
    told = answer(settings.workspace, lambda real: _supposition(real, acts), asked, progress)
    if settings.as_json or csv:
        rows = [*told.holdings, *told.levels, *told.earnings, *told.events, *told.carried]
        output.rows((), [_flat(row) for row in rows] if csv else rows, empty="")
    else:
        _tell(output, told, month)


def _supposition(real: Workspace, acts: Acts) -> Supposition:
    from interfaces.supposing import event_of
    from ledger.supposing import supposition
    from schemas.envelope import Attributes

    without, shift, policy = acts
    if without is not None:
        return supposition.without(real.reader, event_of(real, without))
    if shift is not None:
        position = event_of(real, shift[0])
        (stored,) = real.reader.find(after=position - 1, limit=1)
        was_us = Attributes.from_bytes(stored.attributes).effective_at_us
        return supposition.shifted(real.reader, position, same_time_us(shift[1], was_us, "--shift"))
    assert policy is not None, "one of the three is given"
    return supposition.under_policy(real.reader, _policy(real, policy))


def _policy(real: Workspace, named: str) -> dict[str, Any]:
    """A policy file's content, or that of the policy adopted or shipped under the name."""
    from ledger.rules import policy_file
    from ledger.rules.policy import builtin

    if Path(named).is_file():
        return policy_file.read(Path(named))
    found = [content for content, _, _ in real.policies() if content["policy"] == named]
    return found[0] if found else builtin(named)


def _tell(output: Output, told: Answer, month: date | None) -> None:
    output.text(f"Supposed that {told.said}; beside what is known at position {told.position}.")
    output.text()
    held = [_words(row, _interval) for row in told.holdings]
    output.rows(_HOLDINGS, held, empty="No holding would be otherwise.")
    output.text()
    if month is None:
        output.text("Levels and earnings are compared with --month MONTH.")
    else:
        levels = [_words(row, level_words) for row in told.levels]
        output.rows(_LEVELS, levels, empty=f"No level in {month:%Y-%m} would be another.")
        output.text()
        # The first reason is the line's; all of them, with what was found, are for programs.
        lines = [row for row in told.earnings if row["what"] != "reasons"]
        output.rows(_EARNINGS, lines, empty=f"No line of earnings in {month:%Y-%m} would change.")
    output.text()
    output.rows(_EVENTS, told.events, empty="No event would be otherwise.")
    output.text()
    output.text(f"{told.same} events are the same.")
    reasons = {row["type"]: row["why"] for row in told.carried}
    for name, count in sorted(Counter(row["type"] for row in told.carried).items()):
        output.text(f"{count} {name} carried over and not decided again: {reasons[name]}.")


def _words(row: dict[str, Any], say: Any) -> dict[str, Any]:
    return row | {side: say(row[side]) for side in _SIDES}


def _interval(side: dict[str, Any] | None) -> str:
    if side is None:
        return ""
    until = f" until {side['until']}" if side["until"] else ""
    return f"from {side['since']}{until}"


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    """The row without inner objects: ``before_since``, ``after_level`` and so on."""
    told: dict[str, Any] = {}
    for name, value in row.items():
        inner = value if isinstance(value, dict) else {}
        told |= {f"{name}_{part}": each for part, each in inner.items()} or {name: value}
    return told
