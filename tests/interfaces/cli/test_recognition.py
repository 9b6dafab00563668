"""`attribution recognition`: what each association counts for."""

from __future__ import annotations

from tests.interfaces.conftest import Run


def test_each_association_has_a_verdict_of_every_area_it_concerns(reading: Run) -> None:
    """A CPOR on Teams counted for Cloud Productivity in 2020; the DPOR's kind did not."""
    ran = reading("recognition", "--effective", "2020-10-15", "--json")
    assert ran.code == 0
    found = {(row["kind"], row["partner"], row["area"]): row["reason"] for row in ran.objects}
    assert found == {
        ("CPOR", "101", "cloud_productivity"): "counts",
        ("DPOR", "101", "cloud_productivity"): "kind_not_accepted",
    }


def test_recognition_is_told_as_known_then(reading: Run) -> None:
    """Before the customer's change was recorded, Beta stood on the DPOR place."""
    words = ("--kind", "dpor", "--effective", "2020-10-15", "--known", "2020-10-19")
    ran = reading("recognition", *words, "--json")
    assert [row["partner"] for row in ran.objects] == ["201"]


def test_an_area_can_be_picked(reading: Run) -> None:
    """By its id; an unknown one is named with those there are."""
    ran = reading("recognition", "--area", "modern_work_smb", "--effective", "2023-01-01", "--json")
    assert {row["area"] for row in ran.objects} == {"modern_work_smb"}
    wrong = reading("recognition", "--area", "modern_work")
    assert wrong.code == 2
    assert "unknown_area" in wrong.err
    assert "modern_work_smb" in wrong.err
