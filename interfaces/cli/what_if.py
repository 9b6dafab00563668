"""What would be otherwise by other rules or other acts: the ledger is only read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from interfaces.cli.earning import require, sees_money
from interfaces.cli.settings import CsvOption, KnownOption, Settings, with_settings
from interfaces.line_differences import differences
from interfaces.moments import month as month_of
from ledger.errors import BadInputError

if TYPE_CHECKING:
    from datetime import date

    from projections.incentives.rule_book import Rule

_COLUMNS = (
    *("programme", "tenant", "workload", "subscription", "partner", "claim", "what"),
    *("before", "after", "difference"),
)


@with_settings
def what_if(
    settings: Settings,
    partner: Annotated[
        str | None,
        typer.Argument(
            help="A partner organisation, or one location (else everybody).", show_default=False
        ),
    ] = None,
    *,
    without: Annotated[
        str | None,
        typer.Option(
            metavar="EVENT", help="An event (position or command id) had not been recorded."
        ),
    ] = None,
    shift: Annotated[
        tuple[str, str] | None,
        typer.Option(
            metavar="EVENT DATE", help="An event was on that date, or at that instant, instead."
        ),
    ] = None,
    policy: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|FILE", help="All claims were judged by that policy and no other."
        ),
    ] = None,
    programme: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="A programme of levels or of incentives, as if it were adopted."
        ),
    ] = None,
    rates: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A rate file, as if it were adopted.")
    ] = None,
    month: Annotated[
        str | None,
        typer.Option(metavar="MONTH", help="The month of levels and earnings, such as 2023-10."),
    ] = None,
    known: KnownOption = None,
    csv: CsvOption = False,
) -> None:
    """Show what would be otherwise had an event, a policy, a programme or a rate been another.

    Holdings, and with --month levels and earnings: before and after, each with the event that
    explains it. The log is decided again in a scratch ledger; the real one is never touched.
    """
    acts = [name for name, value in _acts(without, shift, policy).items() if value is not None]
    if len(acts) + (programme is not None) > 1:
        raise BadInputError(
            "Only one thing can be supposed at a time.",
            hint="Give one of --without, --shift, --policy and --programme.",
            code="wrong_use",
        )
    asked = None if month is None else month_of(month, "--month")
    if acts:
        from interfaces.cli.what_if_acts import show_acts

        supposed = (without, shift, policy)
        show_acts(settings, supposed, partner, asked, rates=rates, known=known, csv=csv)
        return
    if asked is None and (programme or rates):
        raise BadInputError(
            "Levels and earnings are those of a month.",
            hint="Add --month, such as --month 2023-10.",
            code="wrong_use",
        )
    if programme is not None and not _pays(programme):
        from interfaces.cli.what_if_level import show_levels

        assert asked is not None, "it was required above"
        show_levels(settings, programme, partner, asked, rates=rates, known=known, csv=csv)
        return
    _by_rules(settings, partner, asked, programme, rates, known, csv=csv)


def _acts(
    without: str | None, shift: tuple[str, str] | None, policy: str | None
) -> dict[str, object | None]:
    return {"--without": without, "--shift": shift, "--policy": policy}


def _pays(programme: Path) -> bool:
    """Whether the file is an incentive programme's, which pays; others are scored."""
    from interfaces.programme_files import says_incentive

    return says_incentive(programme)


def _by_rules(
    settings: Settings,
    partner: str | None,
    asked: date | None,
    programme: Path | None,
    rates: Path | None,
    known: str | None,
    *,
    csv: bool,
) -> None:
    """What one partner would earn by another programme file or rate card."""
    from projections.incentives.rule_book import laid_over
    from projections.incentives.statement import by_key

    supposed = _supposed(programme, rates)
    if partner is None or asked is None:
        raise BadInputError(
            "Which partner's earnings are meant is not said.",
            hint="Name an organisation or a location: attribution what-if 101 --month ...",
            code="wrong_use",
        )
    with settings.workspace() as workspace:
        statements = workspace.statements
        position = workspace.known(known).position
        whose = statements.whose(partner)
        require(settings.gate, whose, partner)
        book = statements.book(position)
        before = by_key(statements.compute(whose, asked, position, book).lines)
        other = laid_over(book, supposed)
        after = by_key(statements.compute(whose, asked, position, other).lines)
        money = sees_money(settings.gate, *whose)
    rows: list[dict[str, Any]] = [
        {**row, "known_position": position}
        for key in sorted(before.keys() | after.keys())
        if before.get(key) != after.get(key)
        for row in differences(before.get(key), after.get(key), money=money)
    ]
    output = settings.listing(as_csv=csv)
    output.heading(f"{partner} in {asked:%Y-%m}, as known at position {position}, by other rules.")
    output.rows(_COLUMNS, rows, empty="Nothing would change.")


def _supposed(programme: Path | None, rates: Path | None) -> list[Rule]:
    """The contents that are laid over what is adopted; each wrong line of a file is named."""
    from ledger.rules.incentive_programmes import files
    from projections.incentives.rule_book import Rule

    if programme is None and rates is None:
        raise BadInputError(
            "It is not said what would be otherwise.",
            hint="Give --without EVENT, --shift EVENT DATE, --policy NAME, --programme FILE or"
            " --rates FILE.",
            code="wrong_use",
        )
    found = []
    if programme is not None:
        content = files.read(programme)
        found.append(Rule("programme", content["id"], content))
    if rates is not None:
        found.append(rate_card(rates))
    return found


def rate_card(file: Path) -> Rule:
    """A rate file as if it were adopted."""
    from ledger.rules import rates as cards
    from projections.incentives.rule_book import Rule

    content = cards.read(file)
    return Rule("rates", content["rates"], content)
