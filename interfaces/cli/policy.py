"""Claim policies: which there are, what each says and from where, and whether a file is one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from interfaces.cli.settings import Settings, with_settings
from ledger.errors import BadInputError

if TYPE_CHECKING:
    from collections.abc import Iterator

app = typer.Typer(rich_markup_mode=None)

_LISTED = ("policy", "title", "in_force_from", "documented_until", "adopted_at", "in_force")
_SAYS = ("value", "is", "source")


@app.command("list")
@with_settings
def list_(settings: Settings) -> None:
    """List the policies adopted in the ledger, and the shipped ones that are not."""
    from ledger.rules.policy import BUILTIN, builtin

    adopted = _adopted(settings)
    rows = [_row(content, position, now) for content, position, now in adopted]
    names = {content["policy"] for content, _, _ in adopted}
    rows += [_row(builtin(name), None, now=False) for name in BUILTIN if name not in names]
    settings.output.rows(_LISTED, rows, empty="There are none.")
    settings.output.note("Next: attribution policy show NAME shows every value and its source.")


def _in_z(instant: str | None) -> str | None:
    return instant and instant.replace("+00:00", "Z")


def _row(content: dict[str, Any], position: int | None, now: bool) -> dict[str, Any]:
    # A shipped file's instants are read by a library that writes +00:00, an event's end in Z.
    given = {name: content.get(name) for name in _LISTED[:2]}
    given |= {name: _in_z(content.get(name)) for name in _LISTED[2:4]}
    return {**given, "adopted_at": position, "in_force": now}


@app.command("show")
@with_settings
def show(
    settings: Settings,
    name: Annotated[str, typer.Argument(help="A policy, such as P2023.")],
    *,
    toml: Annotated[
        bool, typer.Option("--toml", help="The file of a shipped policy, to begin one's own from.")
    ] = False,
) -> None:
    """Show every value of a policy with its source: as adopted, or else as it ships."""
    from ledger.rules.policy import builtin, builtin_text

    if toml:
        for line in builtin_text(name).splitlines():
            settings.output.text(line)
        return
    adopted = {content["policy"]: content for content, _, _ in _adopted(settings)}
    content = adopted.get(name) or adopted.get(name.upper()) or builtin(name)
    sources = content.get("sources", {})
    rows = [
        {"value": key, "is": value, "source": sources.get(key)} for key, value in leaves(content)
    ]
    settings.output.rows(_SAYS, rows, empty="It says nothing.")


@app.command("check")
@with_settings
def check(
    settings: Settings,
    file: Annotated[Path, typer.Argument(help="A policy as TOML, or as JSON named *.json.")],
) -> None:
    """Check a policy file: every wrong line is named, and why; nothing is adopted."""
    from ledger.rules import policy_file

    if not file.is_file():
        raise BadInputError(f"There is no file {file}.", hint="Check the name.", code="no_file")
    content = policy_file.read(file)
    names = [key for key, _ in leaves(content)]
    unsourced = [name for name in names if name not in content.get("sources", {})]
    found = {
        "file": str(file),
        "policy": content["policy"],
        "values": len(names),
        "without_source": unsourced,
    }
    settings.output.record(found)
    settings.output.note("Next: a line policy.adopt with this file in its data adopts it.")


def leaves(content: dict[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Every value of a policy under its dotted name, the sources themselves left out."""
    for key, value in content.items():
        name = f"{above}{key}"
        if isinstance(value, dict):
            if name != "sources":
                yield from leaves(value, f"{name}.")
        else:
            yield name, value


def _adopted(settings: Settings) -> list[tuple[dict[str, Any], int, bool]]:
    """Content, position and whether in force, of each adopted one; nothing without a ledger."""
    if not (settings.folder / "ledger.toml").is_file():
        return []
    with settings.workspace() as workspace:
        in_force = workspace.policy_in_force(workspace.now_us())
        return [
            ({**content, "in_force_from": since}, position, content["policy"] == in_force)
            for content, since, position in workspace.policies()
        ]
