"""Scenarios as they are read: Gherkin files, one scenario after another, each step with its place.

The grammar is Gherkin's own (``gherkin-official``); here it is only flattened: backgrounds are put
before, outlines are filled in, and every scenario says which section it comes from.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from gherkin.errors import CompositeParserException
from gherkin.parser import Parser
from gherkin.pickles.compiler import Compiler

_SOURCE = re.compile(r"^\s*Source:\s*(.+?)\s*$", re.MULTILINE)


class Step(NamedTuple):
    """One line of a scenario: its kind (given, when, then), words, place, and what is below."""

    kind: str
    text: str
    place: str
    table: tuple[tuple[str, ...], ...] = ()
    document: str = ""


class Scenario(NamedTuple):
    """A scenario ready to be played."""

    name: str
    place: str
    sources: tuple[str, ...]
    steps: tuple[Step, ...]


_KINDS = {"Context": "given", "Action": "when", "Outcome": "then"}


def read(path: Path) -> Iterator[Scenario]:
    """Every scenario of a file, outlines filled in; ``ValueError`` names the line that is wrong."""
    try:
        document: dict[str, Any] = dict(Parser().parse(path.read_text("utf-8")))
    except CompositeParserException as error:
        raise ValueError(f"{path.name}: {error}") from error
    nodes = dict(_nodes(document))
    for pickle in Compiler().compile({**document, "uri": path.name}):  # type: ignore[typeddict-item]
        found: dict[str, Any] = dict(pickle)
        first, *row = [nodes[node] for node in found["astNodeIds"]]
        line = (row or [first])[-1]["location"]["line"]
        yield Scenario(
            found["name"],
            f"{path.name}:{line}",
            tuple(_SOURCE.findall(first.get("description", ""))),
            tuple(_step(step, nodes, path.name) for step in found["steps"]),
        )


def _step(found: dict[str, Any], nodes: dict[str, Any], file: str) -> Step:
    argument = found.get("argument", {})
    rows = argument.get("dataTable", {}).get("rows", [])
    return Step(
        _KINDS.get(found["type"], "then"),
        found["text"],
        f"{file}:{nodes[found['astNodeIds'][0]]['location']['line']}",
        tuple(tuple(cell["value"] for cell in row["cells"]) for row in rows),
        argument.get("docString", {}).get("content", ""),
    )


def _nodes(tree: Any) -> Iterator[tuple[str, Any]]:
    """Every node of the syntax tree that has an id: steps, scenarios, rows of examples."""
    if isinstance(tree, dict):
        if "id" in tree:
            yield tree["id"], tree
        for below in tree.values():
            yield from _nodes(below)
    elif isinstance(tree, list):
        for below in tree:
            yield from _nodes(below)
