"""The kinds of association there are: a table, or one kind with all that is known of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from interfaces.cli.settings import Settings, with_settings

if TYPE_CHECKING:
    from ledger.rules.kinds import Kind

_COLUMNS = ("kind", "scope", "cardinality", "automatic", "earns", "priority")


@with_settings
def kinds(
    settings: Settings,
    name: Annotated[
        str | None,
        typer.Argument(help="One kind, in any spelling, such as POR.", show_default=False),
    ] = None,
) -> None:
    """Show the kinds of association: scope, cardinality, who starts it, what it earns, source."""
    from interfaces.cli.filters import kind_of
    from ledger.rules.kinds import table

    if name is not None:
        settings.output.record(dict(_whole(table()[kind_of(name)])))
        return
    rows = [dict(_whole(kind)) for kind in table().values()]
    settings.output.rows(_COLUMNS, rows, empty="There are none.")
    settings.output.note("Next: attribution kinds NAME shows one with its source.")


def _whole(kind: Kind) -> Iterator[tuple[str, Any]]:
    yield "kind", kind.kind
    yield "title", kind.title
    yield "aliases", list(kind.aliases)
    if kind.label_of:
        yield "label_of", kind.label_of
    yield "scope", kind.scope
    yield "cardinality", kind.cardinality.value
    yield "initiator", kind.initiator
    yield "confirmer", kind.confirmer
    yield "automatic", kind.automatic
    yield "products", list(kind.products)
    yield "earns", kind.says
    yield "priority", kind.priority
    yield "left_out_of_sums", kind.left_out
    yield "recorded_by", list(kind.commands) or ["association.record", "association.end"]
    if kind.era:
        yield "era", kind.era
    if kind.steps:
        yield (
            "steps",
            [f"{step.on}: {step.says} ({', '.join(step.products)})" for step in kind.steps],
        )
    yield "source", kind.source
