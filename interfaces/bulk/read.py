"""One line of commands, read and checked: a request for the ledger, or everything wrong with it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import orjson
from pydantic import ValidationError

from interfaces.bulk import problems, references
from interfaces.bulk.forms import Form, LoadReport, WithdrawReport
from interfaces.bulk.lines import LONGEST_LINE, Line
from interfaces.bulk.names import CONTENT_FROM_FILE, Named, named
from interfaces.bulk.problems import Problem
from interfaces.moments import why_not
from ledger.deciding import Request
from ledger.decision import Command
from ledger.errors import AttributionError
from ledger.rules import policy_file
from schemas.time import from_iso

_FIELDS = ("command", "id", "actor", "at", "data", "correlation")
_NEEDED = {
    "command": 'Write "command": "claim.submit"; `attribution commands` lists them.',
    "id": "Give every line an id of its own, so that repeating the file changes nothing.",
}
# Ids stand in the log for ever: short and printable, without spaces.
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}")
_ACTOR = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_ID_ADVICE = "Use at most 128 letters, digits and . _ : / -, beginning with a letter or digit."
_NAMES = {
    "command": (re.compile(r".{1,64}"), "Write the command's name as text."),
    "id": (_ID, _ID_ADVICE),
    "actor": (_ACTOR, "Name the actor with at most 64 letters, digits and . _ -, like d.dana."),
    "correlation": (_ID, _ID_ADVICE),
}


class Defaults(NamedTuple):
    """What holds for lines that do not say it, and the folder that files are named from."""

    actor: str
    at_us: int | None
    folder: Path


class Wish(NamedTuple):
    """A line about a usage report: what it wants, who asks, under which id, when."""

    form: Form
    actor: str
    command_id: str
    at_us: int | None
    folder: Path


class ReadLine(NamedTuple):
    """What a line holds. ``wanted`` is None when it can't be read; ``problems`` say why."""

    number: int
    id: str
    command: str
    wanted: Request | Wish | None
    problems: tuple[Problem, ...] = ()


def read(line: Line, defaults: Defaults) -> ReadLine:
    """The command in a line, checked field by field; never raises for what a user wrote."""
    found = _parsed(line)
    if isinstance(found, Problem):
        return ReadLine(line.number, "", "", None, (found,))
    wrong = tuple(_wrong_fields(found))
    name, data = _text(found.get("command")), found.get("data", {})
    model = _model(name, data, defaults.folder) if name and isinstance(data, dict) else ()
    if wrong or isinstance(model, tuple):
        more = model if isinstance(model, tuple) else ()
        return ReadLine(line.number, _text(found.get("id")), name, None, (*wrong, *more))
    return ReadLine(line.number, found["id"], name, _wanted(found, model, defaults))


def _wanted(found: dict[str, Any], model: Command | Form, defaults: Defaults) -> Request | Wish:
    actor = found.get("actor", defaults.actor)
    at_us = from_iso(found["at"]) if "at" in found else defaults.at_us
    if isinstance(model, LoadReport | WithdrawReport):
        return Wish(model, actor, found["id"], at_us, defaults.folder)
    return Request(model, actor, found["id"], at_us, found.get("correlation", ""))


def _parsed(line: Line) -> dict[str, Any] | Problem:
    if line.text is None:
        message = f"The line is longer than {LONGEST_LINE:,} bytes."
        return Problem("line_too_long", message, "Keep documents outside and name their hash.")
    try:
        found = orjson.loads(line.text)
    except orjson.JSONDecodeError as error:
        start = line.text[:40].decode("utf-8", "replace")
        message = f"The line is no JSON: {error.msg} at character {error.pos + 1}."
        hint = "Write one command a line, such as the example of `attribution commands NAME`."
        return Problem("malformed_line", message, hint, "", problems.shown(start))
    if not isinstance(found, dict):
        message = f"The line holds a {type(found).__name__}, not an object."
        hint = "Write one JSON object a line, beginning with {."
        return Problem("malformed_line", message, hint, "", problems.shown(found))
    return found


def _wrong_fields(found: dict[str, Any]) -> Iterator[Problem]:
    """What is wrong with a line's own fields; its data is looked at by itself."""
    for name, value in found.items():
        if name not in _FIELDS:
            yield problems.unknown_field(name, _FIELDS, "The line", name, value)
    for name, advice in _NEEDED.items():
        if name not in found:
            yield Problem("missing_field", f"The line has no {name}.", advice, name)
    for name, (allowed, advice) in _NAMES.items():
        if name not in found:
            continue
        value = found[name]
        if not (isinstance(value, str) and allowed.fullmatch(value)):
            message = f"{name} is not well formed."
            yield Problem("bad_value", message, advice, name, problems.shown(value))
    if "data" in found and not isinstance(found["data"], dict):
        hint = "Write the command's fields as an object."
        yield Problem(
            "bad_value", "data is no object.", hint, "data", problems.shown(found["data"])
        )
    if "at" in found:
        yield from _wrong_instant(found["at"])


def _wrong_instant(at: Any) -> Iterator[Problem]:
    try:
        from_iso(at)
    except (TypeError, ValueError, OverflowError) as error:
        hint = "Write an instant that exists, with its time zone, like 2020-07-03T09:00:00Z."
        yield Problem(
            "bad_value", f"at is no instant{why_not(error)}.", hint, "at", problems.shown(at)
        )


def _model(name: str, data: dict[str, Any], folder: Path) -> Command | Form | tuple[Problem, ...]:
    """The command with its data, or everything wrong with it."""
    try:
        known = named(name)
        data = _with_content(known, data, folder)
    except AttributionError as error:
        field = "command" if error.code == "unknown_command" else "data.file"
        field = "data.builtin" if error.code == "unknown_builtin" else field
        value = name if field == "command" else data.get(field.removeprefix("data."))
        return (problems.of_error(error, field, value),)
    try:
        # Strict, so that 1593766800 is no date and "yes" no truth value; JSON, so that text may be.
        return known.model.model_validate_json(orjson.dumps(data), strict=True)
    except AttributionError as error:  # what a content of the user's own says is wrong
        return (problems.of_error(error, "data.content"),)
    except ValidationError as error:
        return problems.of_validation(error, known.model, name, known.example)


def _with_content(known: Named, data: dict[str, Any], folder: Path) -> dict[str, Any]:
    """The data, with the content of the file it names where the command takes a content."""
    if known.name == "programme.adopt":
        return _with_programme(data, folder)
    if "file" not in data:
        return data
    rest = {name: value for name, value in data.items() if name != "file"}
    if known.name == "policy.adopt" and isinstance(data.get("file"), str):
        laid_over: dict[str, Any] = {
            name: data[name] for name in ("in_force_from", "calendar") if name in data
        }
        path = references.beside(folder, data["file"])
        return {**rest, "content": policy_file.read(path, laid_over)}
    if known.name in CONTENT_FROM_FILE and isinstance(data.get("file"), str):
        return {**rest, "content": references.content(references.beside(folder, data["file"]))}
    return data


def _with_programme(data: dict[str, Any], folder: Path) -> dict[str, Any]:
    """The data with the content of the file that it names, of either sort of programme."""
    from interfaces import programme_files

    file = data.get("file")
    if not isinstance(file, str):
        return data
    rest = {key: value for key, value in data.items() if key != "file"}
    return {**rest, "content": programme_files.read(references.beside(folder, file))}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
