"""Names say what a thing is, and each says in a docstring what it promises."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import PurePosixPath

from tests.house.tree import ROOMS, listing, parsed, sources

EMPTY_NAMES = frozenset(
    {"base", "common", "helper", "helpers", "lib", "manager", "managers", "misc", "shared"}
    | {"util", "utils"}
)
"""Names that say nothing about what is inside."""

Documented = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
Function = ast.FunctionDef | ast.AsyncFunctionDef


def public(body: list[ast.stmt], prefix: str = "") -> Iterator[tuple[str, Documented]]:
    """Each public class, function and method in a module or class body, with its dotted name."""
    for node in body:
        if isinstance(node, Documented) and not node.name.startswith("_"):
            yield prefix + node.name, node
            if isinstance(node, ast.ClassDef):
                yield from public(node.body, f"{prefix}{node.name}.")


def is_promised_elsewhere(node: Documented) -> bool:
    """Whether the port it implements, the main signature or the class docstring says it already."""
    names = {ast.unparse(decorator).rpartition(".")[2] for decorator in node.decorator_list}
    field_of_a_protocol = "property" in names and ast.unparse(node.body[-1]) == "..."
    return field_of_a_protocol or bool(names & {"override", "overload", "setter"})


def test_no_module_or_folder_has_a_name_that_says_nothing() -> None:
    """A newcomer finds the room by its name, so no utils, helpers, common, manager or base."""
    found = [
        f"{name}: call it after the noun it owns"
        for name in sources(*ROOMS, "tests", "bench", "examples", "scripts", "docs")
        if EMPTY_NAMES & set(PurePosixPath(name).with_suffix("").parts)
    ]
    assert not found, listing(found)


def test_every_module_says_what_it_is() -> None:
    """Every module, the tests too, opens with a docstring."""
    found = [
        f"{name}:1: begin with one sentence that says what the module guarantees"
        for name in sources(*ROOMS, "tests", "bench", "examples", "docs")
        if not ast.get_docstring(parsed(name))
    ]
    assert not found, listing(found)


def test_every_public_function_and_class_promises_something() -> None:
    """Whoever calls a public name can read what it guarantees without reading its body."""
    found = [
        f"{name}:{node.lineno}: {dotted} has no docstring; say what it guarantees"
        for name in sources(*ROOMS)
        for dotted, node in public(parsed(name).body)
        if not ast.get_docstring(node) and not is_promised_elsewhere(node)
    ]
    assert not found, listing(found)


def test_every_test_states_its_promise() -> None:
    """A test is a sentence: its name says it short, its docstring in full."""
    found = [
        f"{name}:{node.lineno}: {node.name} has no docstring; state the promise in one sentence"
        for name in sources("tests")
        for node in ast.walk(parsed(name))
        if isinstance(node, Function)
        and node.name.startswith("test_")
        and not ast.get_docstring(node)
    ]
    assert not found, listing(found)


def test_no_test_is_skipped_or_expected_to_fail_for_good() -> None:
    """A test that never runs proves nothing; one that depends on something asks for it (skipif)."""
    found = [
        f"{name}:{node.lineno}: {ast.unparse(decorator)}; mend or remove the test"
        for name in sources("tests")
        for node in ast.walk(parsed(name))
        if isinstance(node, Documented)
        for decorator in node.decorator_list
        if ast.unparse(decorator).partition("(")[0] in {"pytest.mark.skip", "pytest.mark.xfail"}
    ]
    assert not found, listing(found)
