"""Partner admin links: where each applies, why it measures or not, which roles count."""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from typing import Annotated, Any

import typer

from interfaces.cli.settings import CsvOption, EffectiveOption, KnownOption, Settings, with_settings
from interfaces.moments import moment_us
from interfaces.times import spelled
from ledger.errors import BadInputError
from schemas.time import from_us, iso

app = typer.Typer(rich_markup_mode=None)

_LISTED = ("identity", "partner", "tenant", "role", "scope", "counts_for", "since")
_ROLES = ("role", "scope", "group", "through", "measured", "counts_for", "since")


@app.command("list")
@with_settings
def list_(
    settings: Settings,
    *,
    tenant: Annotated[str | None, typer.Option(help="At this customer.")] = None,
    partner: Annotated[str | None, typer.Option(help="By this partner location.")] = None,
    identity: Annotated[str | None, typer.Option(help="By this identity.")] = None,
    scope: Annotated[
        str | None,
        typer.Option(help="That reach this scope of --tenant, from there or from above."),
    ] = None,
    effective: EffectiveOption = None,
    known: KnownOption = None,
    csv: CsvOption = False,
) -> None:
    """List where links apply, by which role, and the programmes that count it."""
    from projections.pal_queries import pal_list, path

    _check_scope(scope, tenant)
    with settings.workspace() as workspace:
        asked = workspace.known(known)
        effective_us = asked.effective_us(effective)
        found = pal_list(
            workspace.views,
            effective_us=effective_us,
            known=asked.position,
            tenant=tenant and tenant.lower(),
            partner=partner,
            identity=identity,
            scope=scope,
        )
        above = (
            path(workspace.views, tenant.lower(), scope, effective_us, asked.position)
            if scope and tenant
            else ()
        )
    rows = [_since(spelled(row)) for row in found]
    output = settings.listing(as_csv=csv)
    output.heading(f"Effective {iso(effective_us)}, as known at position {asked.position}.")
    if above:
        output.heading(f"{scope} lies in the management groups {', '.join(above)}.")
    output.rows(_LISTED, rows, empty="No such link applies then.")


@app.command("why")
@with_settings
def why(
    settings: Settings,
    identity: Annotated[str, typer.Argument(metavar="IDENTITY", help="Such as dev-1.")],
    tenant: Annotated[str, typer.Argument(metavar="TENANT", help="The customer's id.")],
    *,
    effective: EffectiveOption = None,
) -> None:
    """Say why an identity's link in a tenant measures, or what it lacks."""
    from projections.pal_queries import pal_why, partner_of

    with settings.workspace() as workspace:
        whose = {"partner": partner_of(workspace.views, identity), "tenant": tenant.lower()}
        settings.gate.require("claims", whose, f"identity {identity!r} in tenant {tenant.lower()}")
        at_us = workspace.known(None).effective_us(effective)
        verdict, roles = pal_why(workspace.views, identity, tenant.lower(), at_us)
    rows = [_since(spelled(row)) for row in roles]
    told: dict[str, Any] = {
        "identity": identity,
        "tenant": tenant.lower(),
        "effective": iso(at_us),
        "measures": verdict.measures,
        "code": verdict.code,
        "says": verdict.says,
        "next": verdict.next,
    }
    if settings.as_json:
        settings.output.object({**told, "roles": rows})
        return
    settings.output.text(f"{'Measures' if verdict.measures else 'Measures nothing'}:")
    settings.output.text(f"{verdict.says} {verdict.next}")
    settings.output.text()
    settings.output.rows(_ROLES, rows, empty="It has no Azure role there.")


@app.command("roles")
@with_settings
def roles(
    settings: Settings,
    role: Annotated[
        str | None, typer.Argument(metavar="ROLE", help="One role, such as Contributor.")
    ] = None,
    *,
    effective: EffectiveOption = None,
    csv: CsvOption = False,
) -> None:
    """List the Azure roles that programmes count, or say of one where it counts."""
    from ledger.rules import azure_roles

    on = date.max if effective is None else from_us(moment_us(effective, "--effective")).date()
    lists = [
        found
        for programme in azure_roles.programmes()
        if (found := azure_roles.list_of(programme, on)) is not None
    ]
    rows = [
        {
            "programme": one.programme,
            "role": each,
            "counts": one.says(each).value,
            "since": one.since.isoformat(),
            "source": one.source,
        }
        for one in lists
        for each in ([role] if role else sorted({*one.counts, *one.counts_not}))
    ]
    output = settings.listing(as_csv=csv)
    output.rows(("programme", "role", "counts", "since"), rows, empty="No list was in force then.")


