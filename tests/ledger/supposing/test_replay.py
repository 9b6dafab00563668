"""What is no consequence of the supposition is not told as one; people stay sealed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ledger.app import Ledger
from ledger.commands import catalogue as commands
from ledger.log.group import Group
from ledger.supposing.replay import Replay, Replayed, scratch_ledger, strange
from ledger.supposing.supposition import shifted, without
from schemas import catalogue
from schemas.access import Role, RoleGranted, RoleRevoked
from schemas.envelope import Attributes
from schemas.event import Event
from schemas.subscriptions import SubscriptionEnded
from schemas.time import from_iso, iso

BORN = from_iso("2020-07-01T09:00:00Z")
HOUR = 3_600_000_000


@pytest.fixture
def real(tmp_path: Path) -> Iterator[Ledger]:
    """A ledger on a told clock."""
    with Ledger.create(tmp_path / "real", clock_kind="told", at_us=BORN) as made:
        yield made


def told(real: Ledger, name: str, actor: str = "operator", /, **data: Any) -> int:
    """Submit a command an hour after the last; its position."""
    command = commands.load(name).model_validate(data)
    at_us = real.head.recorded_at_us + HOUR
    return real.submit(command, actor=actor, command_id=f"c-{at_us}", at_us=at_us).position


def of_old(real: Ledger, event: Event, actor: str) -> int:
    """Record an event as an earlier version decided it."""
    at_us = real.head.recorded_at_us + HOUR
    attributes = Attributes(event.TYPE, event.tags(), at_us, actor, f"of-old-{at_us}")

    def work(group: Group) -> None:
        data = catalogue.encode(event)
        real.deciding.carry(group, attributes, data, at_us, lapses=True)

    assert real.writer.submit([work]) == [None]
    return real.head.position


def replayed(real: Ledger, position: int, folder: Path) -> Replayed:
    """The log without an event, as the command line has it replayed."""
    with closing(real.reader()) as log:
        genesis, upto = log.find(limit=1)[0], real.head.position
        supposed = without(log, position)
        with closing(scratch_ledger(folder / "control", genesis)) as control:
            known = strange(control, log, supposed.begins(log), upto)
            assert control.head.position == upto, "with nothing supposed nothing is lost or added"
        with closing(scratch_ledger(folder / "scratch", genesis)) as scratch:
            return Replay(scratch, log, supposed, upto, strange=known).run()


def test_what_this_version_refuses_anyway_is_carried_over(real: Ledger, tmp_path: Path) -> None:
    """A grant by somebody without a role stands, and so does what rests on it."""
    for number in ("100", "200"):
        data = {"organisation": number, "name": f"Partner {number}", "country": "CZ"}
        told(real, "organisation.register", **data)
    old = of_old(real, RoleGranted(grantee="rita", role=Role.REVIEWER), "nobody")
    found = replayed(real, 2, tmp_path)
    fates = {at: (one.became, one.code) for at, one in found.fates.items()}
    assert fates == {2: ("left_out", ""), old: ("carried", "")}
    assert "not_permitted, whatever is supposed" in found.fates[old].why


def test_what_this_version_decides_otherwise_anyway_is_carried_over(
    real: Ledger, tmp_path: Path
) -> None:
    """A revocation that does not yet say which end of the grant it overtakes."""
    first = told(real, "organisation.register", organisation="100", name="Alfa", country="CZ")
    until = iso(BORN + 1_000 * HOUR)
    told(real, "role.grant", grantee="rita", role="reviewer", until=until)
    old = of_old(real, RoleRevoked(grantee="rita", role=Role.REVIEWER), "operator")
    found = replayed(real, first, tmp_path)
    fates = {at: one.became for at, one in found.fates.items()}
    assert fates == {first: "left_out", old: "carried"}
    assert "decides it otherwise, whatever is supposed" in found.fates[old].why
    assert found.head == real.head.position - 1


def test_nothing_undecided_rests_on_what_is_gone(real: Ledger, tmp_path: Path) -> None:
    """An old ending of a subscription that never started is not carried over."""
    tenant = "00000000-0000-4000-8000-0000000000c1"
    customer = {"tenant": tenant, "name": "Contoso", "country": "CZ"}
    told(real, "customer.register", **customer, domains=["contoso.example"])
    sold = {"product": "m365", "offer": "E3", "channel": "web_direct", "tenant": tenant}
    start = told(real, "subscription.start", subscription="S-1", **sold)
    ended = SubscriptionEnded(subscription="S-1", tenant=tenant, reason="cancelled")
    old = of_old(real, ended, "nobody")
    found = replayed(real, start, tmp_path)
    fates = {at: (one.became, one.code) for at, one in found.fates.items()}
    assert fates == {start: ("left_out", ""), old: ("refused", "ground_lost")}


def test_what_follows_from_it_is_refused_with_its_code(real: Ledger, tmp_path: Path) -> None:
    """A location of an organisation that never was."""
    organisation = told(
        real, "organisation.register", organisation="100", name="Alfa", country="CZ"
    )
    place = told(
        real, "location.register", location="101", organisation="100", name="Alfa", country="CZ"
    )
    found = replayed(real, organisation, tmp_path)
    assert (found.fates[place].became, found.fates[place].code) == ("refused", "unknown_reference")
    assert found.head == 1


def test_a_correction_finds_its_fact_where_that_stands_now(real: Ledger, tmp_path: Path) -> None:
    """Positions move up when an event is left out; what names one is moved with it."""
    told(real, "organisation.register", organisation="100", name="Alfa", country="CZ")
    spare = told(real, "organisation.register", organisation="200", name="Beta", country="CZ")
    told(real, "location.register", location="101", organisation="100", name="A", country="CZ")
    tenant = "00000000-0000-4000-8000-0000000000c1"
    customer = {"tenant": tenant, "name": "Contoso", "country": "CZ"}
    told(real, "customer.register", **customer, domains=["contoso.example"])
    sold = {"product": "m365", "offer": "E3", "channel": "web_direct", "tenant": tenant}
    told(real, "subscription.start", subscription="S-1", **sold)
    told(real, "role.grant", grantee="admin", role="customer_admin", tenant=tenant)
    fact = told(real, "dpor.set", "admin", subscription="S-1", location="101")
    was_us = real.head.recorded_at_us - HOUR // 2
    given = {"position": fact, "effective_at": iso(was_us), "reason": "It was earlier."}
    mended = told(real, "fact.correct", "admin", **given)
    found = replayed(real, spare, tmp_path)
    assert set(found.fates) == {spare}
    assert (found.origin(fact - 1), found.origin(mended - 1)) == (fact, mended)


def test_a_shift_to_before_what_it_rests_on_is_refused(real: Ledger, tmp_path: Path) -> None:
    """A location registered an hour before its organisation."""
    told(real, "organisation.register", organisation="100", name="Alfa", country="CZ")
    place = told(
        real, "location.register", location="101", organisation="100", name="Alfa", country="CZ"
    )
    with closing(real.reader()) as log:
        genesis, upto = log.find(limit=1)[0], real.head.position
        supposed = shifted(log, place, BORN + HOUR // 2)
        assert supposed.begins(log) == 2
        with closing(scratch_ledger(tmp_path / "scratch", genesis)) as scratch:
            found = Replay(scratch, log, supposed, upto, strange={}).run()
    assert found.fates[place].code == "unknown_reference"
