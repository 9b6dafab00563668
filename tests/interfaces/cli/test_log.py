"""`attribution log`, `info` and `commands`: what was accepted, and what can be said."""

from __future__ import annotations

from pathlib import Path

import pytest

from interfaces.bulk.names import named, names
from interfaces.cli.commands import described
from tests.interfaces.conftest import Run
from tests.interfaces.small_story import CONTOSO


def test_the_log_is_told_whole_as_cloud_events(reading: Run) -> None:
    """One object an event, positions dense from 1, each with its commit's hash."""
    found = reading("log", "--json").objects
    head = reading("info", "--json").object
    assert [int(event["position"]) for event in found] == list(range(1, head["position"] + 1))
    assert found[-1]["commit"] == head["head_hash"]
    assert {event["specversion"] for event in found} == {"1.0"}


def test_contacts_stay_sealed(reading: Run) -> None:
    """Neither people nor programs are shown a contact or its ciphertext."""
    submitted = reading("log", "--type", "claim.submitted", "--json")
    assert [event["data"]["customer_contact"] for event in submitted.objects] == ["sealed"] * 2
    told = submitted.out + reading("log").out
    assert "jana" not in told.lower()
    assert '"box"' not in told


@pytest.mark.parametrize(
    "words,types",
    [
        (("--type", "claim.approved"), ["claim.approved.v1"]),
        (("--type", "claim.approved.v1", "--type", "dpor"), ["claim.approved.v1", "dpor.set.v1"]),
        (("--claim", "C-2"), ["claim.submitted.v1"]),
        (("--partner", "201", "--type", "dpor"), ["dpor.set.v1"]),
        (("--tenant", CONTOSO, "--type", "subscription"), ["subscription.started.v1"]),
        (("--tag", "report:h-5"), ["usage.report.loaded.v1"]),
        (("--tag", "claim:C-1", "--tag", "claim:C-2"), []),
        (("--after", "20"), ["dpor.set.v1"]),
        (("--limit", "1"), ["ledger.created.v1"]),
    ],
)
def test_the_log_is_filtered(reading: Run, words: tuple[str, ...], types: list[str]) -> None:
    """By type or family of types, by what an event concerns, by position."""
    found = reading("log", *words, "--json")
    assert (found.code, [event["type"] for event in found.objects]) == (0, types)


def test_an_unknown_type_is_named_with_near_ones(reading: Run) -> None:
    """Exit 2 and a hint."""
    ended = reading("log", "--type", "claim.aproved")
    assert ended.code == 2
    assert "claim.approved.v1" in ended.err


def test_info_tells_policy_counts_and_files(reading: Run, told: Path) -> None:
    """What a ledger is, for people and for programs."""
    found = reading("info", "--json").object
    assert (found["policy_in_force"], found["clock"], found["operator"]) == (
        "P2020",
        "told",
        "operator",
    )
    assert sum(found["events"].values()) == found["position"]
    assert found["files"]["chain.db"] == (told / "chain.db").stat().st_size
    assert found["head_hash"] in reading("info").out


def test_every_command_is_listed_and_described_with_an_example(run: Run) -> None:
    """The list is whole; each has a JSON Schema, and an example that a line can be made of."""
    listed = run("commands", "--json").objects
    assert [row["command"] for row in listed] == list(names())
    for row in listed:
        told = described(named(row["command"]))
        assert set(told["schema"].get("required", ())) <= set(told["example"]["data"])
        assert told["does"] == row["does"]
    assert run("commands", "claim.submit", "--json").object == described(named("claim.submit"))
    shown = run("commands", "claim.submit").out
    assert "microsoft_365 | business_applications" in shown
    assert '{"command": "claim.submit"' in shown


def test_an_unknown_command_is_named_with_near_ones(run: Run) -> None:
    """Exit 2 and a hint."""
    ended = run("commands", "claim.sumbit")
    assert (ended.code, "claim.submit" in ended.err) == (2, True)
