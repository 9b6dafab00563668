"""The import contract: arrows point one way, and what is pure stays pure."""

from __future__ import annotations

import ast

import pytest

from tests.house.tree import ROOMS, files, imports, listing, parsed, sources

PURE = (
    "ledger/log/chain.py",
    "ledger/log/frame.py",
    "ledger/usage/reconcile.py",
    "ledger/rules/",
    "ledger/commands/",
    "ledger/decision_models/",
    "schemas/",
)
"""Functions of values to values: modules, and folders of modules."""

TOOLS = ("schemas/generate.py",)
"""Programs that stand beside what they make; they write files, and nobody imports them."""

OUTSIDE = frozenset(
    {"asyncio", "chdb", "clickhouse_driver", "kafka", "os", "random", "secrets", "shutil"}
    | {"socket", "sqlite3", "subprocess", "tempfile", "threading", "time", "uuid"}
)
"""Modules that reach for files, sockets, clocks, chance or other threads."""

CLOCKS = frozenset({"now", "utcnow", "today"})
"""Methods of ``datetime`` and ``date`` that read the machine's clock."""


def is_pure(name: str) -> bool:
    """Whether the promise of purity covers this file."""
    return name.startswith(PURE) and name not in TOOLS


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_the_rooms_to_its_left(room: str) -> None:
    """No file of a room imports a room that stands after it, in whatever function it does so."""
    after = set(ROOMS[ROOMS.index(room) + 1 :])
    found = [
        f"{name}:{line}: {room} may not import {module}; pass the thing in, or move the code to "
        f"{module.partition('.')[0]}"
        for name in sources(room)
        for line, module in imports(name)
        if module.partition(".")[0] in after
    ]
    assert not found, listing(found)


def test_no_room_imports_tests_bench_or_examples() -> None:
    """What ships never needs what does not ship."""
    found = [
        f"{name}:{line}: {module} is no part of the package"
        for name in sources(*ROOMS)
        for line, module in imports(name)
        if module.partition(".")[0] in {"tests", "bench", "examples"}
    ]
    assert not found, listing(found)


def test_pure_modules_import_nothing_that_reaches_outside() -> None:
    """Chain, frame, reconciliation, rules, models, commands and the contract do no I/O."""
    found = [
        f"{name}:{line}: imports {module}; take the value as an argument instead"
        for name in filter(is_pure, sources("schemas", "ledger"))
        for line, module in imports(name)
        if module.partition(".")[0] in OUTSIDE
    ]
    assert not found, listing(found)


def test_pure_modules_never_read_the_clock() -> None:
    """An instant comes in as an argument, so that a ledger can live in told time."""
    found = [
        f"{name}:{node.lineno}: reads the clock with {node.func.attr}(); take the instant instead"
        for name in filter(is_pure, sources("schemas", "ledger"))
        for node in ast.walk(parsed(name))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in CLOCKS
    ]
    assert not found, listing(found)


def test_every_pure_place_and_tool_exists() -> None:
    """A renamed module does not slip out of the promise of purity unseen."""
    missing = [place for place in (*PURE, *TOOLS) if not any(n.startswith(place) for n in files())]
    assert not missing, f"named in this test but not in the tree: {missing}"
