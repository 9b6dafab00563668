"""docs/refusals.md lists every refusal as it is, and each is provoked by some test."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from interfaces.cli import refusal_reference
from ledger.refusal import table

TESTS = Path(__file__).parents[2]
_NOT_A_TEST_OF_IT = {"test_refusal.py", "test_refusal_reference.py"}


def _provoking() -> str:
    """Everything that tests and scenarios say."""
    files = [path for path in TESTS.rglob("*") if path.suffix in (".py", ".feature")]
    return "\n".join(
        path.read_text("utf-8") for path in files if path.name not in _NOT_A_TEST_OF_IT
    )


def test_the_list_is_the_one_the_code_gives(capsys: pytest.CaptureFixture[str]) -> None:
    """A changed refusal is written anew, and `make check` says so."""
    assert refusal_reference.main(["--check"]) == 0, capsys.readouterr().err


def test_every_refusal_is_listed_with_who_gives_it() -> None:
    """A user finds each code, what to do next, and by which commands it can come."""
    text = refusal_reference.PATH.read_text("utf-8")
    for code in table():
        assert f"| `{code}` |" in text
        assert refusal_reference.given_by(code), f"no command is found that gives {code}"


def test_a_refusal_is_traced_through_the_functions_that_give_it() -> None:
    """Through imports, base classes and the rules a command calls, or it would stand alone."""
    assert refusal_reference.given_by("at_goes_back") == ("every command",)
    assert "dpor.remove" in refusal_reference.given_by("dpor_empty")
    assert {"claim.approve", "arbitration.decide"} <= set(
        refusal_reference.given_by("own_interest")
    )


def test_every_refusal_is_provoked_by_a_test() -> None:
    """A scenario says `refused CODE`, or a test names the code it expects."""
    said = _provoking()
    never = [
        code for code in table() if not re.search(rf'refused {code}\b|"{code}"|\b{code}\b  ', said)
    ]
    assert not never, f"provoked by no test: {', '.join(never)}"
