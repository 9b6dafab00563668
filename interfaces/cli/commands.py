"""The commands that can be submitted: a list, or the fields and an example of one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from interfaces.cli.settings import Settings, with_settings
from ledger.errors import BadInputError

if TYPE_CHECKING:
    from interfaces.bulk.names import Named


@with_settings
def show_commands(
    settings: Settings,
    name: Annotated[
        str | None, typer.Argument(help="One command, such as claim.submit.", show_default=False)
    ] = None,
    *,
    csv: Annotated[
        bool,
        typer.Option("--csv", help="Write the header of a CSV for it, and a row as an example."),
    ] = False,
) -> None:
    """List what can be submitted, or show one with its fields."""
    from interfaces.bulk.names import named, names

    if csv:
        _template(settings, name)
    elif name is None:
        listed = [{"command": each, "does": named(each).summary} for each in names()]
        settings.output.rows(("command", "does"), listed, empty="There are none.")
        settings.output.note("Next: attribution commands NAME shows fields and an example.")
    elif settings.as_json:
        settings.output.object(described(named(name)))
    else:
        _show(settings, named(name))


def _template(settings: Settings, name: str | None) -> None:
    """A file to begin with: `attribution submit FILE.csv --command NAME` takes it."""
    from interfaces.bulk.csv_rows import template

    if name is None:
        raise BadInputError(
            "--csv needs the command.",
            hint="attribution commands claim.submit --csv",
            code="wrong_use",
        )
    header, example = template(name)
    row = {column: example.get(column) for column in header}
    settings.listing(as_csv=True).rows(header, [row], empty="")


def described(command: Named) -> dict[str, Any]:
    """A command with its JSON Schema, and an example as it stands in a line."""
    example = {"command": command.name, "id": "an-id-of-your-own", "data": command.example}
    schema = command.model.model_json_schema()
    return {
        "command": command.name,
        "does": command.summary,
        "schema": schema,
        "example": example,
    }


def _show(settings: Settings, command: Named) -> None:
    told = described(command)
    output = settings.output
    output.text(f"{command.name}: {command.summary}")
    output.text()
    output.rows(("field", "needed", "type"), list(_fields(told["schema"])), empty="No fields.")
    output.text()
    output.text("Example, as one line of `attribution submit`:")
    output.text(json.dumps(told["example"], ensure_ascii=False))


def _fields(schema: dict[str, Any]) -> list[dict[str, Any]]:
    needed = schema.get("required", ())
    return [
        {"field": name, "needed": name in needed, "type": _kind(found, schema)}
        for name, found in schema["properties"].items()
    ]


def _kind(found: dict[str, Any], schema: dict[str, Any]) -> str:
    """The type of a field in a few words."""
    if "$ref" in found:
        inner = schema["$defs"][found["$ref"].rpartition("/")[2]]
        return _kind(inner, schema) if "enum" in inner else _object(inner)
    if "anyOf" in found:
        kinds = [_kind(each, schema) for each in found["anyOf"]]
        return " or ".join(kind for kind in kinds if kind != "null")
    if "enum" in found or "const" in found:
        return " | ".join(map(str, found.get("enum") or [found["const"]]))
    if found.get("type") == "array":
        return f"list of {_kind(found.get('items', {}), schema)}"
    return str(found.get("format") or found.get("type", "any"))


def _object(found: dict[str, Any]) -> str:
    return "{" + ", ".join(found.get("properties", {})) + "}"
