"""Persons whose contacts the ledger holds: their keys, a contact for those allowed, erasing one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from interfaces.cli.settings import AsOption, AtOption, Settings, with_settings
from interfaces.moments import instant_us
from ledger.errors import BadInputError
from schemas.time import iso

if TYPE_CHECKING:
    from interfaces.persons import Use

app = typer.Typer(rich_markup_mode=None)

KeyArgument = Annotated[str, typer.Argument(metavar="KEY", help="The key's id, such as p-0123.")]

_COLUMNS = ("key", "since", "uses", "places", "claims", "state", "erased_at", "in_topic")
_USES = ("position", "recorded_at", "type", "place", "claim")

_REMAINS = (
    "the sealed boxes in the log, which no key opens any more",
    "keyed hashes of commands that named the person",
    "the documents of proofs, which are kept outside the ledger",
    "copies of keys.db that were made before: destroy them too",
)
"""What an erasure leaves, in the words a controller needs."""

_IN_TOPIC = (
    "the wrapped key in the topic of keys until its brokers compact it; `person keys` tells when it"
    " is gone (in_topic), and `person erase KEY` again makes an idle topic go on"
)
"""What stays, for a while, where nodes share their keys through the cluster."""


@app.command("keys")
@with_settings
def keys(
    settings: Settings,
    *,
    claim: Annotated[
        str | None, typer.Option(help="Only those that this claim uses.", show_default=False)
    ] = None,
) -> None:
    """List the keys of persons: since when, what uses them, never whose they are."""
    from interfaces.persons import erased, uses

    settings.gate.narrowed()
    with settings.workspace() as workspace:
        gone = erased(workspace.reader)
        found: dict[str, list[Use]] = {}
        if claim is None:
            found = {key: [] for key in (*workspace.ledger.keys.key_ids(), *gone)}
        for use in uses(workspace.reader, claim=claim):
            found.setdefault(use.key, []).append(use)
        topic = workspace.ledger.keys.topic
        lying = None if topic is None else topic.lying_there()
    rows = [_row(key, each, gone.get(key), lying) for key, each in found.items()]
    settings.output.rows(_COLUMNS, rows, empty="No person is known.")


def _row(
    key: str, uses: list[Use], erased_at: int | None, lying: set[str] | None
) -> dict[str, Any]:
    return {
        "key": key,
        "since": iso(uses[0].recorded_at_us) if uses else None,
        "uses": len(uses),
        "places": sorted({use.place for use in uses}),
        "claims": sorted({use.claim for use in uses if use.claim}),
        "events": [use.position for use in uses],
        "state": "erased" if erased_at else "held",
        "erased_at": erased_at,
        "in_topic": None if lying is None else key in lying,
    }


@app.command("show")
@with_settings
def show(settings: Settings, key: KeyArgument) -> None:
    """Show the contact that a key opens, to those who may see it; else `erased`."""
    from interfaces.persons import erased, uses

    sight = settings.gate.narrowed()
    with settings.workspace() as workspace:
        found = [use for use in uses(workspace.reader) if use.key == key]
        if sight is not None:
            found = [use for use in found if sight.covers("contacts", use.about())]
            if not found:
                raise settings.gate.nothing(f"person {key!r}")
        if not found and not workspace.ledger.keys.holds(key):
            raise _unknown(key)
        gone = erased(workspace.reader).get(key)
        contact = workspace.ledger.keys.open(found[-1].sealed) if found else None
    told: dict[str, Any] = {"key": key, "contact": "erased" if gone else "sealed"}
    if contact is not None:
        told = {"key": key, "name": contact.name, "title": contact.title, "email": contact.email}
    rows = [_use(use) for use in found]
    if settings.as_json:
        settings.output.object({**told, "erased_at": gone, "uses": rows})
        return
    settings.output.record({**told, "erased_at": gone})
    settings.output.text()
    settings.output.rows(_USES, rows, empty="No event uses it.")


def _use(use: Use) -> dict[str, Any]:
    return {
        "position": use.position,
        "recorded_at": iso(use.recorded_at_us),
        "type": use.type,
        "place": use.place,
        "claim": use.claim or None,
    }


@app.command("erase")
@with_settings
def erase(
    settings: Settings,
    key: Annotated[
        str | None,
        typer.Argument(
            metavar="KEY", help="The key, as `person keys` lists it.", show_default=False
        ),
    ] = None,
    *,
    contact: Annotated[
        str | None,
        typer.Option(metavar="E-MAIL", help="The person with this address.", show_default=False),
    ] = None,
    reason: Annotated[str, typer.Option(help="asked, retention or mistake.")] = "asked",
    as_: AsOption = None,
    at: AtOption = None,
) -> None:
    """Destroy a person's key: its contacts can't be read any more; every proof still verifies."""
    from ledger.commands.erase_person import ErasePerson

    if (key is None) == (contact is None):
        raise BadInputError(
            "It is not said whom to erase.",
            hint="Give the key or --contact, one of them.",
            code="wrong_use",
        )
    with settings.workspace() as workspace:
        ledger = workspace.ledger
        whose = [key] if key else ledger.keys.keys_of(contact or "")
        if not whose:
            raise BadInputError(
                "There is no person with that address in this ledger.",
                hint="Check the address; `attribution person keys` lists the keys.",
                code="unknown_person",
            )
        # The one in use last: whoever is named meanwhile is still found under it.
        outcomes = [
            ledger.submit(
                ErasePerson(key=each, reason=_reason(reason)),
                actor=as_ or workspace.operator,
                command_id=f"erase:{each}",
                at_us=None if at is None else instant_us(at, "--at"),
            )
            for each in reversed(whose)
        ]
        remains = [*_REMAINS, *[_IN_TOPIC] * ledger.keys.shared]
    done = {"erased": whose[0], "position": outcomes[-1].position}
    told = {**done, "remains": remains}
    if settings.as_json:
        settings.output.object(told)
        return
    settings.output.record(done)
    settings.output.text("What remains:")
    for line in remains:
        settings.output.text(f"  {line}")


def _reason(text: str) -> Literal["asked", "retention", "mistake"]:
    for known in ("asked", "retention", "mistake"):
        if text == known:
            return known
    raise BadInputError(
        f"--reason {text!r} is none of asked, retention and mistake.",
        hint="No name belongs there: the reason stays in the log.",
        code="wrong_use",
    )


def _unknown(key: str) -> BadInputError:
    return BadInputError(
        f"There is no person {key!r} in this ledger.",
        hint="`attribution person keys` lists the keys.",
        code="unknown_person",
    )
