"""Statements on a real ledger: whatever comes later, they stay; and what changed is explained."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interfaces.bulk.lines import Line
from interfaces.bulk.read import Defaults
from interfaces.bulk.run import Result, run
from interfaces.statements import Statements
from interfaces.usage_reports import Caller
from interfaces.workspace import Workspace
from ledger.errors import DamagedError
from projections.incentives.statement import by_key
from schemas.time import from_iso, from_us, iso
from tests.conftest import SOAK
from tests.interfaces.small_story import BIRTH, by, claim, line

CONTOSO = "11111111-1111-4111-8111-111111111111"
MONTHS = ("2020-09", "2020-10", "2020-11")
WORKLOADS = ("exchange", "teams")
HOUR_US = 3_600_000_000


def report(folder: Path, name: str, rows: list[tuple[str, str, int, int]]) -> str:
    """A CPOR usage report of months, workloads, seats and users; its file name."""
    header = (
        "CustomerTenantId\tCustomerName\tWorkloadName\tMonthlyActiveUsers\tPaidAvailableUnits\tDate"
    )
    told = [
        f"{CONTOSO}\tContoso\t{workload}\t{users}\t{seats}\t{month}-01"
        for month, workload, seats, users in rows
    ]
    (folder / f"{name}.tsv").write_text("\n".join([header, *told]) + "\n", encoding="utf-8")
    return f"{name}.tsv"


class Story:
    """A ledger on a told clock whose every line comes an hour after the one before."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.workspace = Workspace(folder / "ledger")

    @property
    def statements(self) -> Statements:
        """Its statements."""
        return self.workspace.statements

    def do(self, command: str, data: dict[str, Any], actor: str = "operator") -> Result:
        """One line of commands; what came of it."""
        head = self.workspace.ledger.head
        at = iso(head.recorded_at_us + HOUR_US)
        text = {"command": command, "id": f"l-{head.position}", "actor": actor, "at": at}
        read = [[Line(1, json.dumps(text | {"data": data}).encode())]]
        defaults = Defaults("operator", None, self.folder)
        (outcome,) = run(read, self.workspace.ledger, defaults, self.workspace.usage_line)
        return outcome.result

    def load(self, name: str, rows: list[tuple[str, str, int, int]]) -> Result:
        """A usage report, exported just before it is loaded."""
        exported = iso(self.workspace.ledger.head.recorded_at_us)
        told = {"kind": "cpor_m365", "file": report(self.folder, name, rows), "report": name}
        return self.do("usage.load", told | {"exported": exported})

    def issue(self, name: str, month: str) -> None:
        """The statement of organisation 100 for a month."""
        at_us = self.workspace.ledger.head.recorded_at_us + HOUR_US
        asked = date.fromisoformat(f"{month}-01")
        self.statements.issue("100", asked, name, Caller("operator", at_us))


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger in which partner 100 earned in autumn 2020 by MCI, with rules of our own."""
    from interfaces.cli import main

    folder = tmp_path_factory.mktemp("statements")
    where = str(folder / "ledger")
    assert main.run(("init", where, "--clock", "told", "--at", BIRTH, "--json")) == 0
    story = Story(folder)
    with story.workspace:
        for each in _market():
            data = each["data"]
            result = story.do(each["command"], data, each.get("actor", "operator"))
            assert result is Result.ACCEPTED, each
        seats = {month: 500 + 40 * n for n, month in enumerate(("2020-08", *MONTHS))}
        rows = [
            (month, workload, seats[month], seats[month] - 10)
            for month in seats
            for workload in WORKLOADS
        ]
        _wait(story, "2021-01-01T00:00:00Z")
        assert story.load("FIRST", rows) is Result.ACCEPTED
    return folder


def _wait(story: Story, until: str) -> None:
    """Let time pass: something harmless is recorded then."""
    head = story.workspace.ledger.head.recorded_at_us
    assert head < from_iso(until)
    told = {"command": "organisation.register", "id": "wait", "actor": "operator", "at": until}
    data = {"organisation": "900", "name": "Nobody", "country": "CZ", "domains": ["n.example"]}
    read = [[Line(1, json.dumps(told | {"data": data}).encode())]]
    defaults = Defaults("operator", None, story.folder)
    (outcome,) = run(read, story.workspace.ledger, defaults, story.workspace.usage_line)
    assert outcome.result is Result.ACCEPTED


def _market() -> Iterator[dict[str, Any]]:
    at = BIRTH
    yield line("policy.adopt", "p", at, builtin="P2020")
    mci = {"programme": "mci_usage_2023"}
    from ledger.rules.incentive_programmes.files import shipped

    own = shipped()["mci_usage_2023"] | {"valid_from": "2020-01-01"}
    yield line("programme.adopt", "m", at, **mci, content=json.loads(json.dumps(own, default=str)))
    tenant = {"tenant": CONTOSO, "name": "Contoso", "country": "CZ"}
    yield line("customer.register", "t", at, **tenant, domains=["contoso.example"])
    for organisation, location in (("100", "101"), ("200", "201")):
        domains = [f"partner-{organisation}.example"]
        named = {"organisation": organisation, "name": f"Partner {organisation}", "country": "CZ"}
        yield line("organisation.register", f"o-{organisation}", at, **named, domains=domains)
        place = {"location": location, "organisation": organisation, "country": "CZ"}
        yield line("location.register", f"l-{location}", at, **place, name=f"At {location}")
        role = {"grantee": f"i-{location}", "role": "incentive_admin", "location": location}
        admin = {"grantee": f"a-{organisation}", "role": "global_admin"}
        yield line("role.grant", f"a-{location}", at, **admin, organisation=organisation)
        yield by(f"a-{organisation}", line("role.grant", f"g-{location}", at, **role))
        where = {"programme": "MCI", "location": location}
        profiles = ["payout", "tax"]
        yield by(f"i-{location}", line("enrolment.start", f"e1-{location}", at, **where))
        yield by(
            f"i-{location}",
            line("enrolment.submit_profiles", f"e2-{location}", at, **where, profiles=profiles),
        )
        yield line("enrolment.validate_profiles", f"e3-{location}", at, **where, profiles=profiles)
        signed = {"organisation": organisation, "agreement": "MPA"}
        yield line("partner_agreement.sign", f"s-{location}", at, **signed)
    yield line("role.grant", "r", at, grantee="rita", role="reviewer")
    held = claim("C-1", "101") | {"tenant": CONTOSO, "workloads": list(WORKLOADS)}
    yield by("i-101", line("claim.submit", "c-1", at, **held))
    yield by("rita", line("claim.start_review", "c-2", at, claim="C-1"))
    yield by("rita", line("claim.approve", "c-3", at, claim="C-1"))


@pytest.fixture
def story(told: Path, tmp_path: Path) -> Iterator[Story]:
    """The same ledger anew for each test."""
    shutil.copytree(told, tmp_path / "story")
    found = Story(tmp_path / "story")
    with found.workspace:
        yield found


LATER = st.lists(
    st.one_of(
        st.tuples(
            st.just("restate"),
            st.sampled_from(("2020-08", *MONTHS)),
            st.sampled_from(WORKLOADS),
            st.integers(0, 900),
        ),
        st.tuples(st.just("withdraw"), st.integers(0, 4)),
        st.tuples(st.just("disassociate")),
        st.tuples(st.just("leave"), st.sampled_from(("101", "201"))),
        st.tuples(st.just("challenge")),
        st.tuples(st.just("rates"), st.integers(1, 5)),
        st.tuples(st.just("minimum"), st.integers(100, 700)),
        st.tuples(st.just("unsign")),
    ),
    min_size=1,
    max_size=5,
)
"""What may come after a statement, in any order."""


def happen(story: Story, what: tuple[Any, ...], n: int) -> None:
    """One of the things that may come later; a rule may refuse it."""
    match what:
        case ("restate", month, workload, seats):
            story.load(f"R-{n}", [(month, workload, seats, max(0, seats - 5))])
        case ("withdraw", which):
            story.do("usage.withdraw", {"report": f"R-{which}", "reason": "Wrong."})
            story.do("usage.withdraw", {"report": "FIRST", "reason": "Wrong."})
        case ("disassociate",):
            data = {"claim": "C-1", "reason": "no_longer_working"}
            story.do("claim.disassociate", data, "i-101")
        case ("leave", location):
            where = {"programme": "MCI", "location": location, "reason": "Enough."}
            story.do("enrolment.leave", where, f"i-{location}")
        case ("challenge",):
            mine = claim(f"C-2-{n}", "201") | {"tenant": CONTOSO, "workloads": ["teams"]}
            story.do("claim.submit", mine, "i-201")
            story.do("claim.start_review", {"claim": f"C-2-{n}"}, "rita")
        case ("rates", per_unit):
            rate = {"programme": "mci_usage_2023", "first": "2020-01-01", "source": "own"}
            card = {"rates": "own", "title": "Own", "currency": "EUR", "source": "own"}
            told = {"rates": "own", "content": card | {"rate": [rate | {"per_unit": per_unit}]}}
            story.do("rates.adopt", told)
        case ("minimum", units):
            from ledger.rules.incentive_programmes.files import shipped

            own = shipped()["mci_usage_2023"] | {"valid_from": "2020-01-01"}
            own = own | {"minimum": own["minimum"] | {"units": units}}
            content = json.loads(json.dumps(own, default=str))
            story.do("programme.adopt", {"programme": "mci_usage_2023", "content": content})
        case ("unsign",):
            signed = {"organisation": "100", "agreement": "MPA"}
            story.do("partner_agreement.end", signed)


def same_again(story: Story, name: str, bytes_then: bytes) -> None:
    """The statement is the same to the byte, and what changed since leads to what is known now."""
    issued = story.statements.find(name)
    again = story.statements.again(issued)
    assert again.to_bytes() == bytes_then
    head = story.workspace.ledger.head.position
    lines: dict[Any, Any] = {**by_key(again.lines)}
    for change in story.statements.diff(issued, head):
        key = next(
            (
                one
                for one, line in lines.items()
                if change.before is not None and line == change.before
            ),
            None,
        )
        assert (key is None) == (change.before is None), change
        if key is not None:
            del lines[key]
        if change.after is not None:
            lines[_key(change.after)] = change.after
        if SOAK:
            _made_by_its_event(story, issued.event.month, change.position)
    whose = story.statements.whose("100")
    now = story.statements.compute(whose, issued.event.month, head, story.statements.book(head))
    assert sorted(map(str, lines.values())) == sorted(map(str, by_key(now.lines).values()))


def _key(line: Any) -> tuple[str, ...]:
    names = ("programme", "month", "tenant", "workload", "subscription", "partner", "claim")
    return tuple(str(line[name]) for name in (*names, "association", "milestone"))


def _made_by_its_event(story: Story, month: date, position: int) -> None:
    """Just before the event the month stood otherwise than just after it."""
    whose = story.statements.whose("100")
    before, after = (
        by_key(story.statements.compute(whose, month, at, story.statements.book(at)).lines)
        for at in (position - 1, position)
    )
    assert before != after


@settings(max_examples=500 if SOAK else 5)
@given(LATER)
def test_whatever_comes_later_a_statement_stays_and_each_change_has_its_event(
    told: Path, later: list[tuple[Any, ...]]
) -> None:
    """Restated, withdrawn, given back, challenged, left, priced, changed by new rules."""
    import tempfile

    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "story"
        shutil.copytree(told, folder)
        story = Story(folder)
        with story.workspace:
            for n, month in enumerate(MONTHS):
                story.issue(f"S-{n}", month)
            then = [story.statements.again(one).to_bytes() for one in story.statements.all()]
            for n, what in enumerate(later):
                happen(story, what, n)
        story = Story(folder)
        with story.workspace:
            for n, bytes_then in enumerate(then):
                same_again(story, f"S-{n}", bytes_then)


def test_the_statement_before_anything_came_has_nothing_to_tell(story: Story) -> None:
    """Its own event changes none of its lines."""
    story.issue("S-1", "2020-10")
    later = Story(story.folder)
    with later.workspace:
        head = later.workspace.ledger.head.position
        found = later.statements.find("S-1")
        assert found.event.position < found.position == head
        assert later.statements.diff(found, head) == []


def test_the_lines_of_the_story_are_what_the_levels_say(story: Story) -> None:
    """Forty seats a month above the mark, on two workloads: the property is about something."""
    story.issue("S-1", "2020-10")
    told = story.statements.again(story.statements.find("S-1"))
    mci = [one for one in told.lines if one.programme == "mci_usage_2023"]
    assert {one.place.workload: int(one.units) for one in mci} == {"exchange": 40, "teams": 40}


def test_a_statement_that_comes_to_other_bytes_is_said_to_be_damaged(story: Story) -> None:
    """As if the ledger's own rules had changed under it: nothing is shown as if it were whole."""
    story.issue("S-1", "2020-10")
    issued = story.statements.find("S-1")
    other = issued.event.model_copy(update={"sha256": "ab" * 32})
    with pytest.raises(DamagedError, match="comes to other bytes"):
        story.statements.again(issued._replace(event=other))


def test_shipped_rules_stand_in_the_statement_itself(story: Story) -> None:
    """What ships may change with a release; what was adopted is named by its position."""
    story.issue("S-1", "2020-10")
    rules = {one.name: one for one in story.statements.find("S-1").event.rules}
    assert rules["MCI"].content is not None
    assert rules["mci_usage_2023"].content is None
    assert rules["mci_usage_2023"].adopted_at == 3
    assert from_us(story.workspace.ledger.head.recorded_at_us).year == 2021
