"""Programmes: which there are, what each says and from where, and whether a file is one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from interfaces.cli.settings import Settings, with_settings
from ledger.errors import BadInputError

if TYPE_CHECKING:
    from collections.abc import Iterator

app = typer.Typer(rich_markup_mode=None)

_LISTED = ("programme", "title", "era", "valid_from", "valid_until", "adopted_at")
_SAYS = ("value", "is", "source")


@app.command("list")
@with_settings
def list_(settings: Settings) -> None:
    """List the programmes adopted in the ledger, and the shipped ones that are not."""
    from interfaces import programme_files as files

    adopted = _adopted(settings)
    rows = [_row(name, content, at) for name, (content, at) in adopted.items()]
    rows += [_row(name, files.builtin(name), None) for name in files.names() if name not in adopted]
    settings.output.rows(_LISTED, rows, empty="There are none.")
    settings.output.note("Next: attribution programme show NAME shows every number and its source.")


def _row(name: str, content: dict[str, Any], position: int | None) -> dict[str, Any]:
    told = {key: content.get(key) for key in _LISTED[1:5]}
    return {"programme": name, **told, "adopted_at": position}


@app.command("show")
@with_settings
def show(
    settings: Settings,
    name: Annotated[str, typer.Argument(help="A programme, such as modern_work_2023.")],
    *,
    toml: Annotated[
        bool,
        typer.Option("--toml", help="The file of a shipped programme, to begin one's own from."),
    ] = False,
) -> None:
    """Show every number of a programme with its source: as adopted, or else as it ships."""
    from interfaces import programme_files as files

    if toml:
        for line in files.text_of(name).splitlines():
            settings.output.text(line)
        return
    adopted = _adopted(settings)
    content = adopted[name][0] if name in adopted else files.builtin(name)
    settings.output.rows(_SAYS, _told(content), empty="It says nothing.")


@app.command("check")
@with_settings
def check(
    settings: Settings,
    file: Annotated[Path, typer.Argument(help="A programme as TOML, or as JSON named *.json.")],
) -> None:
    """Check a programme file: every wrong line is named, and why; nothing is adopted."""
    from interfaces import programme_files as files

    if not file.is_file():
        raise BadInputError(f"There is no file {file}.", hint="Check the name.", code="no_file")
    content = files.read(file)
    open_ = [row["value"] for row in _told(content) if row["is"] == "not_published"]
    found = {
        "file": str(file),
        "programme": content["id"],
        "sort": content.get("sort", "score"),
        "not_published": open_,
    }
    settings.output.record(found)
    settings.output.note("Next: a line programme.adopt with this file in its data adopts it.")


def _told(content: dict[str, Any]) -> list[dict[str, Any]]:
    """Every value with the source of the table it stands in."""
    return [
        {"value": name, "is": value, "source": source} for name, value, source in _leaves(content)
    ]


def _leaves(
    content: dict[str, Any], above: str = "", source: str = ""
) -> Iterator[tuple[str, Any, str]]:
    here = str(content.get("source", source))
    for key, value in content.items():
        if key == "source":
            continue
        if isinstance(value, dict):
            yield from _leaves(value, f"{above}{key}.", here)
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            for n, one in enumerate(value):
                name = one.get("id") or ".".join(
                    str(one[part]) for part in ("class", "type", "market") if part in one
                )
                yield from _leaves(one, f"{above}{key}.{name or n}.", here)
        else:
            yield f"{above}{key}", value, here


def _adopted(settings: Settings) -> dict[str, tuple[dict[str, Any], int]]:
    """Content and position of each adopted one; nothing without a ledger."""
    if not (settings.folder / "ledger.toml").is_file():
        return {}
    with settings.workspace() as workspace:
        return workspace.programmes()