@app.command("earning")
@with_settings
def earning(
    settings: Settings,
    subscription: Annotated[str, typer.Argument(metavar="SUBSCRIPTION", help="Such as S-1.")],
    *,
    scope: Annotated[
        str | None, typer.Option(help="A part of it, such as a resource group's path.")
    ] = None,
    effective: EffectiveOption = None,
    known: KnownOption = None,
    csv: CsvOption = False,
) -> None:
    """Say who earns on a subscription's Azure consumption, programme by programme."""
    from projections.azure_earning_queries import earning as asked_for

    with settings.workspace() as workspace:
        asked = workspace.known(known)
        effective_us = asked.effective_us(effective)
        rows = asked_for(
            workspace.views,
            subscription,
            scope=scope,
            effective_us=effective_us,
            known=asked.position,
        )
    output = settings.listing(as_csv=csv)
    columns = ("programme", "organisation", "attached_by", "role", "earns")
    output.rows(columns, rows, empty="Nobody is attached to it by PAL or TPOR then.")


@app.command("pec")
@with_settings
def pec(
    settings: Settings,
    subscription: Annotated[str, typer.Argument(metavar="SUBSCRIPTION", help="Such as S-1.")],
    *,
    month: Annotated[
        str | None, typer.Option(metavar="MONTH", help="Each day of it, such as 2023-07.")
    ] = None,
    day: Annotated[
        str | None, typer.Option(metavar="DATE", help="This one day, such as 2023-07-04.")
    ] = None,
    scope: Annotated[
        str | None, typer.Option(help="A part of it, such as a resource group's path.")
    ] = None,
    charge: Annotated[
        str,
        typer.Option(
            help="consumption, reservation, savings_plan, spot, third_party or marketplace."
        ),
    ] = "consumption",
    known: KnownOption = None,
    csv: CsvOption = False,
) -> None:
    """Say on which days who earns partner earned credit, by access held all day."""
    from ledger.rules.pec import charges
    from projections.azure_earning_queries import pec_days
    from projections.filters import one

    first, last = _days(month, day)
    if charge not in charges():
        raise BadInputError(
            f"There is no charge {charge!r}.",
            hint=f"Choose from {', '.join(charges())}.",
            code="unknown_charge",
        )
    with settings.workspace() as workspace:
        sold = one(
            workspace.views, "SELECT tenant FROM subscriptions WHERE subscription = ?", subscription
        )
        settings.gate.require("claims", sold or {}, f"subscription {subscription!r}")
        asked = workspace.known(known)
        rows = pec_days(
            workspace.views,
            subscription,
            first,
            last,
            scope=scope,
            charge=charge,
            known=asked.position,
        )
    output = settings.listing(as_csv=csv)
    columns = ("day", "earns", "partner", "with_access", "left_out")
    output.rows(columns, rows, empty="There is no such subscription.")


def _days(month: str | None, day: str | None) -> tuple[date, date]:
    """The first and the last day asked for."""
    from interfaces.moments import month as month_of
    from interfaces.moments import start_us

    if (month is None) == (day is None):
        raise BadInputError("Give either --month or --day.", code="wrong_use")
    if day is not None:
        one = from_us(start_us(day, "--day")).date()
        return one, one
    first = month_of(month or "", "--month")
    return first, first.replace(day=monthrange(first.year, first.month)[1])


def _since(row: dict[str, Any]) -> dict[str, Any]:
    for name, new in (("effective_from", "since"), ("effective_to", "until"), ("from", "since")):
        if name in row:
            row[new] = row.pop(name)
    return row


def _check_scope(scope: str | None, tenant: str | None) -> None:
    from ledger.rules.azure_scope import level

    if scope is None:
        return
    if tenant is None:
        raise BadInputError(
            "--scope needs --tenant: where it lies is told by tenant.",
            hint="Add --tenant with the customer's id.",
            code="wrong_use",
        )
    if level(scope) is None:
        raise BadInputError(
            f"{scope!r} is no management group, subscription, resource group or resource.",
            hint="Write /subscriptions/ID or a path below it.",
            code="bad_scope",
        )
