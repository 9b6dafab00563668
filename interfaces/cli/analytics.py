"""Commands around the analytics: feed a ClickHouse for good, check it, show its tables."""

from __future__ import annotations

from typing import Annotated

import typer

from interfaces.cli.relay import HealthOption, HostOption, OnceOption, PortOption
from interfaces.cli.settings import AnalyticsOption, KnownOption, Settings, with_settings

app = typer.Typer(help="The analytics: check, unattributed, ddl.", no_args_is_help=True)


@with_settings
def sink(
    settings: Settings,
    *,
    analytics: AnalyticsOption = None,
    once: OnceOption = False,
    health: HealthOption = None,
    metrics_port: PortOption = None,
    metrics_host: HostOption = "127.0.0.1",
) -> None:
    """Feed ClickHouse with what the logs hold, until stopped; any number may run."""
    from interfaces.serving import Options
    from interfaces.sinking import run_sink

    run_sink(settings.folder, analytics, Options(once, health, metrics_host, metrics_port))


@app.command("check")
@with_settings
def check(
    settings: Settings, *, analytics: AnalyticsOption = None, known: KnownOption = None
) -> None:
    """Compare what is kept as credited with the join of all increments; exit 4 where it differs."""
    from ledger.errors import DamagedError
    from projections.growth.check import check as checked

    with settings.workspace(analytics) as workspace:
        position = None if known is None else workspace.known(known).position
        found = checked(workspace.analytics, position)
    settings.output.rows(
        ("check", "looked_at", "differing", "example"),
        [each._asdict() for each in found],
        empty="Nothing is fed.",
    )
    if differing := [each for each in found if each.differing]:
        raise DamagedError(
            f"The analytics differ from the logs: {differing[0].check}, {differing[0].example}.",
            hint="Make them again: attribution rebuild --only analytics.",
            code="analytics_differ",
        )


@app.command("unattributed")
@with_settings
def unattributed(
    settings: Settings, *, analytics: AnalyticsOption = None, known: KnownOption = None
) -> None:
    """List usage whose customer, subscription or workload is not recorded: it counts, and waits."""
    from interfaces.cli.amounts import units
    from ledger.rules.workloads import table
    from projections.growth import store
    from projections.growth.growth import pin

    with settings.workspace(analytics) as workspace:
        engine = workspace.analytics
        position = pin(engine, None if known is None else workspace.known(known).position)
        found = engine.query(
            store.sql("questions", "unattributed"),
            {"position": position, "workloads": sorted(table())},
        ).to_pylist()
    settings.output.rows(
        (
            "why",
            "metric",
            "tenant",
            "subscription",
            "workload",
            "first_month",
            "last_month",
            "grown",
        ),
        [{**row, "grown": units(row["grown_micro"])} for row in found],
        empty="All usage is of customers, subscriptions and workloads that are recorded.",
    )


@app.command("ddl")
@with_settings
def ddl(
    settings: Settings,
    *,
    cluster: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="For this cluster: replicated, and over its shards."),
    ] = None,
) -> None:
    """Show the statements that make the tables on a server."""
    from projections.growth.ddl import statements

    for statement in statements(cluster):
        for line in [*statement.splitlines(), ""]:
            settings.output.text(line)
