"""Claims: what there is, one as it stands, and what happened to it and why."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from interfaces.cli.settings import CsvOption, KnownOption, Settings, with_settings
from interfaces.moments import moment_us
from interfaces.times import spelled
from ledger.errors import BadInputError

if TYPE_CHECKING:
    from interfaces.workspace import Workspace
    from schemas.values import Sealed

app = typer.Typer(rich_markup_mode=None)

ClaimArgument = Annotated[str, typer.Argument(metavar="CLAIM", help="The claim's id, such as C-1.")]

_LISTED = ("claim", "state", "consent", "partner", "tenant", "activity", "contested", "title")
_DOCUMENTS = ("document", "sha256", "acknowledged_on", "counts", "position")
_STEPS = ("position", "recorded_at", "actor", "what", "why", "state")


@app.command("list")
@with_settings
def list_(
    settings: Settings,
    *,
    tenant: Annotated[str | None, typer.Option(help="Of this customer.")] = None,
    partner: Annotated[str | None, typer.Option(help="Of this partner location.")] = None,
    state: Annotated[str | None, typer.Option(help="In this state, such as approved.")] = None,
    slot: Annotated[str | None, typer.Option(help="That ask for this slot.")] = None,
    contested: Annotated[
        bool, typer.Option("--contested", help="That contest a holder, or are contested.")
    ] = False,
    organisation: Annotated[str | None, typer.Option(help="Of this organisation.")] = None,
    policy: Annotated[
        str | None, typer.Option(help="Judged by this policy, such as P2023.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many claims.")] = 10_000,
    known: KnownOption = None,
    csv: CsvOption = False,
) -> None:
    """List claims, the newest first, as they stood at a time."""
    from projections.claim_queries import claim_list

    filters: dict[str, Any] = {
        "tenant": tenant and tenant.lower(),
        "partner": partner,
        "state": state,
        "slot": slot,
        "contested": contested or None,
        "organisation": organisation,
        "policy": policy,
        "limit": limit if settings.gate.open else 10_000,
    }
    with settings.workspace() as workspace:
        position = workspace.known(known).position
        found = [_readable(row) for row in claim_list(workspace.views, known=position, **filters)]
    shown = list(settings.gate.rows(found))[:limit]
    settings.listing(as_csv=csv).rows(_LISTED, shown, empty="There is no such claim.")


@app.command("show")
@with_settings
def show(settings: Settings, claim: ClaimArgument, *, known: KnownOption = None) -> None:
    """Show one claim as it stands, or stood at a time: its slots, its proof, its policy's rules."""
    from projections.claim_queries import claim_show
    from projections.proof_queries import proofs

    sight = settings.gate.narrowed()
    with settings.workspace() as workspace:
        position = workspace.known(known).position
        found = claim_show(workspace.views, claim, known=position)
        if sight is not None and not sight.sees_claim(claim):
            raise settings.gate.nothing(f"claim {claim!r}")
        if found is None:
            raise _unknown(workspace, claim, position)
        event_at = workspace.source.event_at
        documents = proofs(workspace.views, claim, event_at, position)
        row = _readable(found) | _by_policy(workspace, found)
        drafted = _drafted(workspace, found, position)
    if settings.as_json:
        settings.output.object(row | {"proof": documents, **drafted})
        return
    slots = row.pop("slots")
    settings.output.record(row)
    for name, value in drafted.get("draft", {}).items():
        settings.output.text(f"  drafted {name}: {value}")
    settings.output.text()
    columns = ("slot", "workload", "subscription", "outcome")
    settings.output.rows(columns, slots, empty="It asks for no slot.")
    settings.output.text()
    settings.output.rows(_DOCUMENTS, documents, empty="It has no proof.")


@app.command("export")
@with_settings
def export(
    settings: Settings,
    *,
    tenant: Annotated[str | None, typer.Option(help="Of this customer.")] = None,
    partner: Annotated[str | None, typer.Option(help="Of this partner location.")] = None,
    organisation: Annotated[str | None, typer.Option(help="Of this organisation.")] = None,
    state: Annotated[str | None, typer.Option(help="In this state, such as approved.")] = None,
    contacts: Annotated[
        bool, typer.Option("--contacts", help="With names and addresses, else they stay sealed.")
    ] = False,
    known: KnownOption = None,
) -> None:
    """Write the claims export as CSV (JSON with --json): one row a claim and slot.

    Every field of a claim, its state, the date of each step, its deadline and the reviewers'
    reasons; docs/claims_export.md tells the columns.
    """
    from interfaces.claim_export import COLUMNS, rows

    filters = {
        "tenant": tenant and tenant.lower(),
        "partner": partner,
        "organisation": organisation,
        "state": state,
    }
    sight = settings.gate.narrowed()
    if contacts and sight is not None:
        raise settings.gate.nothing("contacts")
    with settings.workspace() as workspace:
        position = workspace.known(known).position
        opened = _opener(workspace) if contacts else None
        event_at = workspace.source.event_at
        found = rows(workspace.views, event_at, position, opened, sight, **filters)
        output = settings.listing(as_csv=not settings.as_json)
        output.rows(COLUMNS, found, empty="There is no such claim.")


