"""docs/cli.md says what the command line does."""

from __future__ import annotations

from interfaces.cli import reference
from interfaces.cli.faults import EXIT_CODES
from tests.interfaces.conftest import Run


def test_the_reference_has_not_drifted() -> None:
    """Whoever changes a command writes the reference again."""
    assert reference.main(["--check"]) == 0


def test_every_command_and_exit_code_is_in_the_reference() -> None:
    """None is left out."""
    text = reference.PATH.read_text("utf-8")
    assert all(f"\n### {path}\n" in text for path in reference.commands())
    assert all(f"| {code} | " in text for code in EXIT_CODES)


def test_every_command_has_help_that_names_its_options(run: Run) -> None:
    """Each says in a sentence what it does; each option says what it means."""
    for path in reference.commands():
        ended = run(*path.split(), "--help")
        assert ended.code == 0
        assert "--json" in ended.out
    assert all("| |" not in line for line in reference.reference().splitlines())
