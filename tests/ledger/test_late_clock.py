"""What time does is the same whenever the clock records it (domain.md §2, §6.3, §13.14)."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ledger.app import Ledger
from ledger.commands import catalogue
from ledger.log.query import Query
from schemas.envelope import Attributes
from schemas.time import from_iso, iso
from tests.ledger.commands.estate import example

BIRTH = "2023-10-30T00:00:00Z"
LAST = "2024-08-01T00:00:00Z"
MONTHLY = [f"{year}-{month:02}-01T00:00:00Z" for year in (2023, 2024) for month in range(1, 13)]


Steps = tuple[tuple[str, dict[str, Any]], ...]

MARKET: Steps = (
    ("organisation.register", {}),
    ("location.register", {}),
    ("customer.register", {}),
)


def gdap(*, auto_extend: bool) -> Steps:
    """A relationship of 90 days."""
    return (
        *MARKET,
        ("gdap.request", {"duration_days": 90, "auto_extend": auto_extend}),
        ("gdap.approve", {}),
    )


def happened(path: Path, ticks: list[str], *, steps: Steps) -> list[tuple[str, str]]:
    """Type and effective instant of all that the clock records, when it runs at ``ticks``."""
    with Ledger.create(path, clock_kind="told", at_us=from_iso(BIRTH)) as ledger:
        for n, (name, other) in enumerate(steps):
            command = catalogue.load(name).model_validate(example(name, **other))
            ledger.submit(command, actor="operator", command_id=str(n), at_us=from_iso(BIRTH))
        for tick in ticks:
            ledger.tick(from_iso(tick))
        with closing(ledger.reader()) as reader:
            found = [
                (one.type, Attributes.from_bytes(one.attributes)) for one in reader.read(Query())
            ]
    return [(name, iso(one.effective_at_us)) for name, one in found if one.actor == "clock"]


@pytest.mark.parametrize(
    "auto_extend, told",
    [
        (
            False,
            [
                ("gdap.expiry_notified.v1", "2023-12-29T00:00:00Z"),
                ("gdap.expiry_notified.v1", "2024-01-21T00:00:00Z"),
                ("gdap.expiry_notified.v1", "2024-01-27T00:00:00Z"),
                ("gdap.expired.v1", "2024-01-28T00:00:00Z"),
            ],
        ),
        (
            True,
            [
                ("gdap.expiry_notified.v1", "2023-12-29T00:00:00Z"),
                ("gdap.expiry_notified.v1", "2024-01-21T00:00:00Z"),
                ("gdap.expiry_notified.v1", "2024-01-27T00:00:00Z"),
                ("gdap.extended.v1", "2024-01-28T00:00:00Z"),
                ("gdap.expiry_notified.v1", "2024-06-28T00:00:00Z"),
                ("gdap.expiry_notified.v1", "2024-07-21T00:00:00Z"),
                ("gdap.expiry_notified.v1", "2024-07-27T00:00:00Z"),
                ("gdap.extended.v1", "2024-07-28T00:00:00Z"),
            ],
        ),
    ],
)
def test_one_late_run_of_the_clock_records_what_many_would_have(
    tmp_path: Path, told: list[tuple[str, str]], *, auto_extend: bool
) -> None:
    """Each notice, extension and end, in the order of its own instant."""
    often = [tick for tick in MONTHLY if BIRTH < tick <= LAST]
    assert happened(tmp_path / "late", [LAST], steps=gdap(auto_extend=auto_extend)) == told
    assert happened(tmp_path / "often", often, steps=gdap(auto_extend=auto_extend)) == told


REVIEWER = {"role": "reviewer", "location": None, "effective_at": None}
GRANTED = [
    (
        "role.grant",
        {**REVIEWER, "grantee": "jan", "until": "2023-12-31T00:00:00Z", "effective_at": None},
    ),
    (
        "role.grant",
        {**REVIEWER, "grantee": "jan", "until": "2024-02-29T00:00:00Z", "effective_at": None},
    ),
    (
        "role.grant",
        {**REVIEWER, "grantee": "eva", "until": "2024-02-29T00:00:00Z", "effective_at": None},
    ),
    ("role.revoke", {**REVIEWER, "grantee": "eva"}),
    ("delegated_admin.grant", {"until": "2024-01-31T00:00:00Z", "effective_at": None}),
]
"""Overlapping grants of one role, one that is revoked, and a delegation: each with its end."""


def test_ends_of_grants_are_recorded_alike_by_one_late_run_of_the_clock_and_by_many(
    tmp_path: Path,
) -> None:
    """Each end at its own instant; what was revoked ends no more (domain.md §2, §6.3)."""
    told = [
        ("role.lapsed.v1", "2023-12-31T00:00:00Z"),
        ("delegated_admin.expired.v1", "2024-01-31T00:00:00Z"),
        ("role.lapsed.v1", "2024-02-29T00:00:00Z"),
    ]
    often = [tick for tick in MONTHLY if BIRTH < tick <= LAST]
    assert happened(tmp_path / "late", [LAST], steps=(*MARKET, *GRANTED)) == told
    assert happened(tmp_path / "often", often, steps=(*MARKET, *GRANTED)) == told