def _opener(workspace: Workspace) -> Callable[[Sealed], dict[str, Any] | None]:
    """Opens contacts with the keys of the folder."""

    def opened(sealed: Sealed) -> dict[str, Any] | None:
        contact = workspace.ledger.keys.open(sealed)
        return None if contact is None else contact.model_dump()

    return opened


def _by_policy(workspace: Workspace, claim: dict[str, Any]) -> dict[str, Any]:
    """What the claim's policy calls its activity and lets it earn, and whether it is documented."""
    policy = workspace.policy(claim["policy"]) if claim["policy"] else None
    area = policy.areas.get(claim["solution_area"]) if policy else None
    rules = area.activities.get(claim["activity"]) if area else None
    at_us = claim["submitted_at_us"] or claim["updated_at_us"]
    return {
        "activity_name": rules.title if rules else None,
        "recognition_only": bool(claim["payment_opt_out"] or (rules and rules.recognition_only)),
        "policy_note": policy.gap_note(at_us) if policy else None,
    }


def _drafted(workspace: Workspace, claim: dict[str, Any], known: int) -> dict[str, Any]:
    """What stands in a draft; nothing for a claim that was submitted."""
    from projections.draft_queries import content

    if claim["state"] not in ("draft", "discarded"):
        return {}
    event_at = workspace.source.event_at
    found = content(workspace.views, claim["claim"], event_at, known)
    return {"draft": {name: value for name, value in found.items() if name != "proof"}}


@app.command("history")
@with_settings
def history(
    settings: Settings,
    claim: ClaimArgument,
    *,
    effective: Annotated[
        str | None,
        typer.Option(
            metavar="DATE|INSTANT",
            help="Only steps that were true in the world by then.",
            show_default=False,
        ),
    ] = None,
    known: KnownOption = None,
    csv: CsvOption = False,
) -> None:
    """Show what happened to a claim, step by step, and why."""
    from projections.claim_queries import claim_history, claim_show
    from projections.visible_events import history_step

    sight = settings.gate.narrowed()
    with settings.workspace() as workspace:
        if sight is not None and not sight.sees_claim(claim):
            raise settings.gate.nothing(f"claim {claim!r}")
        if claim_show(workspace.views, claim) is None:
            raise _unknown(workspace, claim)
        upto = None if known is None else workspace.known(known).position
        until_us = None if effective is None else moment_us(effective, "--effective")
        event_at = workspace.source.event_at
        told = claim_history(workspace.views, claim, event_at, known=upto)
        found = [spelled(row) for row in told if _by(row["effective_at_us"], until_us)]
    if sight is not None:
        found = [history_step(sight, row) for row in found]
    settings.listing(as_csv=csv).rows(_STEPS, found, empty="It was not known then.")


def _by(at_us: int, until_us: int | None) -> bool:
    return until_us is None or at_us <= until_us


def _readable(row: dict[str, Any]) -> dict[str, Any]:
    """A row of the view with instants and truth values, without the view's own number."""
    flags = {name: bool(row[name]) for name in ("contested", "payment_opt_out")}
    positions = {f"{name}_position": row[name] for name in ("submitted_at", "updated_at")}
    left_out = ("claim_no", "submitted_at", "updated_at")
    return spelled({k: v for k, v in row.items() if k not in left_out} | flags) | positions


def _unknown(workspace: Workspace, claim: str, known: int | None = None) -> BadInputError:
    from difflib import get_close_matches

    from projections.claim_queries import claim_list, claim_show

    later = known is not None and claim_show(workspace.views, claim)
    if later:
        return BadInputError(
            f"The claim {claim!r} was not known at position {known}.",
            hint=f"It was submitted at position {later['submitted_at']}.",
            code="claim_not_yet_known",
        )
    near = get_close_matches(claim, [row["claim"] for row in claim_list(workspace.views)], n=3)
    return BadInputError(
        f"There is no claim {claim!r} in this ledger.",
        hint=f"Did you mean {' or '.join(near)}?"
        if near
        else "`attribution claim list` lists all.",
        code="unknown_claim",
    )
