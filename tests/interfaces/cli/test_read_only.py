"""An auditor's copy that can't be written is verified and read, with keys or without."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[3]


@pytest.fixture
def sealed(told: Path) -> Iterator[Path]:
    """A copy of the small ledger that nobody may write."""
    with tempfile.TemporaryDirectory() as outer:
        Path(outer).chmod(0o755)
        copy = Path(outer) / "audit"
        shutil.copytree(told, copy, ignore=shutil.ignore_patterns("analytics"))
        for each in [copy, *copy.iterdir()]:
            each.chmod(0o555 if each.is_dir() else 0o444)
        yield copy
        copy.chmod(0o755)


def _ran(ledger: Path, *words: str, told: str | None = None) -> subprocess.CompletedProcess[str]:
    """The program, bound by the rights of files also where root runs the tests."""
    if os.geteuid() == 0 and shutil.which("setpriv") is None:
        pytest.skip("root writes whatever it likes")
    bound = ["setpriv", "--bounding-set=-dac_override"] if os.geteuid() == 0 else []
    return subprocess.run(
        [*bound, sys.executable, "-m", "interfaces.cli.main", *words, "--ledger", str(ledger)],
        cwd=_ROOT,
        input=told,
        check=False,
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("keys", [True, False])
def test_a_folder_that_can_not_be_written_is_verified_and_read(sealed: Path, keys: bool) -> None:
    """The same answers as where it came from; the copy stays as it was."""
    if not keys:
        sealed.chmod(0o755)
        (sealed / "keys.db").unlink()
        sealed.chmod(0o555)
    before = sorted(each.name for each in sealed.iterdir())
    verified = _ran(sealed, "verify")
    assert (verified.returncode, "verify: ok" in verified.stdout) == (0, True), verified.stderr
    held = _ran(sealed, "holders", "--json")
    assert held.returncode == 0, held.stderr
    assert len(held.stdout.splitlines()) == 2
    assert sorted(each.name for each in sealed.iterdir()) == before


def test_nothing_can_be_written_through_a_copy(sealed: Path) -> None:
    """A command is refused by name, not written to what is thrown away."""
    ended = _ran(sealed, "clock", "--at", "2030-01-01T00:00:00Z")
    line = (
        '{"command": "organisation.register", "id": "x", "at": "2030-01-01T00:00:00Z",'
        ' "data": {"organisation": "900", "name": "Nine", "country": "CZ", "domains": []}}\n'
    )
    submitted = _ran(sealed, "submit", "-", told=line)
    assert (submitted.returncode, submitted.stderr.split(":")[0]) == (4, "read_only")
    assert ended.returncode in (0, 4)
