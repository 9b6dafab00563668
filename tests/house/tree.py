"""The project's own files as the house rules see them: rooms, sources, texts."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

ROOMS = ("schemas", "ledger", "projections", "consumers", "interfaces")
"""The rooms in the order of the arrows: each may import those that stand before it, and itself."""


@cache
def files() -> tuple[str, ...]:
    """Every file of the project, as a path from the root: what git tracks or would offer to add."""
    listed = subprocess.run(
        [
            "git",
            "-c",
            "safe.directory=*",
            "ls-files",
            "--cached",
            "--others",
            "--exclude-standard",
            "-z",
        ],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    names = sorted(set(listed.split("\0")) - {""})
    return tuple(name for name in names if (ROOT / name).is_file())


def sources(*folders: str) -> tuple[str, ...]:
    """The Python files below these folders."""
    prefixes = tuple(f"{folder}/" for folder in folders)
    return tuple(n for n in files() if n.endswith(".py") and n.startswith(prefixes))


@cache
def parsed(name: str) -> ast.Module:
    """The syntax tree of one source file."""
    return ast.parse((ROOT / name).read_text(encoding="utf-8"), filename=name)


def imports(name: str) -> Iterator[tuple[int, str]]:
    """Each module that a file imports, wherever in the file, with its line."""
    for node in ast.walk(parsed(name)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name}:{node.lineno}: write the import with its full name"
            assert node.module is not None
            yield node.lineno, node.module


def listing(found: list[str]) -> str:
    """Findings as lines under each other, for the message of an assertion."""
    return "\n" + "\n".join(found)
