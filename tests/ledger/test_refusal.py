"""Every refusal comes from the one table, and the table holds nothing that is never said."""

from __future__ import annotations

import ast
import string
from pathlib import Path

import pytest

from ledger.errors import RefusedError
from ledger.refusal import Refused, table

LEDGER = Path(__file__).parents[2] / "ledger"


def said() -> set[str]:
    """The codes that the code of the ledger refuses with, read from its source."""
    codes: set[str] = set()
    for path in LEDGER.rglob("*.py"):
        text = path.read_text("utf-8")
        if "from ledger.refusal import" not in text:
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Refused":
                first = node.args[0]
                assert isinstance(first, ast.Constant), f"{path}: a refusal's code is a literal"
                codes.add(str(first.value))
    return codes


def test_each_code_that_is_said_stands_in_the_table_and_the_reverse() -> None:
    """No refusal without a sentence, no sentence without a refusal."""
    assert said() == set(table())


@pytest.mark.parametrize("code", sorted(table()))
def test_each_refusal_says_what_is_wrong_and_what_to_do_next(code: str) -> None:
    """A sentence, an advice, and no value that only one of them could fill in by chance."""
    entry = table()[code]
    assert set(entry) - {"fields"} == {"says", "next"}
    assert entry["says"].endswith(".")
    assert entry["next"].endswith(".")
    fields = {
        name.split(".")[0].split("[")[0]
        for text in (entry["says"], entry["next"])
        for _, name, _, _ in string.Formatter().parse(text)
        if name
    }
    refused = Refused(code, **dict.fromkeys(fields, "value"))
    assert isinstance(refused, RefusedError)
    assert (refused.code, refused.exit_code) == (code, 3)
    assert "{" not in str(refused)
