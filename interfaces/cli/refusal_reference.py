"""docs/refusals.md, written from the refusals and from the code that gives them; see ``main``.

python -m interfaces.cli.refusal_reference [--check]

Which commands can give a refusal is read from the source: what a command's class says, and what the
functions it calls say, as far as their names can be followed.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from interfaces.bulk.names import named, names
from ledger.commands import catalogue
from ledger.refusal import table

PATH = Path(__file__).parents[2] / "docs" / "refusals.md"
_LEDGER = Path(__file__).parents[2] / "ledger"
_ANY_COMMAND = ("ledger.deciding", "ledger.folder", "ledger.log.writer")

_HEAD = """\
# Refusals

<!-- Written by `python -m interfaces.cli.refusal_reference`; change ledger/rules/refusals.toml, then run it again. -->

A refused command leaves nothing in the log. Every refusal has a code that stays the same, a sentence with the values it is about
(here in braces), and what to do next; the exit code is 3, and a line of `attribution submit` is answered `refused`. Asked again, a
command is judged again. What is not even well formed is `unreadable` instead and names the field: see [the command line](cli.md).

| code | what it says | what to do next | given by |
|---|---|---|---|
"""  # noqa: E501  a line of Markdown


class _Place(NamedTuple):
    """A function or class of the ledger, by its module and name."""

    module: str
    name: str


class _Said(NamedTuple):
    """What stands in a function or class: codes it refuses with, names it uses."""

    codes: frozenset[str]
    uses: frozenset[_Place]


def reference() -> str:
    """The text of docs/refusals.md."""
    return _HEAD + "".join(_row(code) for code in sorted(table()))


def given_by(code: str) -> tuple[str, ...]:
    """The commands that can be refused with a code; ``every command`` where each can."""
    everywhere = {each for module in _ANY_COMMAND for each in _module_codes(module)}
    if code in everywhere:
        return ("every command",)
    users = dict.fromkeys((*names(), *catalogue.INTERNAL))
    given = tuple(name for name in users if code in _codes(name))
    # What only the clock or a load does comes last, where nobody else gives it.
    return tuple(name for name in given if not name.startswith("clock.")) or given


def _row(code: str) -> str:
    entry = table()[code]
    given = ", ".join(_spelled(code)).replace("|", "\\|")
    return f"| `{code}` | {_cell(entry['says'])} | {_cell(entry['next'])} | {given} |\n"


def _spelled(code: str) -> Iterator[str]:
    given = given_by(code)
    if len(given) > len(names()) * 0.8:
        yield "almost every command"
        return
    yield from (each if each == "every command" else f"`{each}`" for each in given)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("!r}", "}")


@cache
def _codes(command: str) -> frozenset[str]:
    """Every code that deciding a command can say."""
    internal = command in catalogue.INTERNAL
    model = catalogue.load(command) if internal else named(command).model
    waiting, seen = [_Place(model.__module__, model.__name__)], set[_Place]()
    found: set[str] = set()
    while waiting:
        place = waiting.pop()
        if place in seen:
            continue
        seen.add(place)
        said = _said(place)
        found |= said.codes
        waiting += said.uses
    return frozenset(found)


def _module_codes(module: str) -> frozenset[str]:
    return frozenset(code for node in ast.walk(_tree(module)) for code in _refused(node))


@cache
def _said(place: _Place) -> _Said:
    for node in _tree(place.module).body:
        if getattr(node, "name", None) == place.name:
            return _said_in(place.module, node)
        if isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(isinstance(each, ast.Name) and each.id == place.name for each in targets):
                return _said_in(place.module, node)
    return _Said(frozenset(), frozenset())


def _said_in(module: str, node: ast.AST) -> _Said:
    known = _names(module)
    codes, uses = set[str](), set[_Place]()
    for each in ast.walk(node):
        codes.update(_refused(each))
        if isinstance(each, ast.Name) and each.id in known:
            uses.add(known[each.id])
        if isinstance(each, ast.Attribute) and isinstance(each.value, ast.Name):
            whole = known.get(each.value.id)
            if whole is not None and not whole.name:  # a module, and a name in it
                uses.add(_Place(whole.module, each.attr))
    return _Said(frozenset(codes), frozenset(uses))


def _refused(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Refused" and node.args:
        code = node.args[0]
        if isinstance(code, ast.Constant):
            yield str(code.value)


@cache
def _names(module: str) -> dict[str, _Place]:
    """What the names of a module stand for, its own and those it imports from the ledger."""
    found: dict[str, _Place] = {}
    for node in ast.walk(_tree(module)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("ledger"):
            for alias in node.names:
                below = f"{node.module}.{alias.name}"
                place = _Place(below, "") if _file(below) else _Place(str(node.module), alias.name)
                found[alias.asname or alias.name] = place
    for node in _tree(module).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found[node.name] = _Place(module, node.name)
        if isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {
                each.id: _Place(module, each.id) for each in targets if isinstance(each, ast.Name)
            }
    return found


@cache
def _tree(module: str) -> ast.Module:
    file = _file(module)
    return ast.parse(file.read_text("utf-8")) if file else ast.Module([], [])


def _file(module: str) -> Path | None:
    path = _LEDGER.parent.joinpath(*module.split(".")).with_suffix(".py")
    return path if path.is_file() else None


def main(arguments: list[str]) -> int:
    """Write the list, or say with ``--check`` whether it is the one there is."""
    if arguments == ["--check"]:
        if PATH.is_file() and PATH.read_text("utf-8") == reference():
            return 0
        sys.stderr.write(f"{PATH} has drifted; run `python -m interfaces.cli.refusal_reference`.\n")
        return 1
    PATH.write_text(reference(), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
