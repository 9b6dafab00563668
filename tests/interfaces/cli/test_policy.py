"""`attribution policy`: which policies there are, what each says, whether a file is one."""

from __future__ import annotations

from pathlib import Path

from tests.interfaces.conftest import Run


def test_policies_are_listed_with_their_dates_and_which_is_in_force(reading: Run) -> None:
    """Adopted ones with their position, shipped ones without."""
    rows = {row["policy"]: row for row in reading("policy", "list", "--json").objects}
    assert set(rows) == {"P2020", "P2023", "EXPLICIT"}
    assert rows["P2020"]["in_force"]
    assert rows["P2020"]["adopted_at"] > 0
    assert (rows["P2023"]["in_force"], rows["P2023"]["adopted_at"]) == (False, None)


def test_the_shipped_ones_are_listed_without_a_ledger(run: Run, tmp_path: Path) -> None:
    """There is something to read before there is something to adopt it in."""
    rows = run("policy", "list", "--json", "--ledger", tmp_path / "none").objects
    assert [row["policy"] for row in rows] == ["P2020", "P2023", "EXPLICIT"]


def test_every_value_is_shown_with_its_source(reading: Run) -> None:
    """Adopted or shipped alike."""
    for name in ("P2020", "p2023"):
        rows = reading("policy", "show", name, "--json").objects
        assert all(row["source"] for row in rows)
        assert {"review.answer", "consent.mode"} <= {row["value"] for row in rows}
    assert reading("policy", "show", "P2019").code == 2


def test_a_shown_file_passes_the_check(reading: Run, run: Run, tmp_path: Path) -> None:
    """Whoever wants a policy of one's own begins from one that is right."""
    path = tmp_path / "own.toml"
    path.write_text(reading("policy", "show", "EXPLICIT", "--toml").out, "utf-8")
    found = run("policy", "check", path, "--json").object
    assert (found["policy"], found["without_source"]) == ("EXPLICIT", [])
    assert run("policy", "check", tmp_path / "other.toml").code == 2
