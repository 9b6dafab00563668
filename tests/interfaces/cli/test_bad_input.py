"""What nobody should write, through the command line: refused or shown safely, nothing half kept.

Each line is given to a ledger in which claim C-1 of location 101 holds Teams of Contoso, and C-2 of
the same location waits for a reviewer.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from interfaces.cli.safe_text import safe_text
from tests.interfaces.conftest import Run
from tests.interfaces.small_story import (
    CONTOSO,
    EXCHANGE,
    SUBSCRIPTION,
    by,
    claim,
    line,
    write_lines,
)

pytestmark = pytest.mark.usefixtures("ledger")

NOW = "2020-11-02T09:00:00Z"
NOBODYS_TENANT = "99999999-9999-4999-8999-999999999999"
RIGHT_TO_LEFT = "Contoso \u202egpj.exe"
LONG = "x" * 100_000


class Bad(NamedTuple):
    """A line, by whom, and the code of what is said about it."""

    what: str
    actor: str
    command: str
    data: dict[str, Any]
    code: str


def _organisation(**other: Any) -> dict[str, Any]:
    return {"organisation": "900", "name": "New", "country": "CZ", **other}


def _association(**other: Any) -> dict[str, Any]:
    told = {"kind": "Advisor", "location": "101", "tenant": CONTOSO, "source": "A list"}
    return {**told, **other}


BAD = (
    # Unknown kinds and names.
    Bad(
        "an unknown kind",
        "operator",
        "association.record",
        _association(kind="Frob"),
        "unknown_kind",
    ),
    Bad("an unknown role", "operator", "role.grant", {"grantee": "x", "role": "king"}, "bad_value"),
    Bad(
        "an unknown workload",
        "a.anna",
        "claim.submit",
        claim("C-9", workload="frob"),
        "unknown_workload",
    ),
    Bad("an unknown claim", "r.rita", "claim.approve", {"claim": "C-99"}, "unknown_reference"),
    # Intervals that overlap.
    Bad("an own slot again", "a.anna", "claim.submit", claim("C-9"), "claimed_by_you"),
    Bad(
        "a role twice",
        "a.admin",
        "role.grant",
        {"grantee": "a.anna", "role": "incentive_admin", "location": "101"},
        "role_already_held",
    ),
    # Wrong tenants.
    Bad(
        "a tenant nobody knows",
        "a.anna",
        "claim.submit",
        claim("C-9") | {"tenant": NOBODYS_TENANT},
        "unknown_reference",
    ),
    Bad(
        "a domain of another tenant",
        "a.anna",
        "claim.submit",
        claim("C-9", workload="yammer") | {"domain": "fabrikam.example"},
        "domain_mismatch",
    ),
    Bad(
        "a claim judged by the customer",
        "contoso.admin",
        "claim.approve",
        {"claim": "C-2"},
        "not_permitted",
    ),
    # Foreign claims.
    Bad(
        "an answer for another",
        "b.eve",
        "claim.resubmit",
        {"claim": "C-2", "proof": claim()["proof"]},
        "not_permitted",
    ),
    Bad(
        "a dispute for another",
        "b.eve",
        "claim.dispute",
        {"claim": "C-1", "justification": "Mine."},
        "not_permitted",
    ),
    # Dates out of order.
    Bad(
        "an end before the start",
        "operator",
        "role.grant",
        {
            "grantee": "r.rolf",
            "role": "reviewer",
            "effective_at": "2020-10-01T00:00:00Z",
            "until": "2020-09-01T00:00:00Z",
        },
        "until_not_after",
    ),
    Bad(
        "an approval of tomorrow",
        "contoso.admin",
        "dpor.set",
        {"subscription": SUBSCRIPTION, "location": "201", "effective_at": "2021-01-01T00:00:00Z"},
        "effective_in_future",
    ),
    Bad(
        "an end before the beginning",
        "operator",
        "subscription.end",
        {"subscription": SUBSCRIPTION, "reason": "expired", "effective_at": "2019-01-01T00:00:00Z"},
        "effective_too_early",
    ),
    Bad(
        "a day that does not exist",
        "operator",
        "role.grant",
        {"grantee": "x", "role": "reviewer", "until": "2021-02-30T00:00:00Z"},
        "bad_value",
    ),
    # Texts that are too long, steer a terminal, or look like another.
    Bad(
        "a name of 100 kB",
        "operator",
        "organisation.register",
        _organisation(name=LONG),
        "bad_value",
    ),
    Bad(
        "an id of 100 kB",
        "operator",
        "organisation.register",
        _organisation(organisation=LONG),
        "bad_value",
    ),
    Bad(
        "a domain of 100 kB",
        "operator",
        "organisation.register",
        _organisation(domains=[f"{LONG}.example"]),
        "bad_value",
    ),
    Bad(
        "a control character",
        "operator",
        "organisation.register",
        _organisation(name="red \x1b[31m"),
        "bad_value",
    ),
    Bad(
        "a line break in a name",
        "operator",
        "organisation.register",
        _organisation(name="a\nb"),
        "bad_value",
    ),
    Bad(
        "a right-to-left trick",
        "operator",
        "organisation.register",
        _organisation(name=RIGHT_TO_LEFT),
        "bad_value",
    ),
    Bad(
        "an invisible name",
        "operator",
        "organisation.register",
        _organisation(name="\u3164"),
        "bad_value",
    ),
    Bad(
        "a hidden tag in a name",
        "operator",
        "organisation.register",
        _organisation(name="Contoso\U000e0041"),
        "bad_value",
    ),
    Bad(
        "a trick in a comment",
        "r.rita",
        "claim.reject",
        {"claim": "C-2", "reason": "wrong_details", "comment": RIGHT_TO_LEFT},
        "bad_value",
    ),
    Bad(
        "a name with spaces alone",
        "operator",
        "organisation.register",
        _organisation(name="   "),
        "bad_value",
    ),
    Bad(
        "a trick in an unknown field",
        "operator",
        "organisation.register",
        _organisation(**{RIGHT_TO_LEFT: 1}),
        "unknown_field",
    ),
    Bad(
        "an e-mail as an id",
        "operator",
        "role.grant",
        {"grantee": "jo@contoso.example", "role": "reviewer"},
        "bad_value",
    ),
)


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad.what)
def test_bad_input_is_named_and_leaves_nothing(run: Run, tmp_path: Path, bad: Bad) -> None:
    """Its code, field and remedy are said in a few printable words; the log is as it was."""
    before = run("log", "--json").out
    file = write_lines(
        tmp_path / "bad.jsonl", by(bad.actor, line(bad.command, "x-bad", NOW, **bad.data))
    )
    ended = run("submit", file, "--json")
    told = ended.object
    assert ended.code in (2, 3)
    assert told["result"] == ("unreadable" if ended.code == 2 else "refused")
    problems = [told, *told.get("more", ())]
    assert {problem["error"] for problem in problems} == {bad.code}
    assert all(problem["hint"] for problem in problems)
    assert len(ended.out) < 2_000, "what was too long is not repeated"
    for shown in (ended.out, run("submit", file).out):
        assert safe_text(shown.replace("\n", "")) == shown.replace("\n", "")
    assert run("log", "--json").out == before


def test_an_expired_role_is_a_role_no_more(run: Run, tmp_path: Path) -> None:
    """Until its last instant it counts; the refusal says until when it did."""
    start, until = "2020-11-01T00:00:00Z", "2020-11-02T00:00:00Z"
    grant = line("role.grant", "g-1", start, grantee="r.rolf", role="reviewer", until=until)
    review = {"command": "claim.start_review", "actor": "r.rolf", "data": {"claim": "C-2"}}
    late = {**review, "id": "r-1", "at": until}
    ended = run("submit", write_lines(tmp_path / "late.jsonl", grant, late), "--json")
    assert [told["result"] for told in ended.objects] == ["accepted", "refused"]
    assert "was reviewer only until 2020-11-02T00:00:00Z" in ended.objects[1]["message"]
    # Nothing was told at the instant of the refused line, so the last one of the role is not past.
    in_time = {**review, "id": "r-2", "at": "2020-11-01T23:59:59Z"}
    again = run("submit", write_lines(tmp_path / "in_time.jsonl", in_time), "--json")
    assert again.object["result"] == "accepted"


def test_a_back_dated_approval_that_overlaps_a_holder_is_refused(run: Run, tmp_path: Path) -> None:
    """Exclusivity is looked at over the whole interval (domain.md §14.12)."""
    ended_at = "2020-11-20T09:00:00Z"
    told = [
        by("r.rita", line("claim.start_review", "o-1", NOW, claim="C-2")),
        by("r.rita", line("claim.approve", "o-2", NOW, claim="C-2")),
        by(
            "a.anna",
            line("claim.disassociate", "o-3", ended_at, claim="C-2", reason="wrong_location"),
        ),
        by(
            "r.rita",
            line(
                "claim.reject",
                "o-4",
                ended_at,
                claim="C-2",
                reason="partner_request",
                comment="Asked.",
            ),
        ),
    ]
    assert run("submit", write_lines(tmp_path / "first.jsonl", *told), "--json").code in (0, 3)
    third = claim("C-3", workload="exchange")
    third["proof"] = {**third["proof"], "acknowledged_on": "2020-10-01"}
    early = {"effective_at": "2020-11-01T00:00:00Z", "back_dated_because": "Earlier work."}
    later = "2020-12-01T09:00:00Z"
    more = [
        by("a.anna", line("claim.submit", "o-5", later, **third)),
        by("r.rita", line("claim.start_review", "o-6", later, claim="C-3")),
        by("r.rita", line("claim.approve", "o-7", later, claim="C-3", **early)),
    ]
    ended = run("submit", write_lines(tmp_path / "second.jsonl", *more), "--json")
    refused = ended.objects[-1]
    assert refused["error"] == "slot_was_held", refused
    assert EXCHANGE in refused["message"]


DEEP = {
    "brackets without end": "[" * 100_000,
    "objects in each other": '{"data":' * 50_000,
    "a number beyond numbers": '{"command":"claim.submit","id":"n","data":{"seats":'
    + "9" * 5_000
    + "}}",
    "half a surrogate": '{"command":"claim.submit","id":"h","data":{"claim":"\\ud800"}}',
}


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP)
def test_a_line_that_would_break_a_reader_is_unreadable(
    run: Run, tmp_path: Path, text: str
) -> None:
    """Told in a line like any other; the lines after it are decided."""
    good = line("organisation.register", "x-good", NOW, **_organisation())
    ended = run("submit", write_lines(tmp_path / "deep.jsonl", text, good), "--json")
    assert [told["result"] for told in ended.objects] == ["unreadable", "accepted"]
    assert all(len(json.dumps(told)) < 3_000 for told in ended.objects)
