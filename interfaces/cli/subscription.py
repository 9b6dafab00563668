"""One subscription: how it stands, whose it is, and who takes its history."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Annotated, Any

import typer

from interfaces.cli.settings import EffectiveOption, KnownOption, Settings, with_settings
from interfaces.times import spelled
from ledger.errors import BadInputError
from schemas.time import iso

if TYPE_CHECKING:
    from interfaces.workspace import Workspace

_SOLD = ("partner", "kind", "role", "since", "until", "because")
_CREDITED = ("partner", "kind", "role", "holds_since", "takes_history_from", "because")
_HELD = ("label", "slot", "partner", "claim", "since", "until", "because")


@with_settings
def subscription(
    settings: Settings,
    subscription: Annotated[
        str, typer.Argument(metavar="SUBSCRIPTION", help="The subscription's id, such as S-1.")
    ],
    *,
    effective: EffectiveOption = None,
    known: KnownOption = None,
) -> None:
    """Show a subscription on a date: state, seats, partners, and everything held on it.

    The present owner of a CSP subscription holds since its transfer, and takes the consumption's
    whole history; who held before stays the holder of those days.
    """
    with settings.workspace() as workspace:
        asked = workspace.known(known)
        effective_us = asked.effective_us(effective)
        told = _told(workspace.views, subscription, effective_us, asked.position)
        sight = settings.gate.narrowed()
        if sight is not None and not (told and sight.sees_tenant(told["tenant"])):
            raise settings.gate.nothing(f"subscription {subscription!r}")
        if told is None:
            raise _unknown(workspace, subscription, asked.position)
    told |= {"effective": iso(effective_us), "known_position": asked.position}
    if settings.as_json:
        settings.output.object(told)
    else:
        _show(settings, told)


def _told(
    views: sqlite3.Connection, subscription: str, effective_us: int, known: int
) -> dict[str, Any] | None:
    from projections import subscription_queries as queries
    from projections.holder_queries import holders

    when = {"effective_us": effective_us, "known": known}
    found = queries.subscription(views, subscription, **when)
    if found is None:
        return None
    told = spelled(found)
    told["successors"] = queries.successors(views, subscription, known=known)
    told["sold_by"] = [_interval(row) for row in queries.sellers(views, subscription, known=known)]
    told["credited"] = [
        _owner(one._asdict()) for one in queries.present_owners(views, subscription, known=known)
    ]
    told["holders"] = [
        _interval(row)
        for row in holders(views, subscription=subscription, effective_us=effective_us, known=known)
    ]
    return told


def _owner(row: dict[str, Any]) -> dict[str, Any]:
    told = spelled(row)
    told |= {"holds_since": told.pop("since"), "takes_history_from": told.pop("history_from")}
    return told


def _interval(row: dict[str, Any]) -> dict[str, Any]:
    told = spelled({name: value for name, value in row.items() if name != "row_id"})
    return told | {"since": told.pop("effective_from"), "until": told.pop("effective_to")}


def _show(settings: Settings, told: dict[str, Any]) -> None:
    output = settings.output
    lists = {name: told.pop(name) for name in ("sold_by", "credited", "holders")}
    output.record(told)
    if lists["sold_by"]:
        output.text()
        output.text("Who sold it when:")
        output.rows(_SOLD, lists["sold_by"], empty="")
        output.text()
        output.text("Who is credited with its consumption, as known then:")
        output.rows(_CREDITED, lists["credited"], empty="")
    output.text()
    output.text("Held on it:")
    output.rows(_HELD, lists["holders"], empty="Nobody holds anything on it then.")


def _unknown(workspace: Workspace, subscription: str, position: int) -> BadInputError:
    return BadInputError(
        f"There is no subscription {subscription!r} in {workspace.path}, as known at position"
        f" {position}.",
        hint="`attribution log --type subscription` shows those there are.",
        code="unknown_subscription",
    )
