"""The accepted log: its events in order, filtered, and as they come."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import unquote

import typer

from interfaces.cli.output import Output
from interfaces.cli.settings import Settings, with_settings
from ledger.errors import BadInputError

if TYPE_CHECKING:
    from interfaces.workspace import Workspace
    from ledger.log.index import Stored
    from ledger.log.query import Query
    from projections.visibility import Sight


@with_settings
def log(
    settings: Settings,
    *,
    type_: Annotated[
        list[str] | None,
        typer.Option(
            "--type",
            metavar="TYPE",
            help="Only events of this type, such as claim.approved or claim.approved.v1, or of this"
            " family, such as claim. May be repeated.",
            show_default=False,
        ),
    ] = None,
    tenant: Annotated[
        str | None, typer.Option(help="Only events of this customer.", show_default=False)
    ] = None,
    partner: Annotated[
        str | None, typer.Option(help="Only events of this partner location.", show_default=False)
    ] = None,
    claim: Annotated[
        str | None, typer.Option(help="Only events of this claim.", show_default=False)
    ] = None,
    tag: Annotated[
        list[str] | None,
        typer.Option(
            metavar="TAG",
            help="Only events with this tag, such as subscription:s-1. May be repeated.",
            show_default=False,
        ),
    ] = None,
    after: Annotated[
        int, typer.Option(min=0, metavar="POSITION", help="Only events beyond this position.")
    ] = 0,
    limit: Annotated[
        int | None, typer.Option(min=1, help="At most so many events.", show_default=False)
    ] = None,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Go on with what comes.", show_default=False)
    ] = False,
) -> None:
    """Show accepted events in order; contacts stay sealed."""
    with settings.workspace() as workspace:
        tags = [("tenant", tenant and tenant.lower()), ("partner", partner), ("claim", claim)]
        wanted = [*(tag or ()), *(f"{name}:{value}" for name, value in tags if value)]
        query = _query(workspace, type_ or [], tuple(wanted))
        found = _events(workspace, query, after, follow=follow)
        sight = settings.gate.narrowed()
        shown = (told for stored in found if (told := _told(stored, workspace, sight)) is not None)
        for told in islice(shown, limit):
            _tell(settings.output, told)


def _events(workspace: Workspace, query: Query, after: int, *, follow: bool) -> Iterator[Stored]:
    from consumers import subscriber

    if follow:
        return subscriber.events(workspace.reader, query, after=after)
    return workspace.reader.read(query, after=after, upto=workspace.ledger.head.position)


def _query(workspace: Workspace, types: list[str], tags: tuple[str, ...]) -> Query:
    from ledger.log.query import EVERYTHING, Query, QueryItem

    names = tuple(name for each in types for name in _types(workspace, each))
    return Query((QueryItem(names, tags),)) if names or tags else EVERYTHING


def _types(workspace: Workspace, asked: str) -> list[str]:
    """The type names that ``asked`` stands for: itself, its versions, or its family."""
    from difflib import get_close_matches

    from schemas import catalogue

    known = sorted({*catalogue.MODELS, *catalogue.UPCASTS, *workspace.ledger.index.type_names()})
    found = [name for name in known if name == asked or name.startswith(f"{asked}.")]
    if not found:
        near = get_close_matches(asked, known, n=3, cutoff=0.5)
        raise BadInputError(
            f"There is no event type {asked!r}.",
            hint=f"Did you mean {' or '.join(near)}?" if near else "See `attribution info`.",
            code="unknown_type",
        )
    return found


def _told(stored: Stored, workspace: Workspace, sight: Sight | None) -> dict[str, Any] | None:
    """The event as it may be shown; None when the one who asks may not see it."""
    from interfaces.events import event_object
    from projections.visible_events import visible_event
    from schemas.envelope import Attributes

    ledger = workspace.ledger
    event = event_object(stored, ledger.folder.ledger, ledger.holds_key)
    if sight is None:
        return event
    return visible_event(sight, event, Attributes.from_bytes(stored.attributes).tags)


def _tell(output: Output, event: dict[str, Any]) -> None:
    if output.as_json:
        output.object(event)
        return
    effective = event.get("effectiveat")
    since = f"  effective {effective}" if effective not in (None, event["recordedat"]) else ""
    output.text(
        f"{event['position']:>8}  {event['recordedat']:<20}  {event['type']:<30}"
        f"  {event.get('actor', ''):<12}  {unquote(event['tags'])}{since}"
    )
