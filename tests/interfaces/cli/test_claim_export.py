"""`attribution claim export`: every field, state, date and reason, one row a claim and slot."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

from interfaces.claim_export import COLUMNS
from tests.interfaces.conftest import Run
from tests.interfaces.small_story import CONTOSO

_DOCUMENT = Path(__file__).parents[3] / "docs" / "claims_export.md"


def test_a_claim_is_exported_with_its_fields_dates_and_reasons(reading: Run) -> None:
    """Beside what `claim show` tells, the proof and when each step was taken."""
    out = reading("claim", "export").out
    rows = {row["claim"]: row for row in csv.DictReader(io.StringIO(out))}
    shown = reading("claim", "show", "C-1", "--json").object
    first = rows["C-1"]
    assert tuple(first) == COLUMNS
    assert (first["state"], first["tenant"], first["slot"]) == (
        shown["state"],
        CONTOSO,
        shown["slots"][0]["slot"],
    )
    assert first["documents"] == "Statement of work"
    assert first["documents_sha256"] == "ab" * 32
    assert first["acknowledged_on"] == "2020-07-02"
    assert first["approved_on"].startswith("2020-07-08")
    assert first["reviewer_reasons"]
    assert len(rows) == len(reading("claim", "list", "--json").objects)


def test_contacts_stay_sealed_unless_they_are_asked_for(reading: Run) -> None:
    """Then they are opened with the keys of the folder."""
    assert "jana" not in reading("claim", "export").out.lower()
    row = reading("claim", "export", "--json").objects[0]
    assert row["customer_contact.email"] == "sealed"
    opened = reading("claim", "export", "--contacts", "--json").objects[0]
    assert opened["customer_contact.email"] == "jana.nova@contoso.example"


def test_the_export_tells_what_was_known_then(reading: Run) -> None:
    """Before the approval there is no date of one."""
    approved = reading("log", "--type", "claim.approved", "--claim", "C-1", "--json").object
    before = str(int(approved["position"]) - 1)
    rows = reading("claim", "export", "--known", before, "--json").objects
    row = next(each for each in rows if each["claim"] == "C-1")
    assert (row["approved_on"], row["outcome"]) == (None, "asked")


def test_every_column_is_documented() -> None:
    """By its name, contacts by the parts they have."""
    text = _DOCUMENT.read_text("utf-8")
    named = set(re.findall(r"`([a-z_.0-9…]+)`", text))
    for column in COLUMNS:
        contact, _, part = column.partition(".")
        if part:
            assert {f"{contact}.…", part} <= named, column
        else:
            assert column in named, column
