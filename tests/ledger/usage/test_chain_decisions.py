"""Attempts on the real ledger: the port's promises, kept by the chain."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from ledger.app import Ledger
from ledger.commands import catalogue
from ledger.errors import BadInputError
from ledger.log.reader import Reader
from ledger.usage.chain_decisions import ChainDecisions, Pictures
from ledger.usage.decisions import Accepted, LoadDecision, Outrun, Refused, Turn, WithdrawDecision
from ledger.usage.log import Cut
from schemas.time import from_iso

AT_US = from_iso("2023-11-01T09:00:00Z")
LOAD = LoadDecision(
    report="R-1",
    attempt="a-1",
    kind="cpor_m365",
    file_name="one.tsv",
    sha256="ab" * 32,
    period_from=date(2023, 9, 1),
    period_to=date(2023, 10, 1),
    exported_us=from_iso("2023-10-15T00:00:00Z"),
    basis=0,
    cut=(Cut(0, 0, 3, 3, "cd" * 32),),
    metrics=("m365.mau",),
    statements=2,
    increments=1,
    rejected_rows=0,
)
WITHDRAWAL = WithdrawDecision("R-1", "a-9", 0, (), ("m365.mau",), "Wrong tenant.", 0)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """A new ledger whose clock is told."""
    folder = tmp_path / "ledger"
    with Ledger.create(folder, clock_kind="told", at_us=AT_US) as ledger:
        yield ledger


@pytest.fixture
def reader(ledger: Ledger) -> Iterator[Reader]:
    """A reader of its log."""
    reader = ledger.reader()
    yield reader
    reader.close()


@pytest.fixture
def decisions(ledger: Ledger, reader: Reader) -> ChainDecisions:
    """Decisions by the operator, each attempt under its own name."""
    return ChainDecisions(ledger, Pictures(reader), "operator", lambda: AT_US, at_us=AT_US)


def at_head(decisions: ChainDecisions, **changes: Any) -> LoadDecision:
    """The load, computed at the head."""
    return replace(LOAD, basis=decisions.picture().position, **changes)


def accepted(verdict: object) -> int:
    """The position of a verdict that is an acceptance."""
    assert isinstance(verdict, Accepted), verdict
    return verdict.position


def submit(ledger: Ledger, command: str, /, **data: Any) -> None:
    """Decide another command."""
    wish = catalogue.load(command).model_validate(data)
    ledger.submit(wish, actor="operator", command_id=f"{ledger.head.position}", at_us=AT_US)


def test_what_was_decided_is_in_the_next_picture_as_it_was_stated(
    decisions: ChainDecisions,
) -> None:
    """Every field comes back, with the position from which the rows count."""
    load = at_head(decisions)
    position = accepted(decisions.load(load))
    picture = decisions.picture()
    assert picture.position == position
    assert [(it.position, it.decision) for it in picture.decided] == [(position, load)]
    withdrawal = replace(WITHDRAWAL, basis=position)
    accepted(decisions.withdraw(withdrawal))
    assert decisions.picture().decided[-1].decision == withdrawal
    assert decisions.picture().counted() == []


def test_a_decision_on_an_outrun_basis_appends_nothing(
    decisions: ChainDecisions, ledger: Ledger
) -> None:
    """Another load of the metric came after its basis."""
    load = at_head(decisions)
    accepted(decisions.load(load))
    late = replace(load, report="R-2", attempt="a-2", sha256="ef" * 32)
    head = ledger.head
    assert decisions.load(late) == Outrun(head.position)
    assert ledger.head == head
    accepted(decisions.load(replace(late, basis=head.position)))


def test_the_same_attempt_decides_at_most_once(decisions: ChainDecisions) -> None:
    """Asked again, it gives the same answer; so does a wish under its command id."""
    load = at_head(decisions)
    first = accepted(decisions.load(load))
    assert accepted(decisions.load(load)) == first
    named = replace(decisions, command_id="line-7")
    withdrawal = replace(WITHDRAWAL, basis=first)
    assert accepted(named.withdraw(withdrawal)) == accepted(named.withdraw(withdrawal))


def test_a_turn_keeps_others_back_until_it_is_used_or_expires(
    decisions: ChainDecisions, reader: Reader
) -> None:
    """Only the attempt that reserved goes; afterwards everybody may."""
    turn = Turn("a-1", ("m365.mau",), AT_US + 60_000_000)
    accepted(decisions.reserve(turn))
    assert decisions.picture().turns == (turn,)
    assert Pictures(reader).at_head(AT_US + 60_000_000).turns == ()
    other = at_head(decisions, attempt="a-2")
    assert isinstance(decisions.load(other), Outrun)
    assert isinstance(decisions.reserve(replace(turn, attempt="a-2")), Outrun)
    accepted(decisions.load(at_head(decisions)))
    assert decisions.picture().turns == ()


def test_a_rule_that_refuses_is_told_with_its_code(decisions: ChainDecisions) -> None:
    """A file that counts already, a report that does not, an actor without the role."""
    accepted(decisions.load(at_head(decisions)))
    again = decisions.load(at_head(decisions, attempt="a-2"))
    assert isinstance(again, Refused)
    assert (again.code, bool(again.hint)) == ("report_already_counted", True)
    unknown = decisions.withdraw(replace(WITHDRAWAL, report="R-9"))
    assert isinstance(unknown, Refused)
    nobody = replace(decisions, actor="nobody")
    refused = nobody.load(at_head(decisions, attempt="a-3", sha256="ef" * 32))
    assert isinstance(refused, Refused)
    assert refused.code == "not_permitted"


def test_what_can_not_stand_in_an_event_is_bad_input(decisions: ChainDecisions) -> None:
    """A file name that would steer a terminal is named and nothing is appended."""
    with pytest.raises(BadInputError, match="file_name"):
        decisions.load(at_head(decisions, file_name="a\x1b[31m.tsv"))
    assert decisions.picture().decided == ()


def test_starts_of_tenants_and_subscriptions_are_in_the_picture(
    decisions: ChainDecisions, ledger: Ledger
) -> None:
    """A start is its month; what succeeds another has none; what was never told has no row."""
    tenants = [f"00000000-0000-4000-8000-00000000000{n}" for n in range(3)]
    about = {"name": "Contoso", "country": "CZ", "domains": ["contoso.example"]}
    submit(ledger, "customer.register", tenant=tenants[0], since="2023-03-17", **about)
    submit(ledger, "customer.register", tenant=tenants[1], **about)
    submit(ledger, "customer.register", tenant=tenants[2], succeeds=tenants[0], **about)
    sold = {"product": "m365", "offer": "Microsoft 365 E3", "channel": "web_direct"}
    effective = {"effective_at": "2023-05-09T00:00:00Z"}
    submit(
        ledger,
        "subscription.start",
        subscription="s-1",
        tenant=tenants[0],
        **sold,
        **effective,
    )
    births = decisions.picture().births.sort("position").select("scope", "id", "start_month")
    assert births.rows() == [
        ("tenant", tenants[0], date(2023, 3, 1)),
        ("tenant", tenants[2], None),
        ("subscription", "s-1", date(2023, 5, 1)),
    ]
    assert births.schema["start_month"] == pl.Date()


def test_a_move_to_a_new_id_is_no_evidence_of_zero_before(
    decisions: ChainDecisions, ledger: Ledger
) -> None:
    """It goes on with the usage of the old one, as a renewal does."""
    tenant = "00000000-0000-4000-8000-000000000001"
    about = {"name": "Contoso", "country": "CZ", "domains": ["contoso.example"]}
    submit(ledger, "customer.register", tenant=tenant, **about)
    for name in ("s-1", "s-2"):
        sold = {"product": "m365", "offer": "Microsoft 365 E3", "channel": "ea"}
        submit(ledger, "subscription.start", subscription=name, tenant=tenant, **sold)
    submit(ledger, "subscription.move", subscription="s-1", becomes="s-1m", channel="web_direct")
    submit(ledger, "subscription.move", subscription="s-2", channel="web_direct")
    births = decisions.picture().births.filter(scope="subscription").sort("id")
    starts = births.select("id", pl.col("start_month").is_not_null()).rows()
    assert starts == [("s-1", True), ("s-1m", False), ("s-2", True)]
