"""Partner admin links as the views tell them: rows, where they apply, why they measure (§6.2)."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from projections import pal_queries
from projections.pal_reasons import table
from projections.runner import Views, catch_up
from schemas import associations, directory, parties
from tests.projections.memory_log import IN_MEMORY, OTHER_TENANT, TENANT, MemoryLog, Told, day, made

HOME = "00000000-0000-4000-8000-0000000000a1"
SHOP = "/subscriptions/S-1/resourceGroups/shop"
PRODUCTION = "/providers/Microsoft.Management/managementGroups/production"


class Azure(Told):
    """A log told in words of Azure, with dev-1 (no home) and app-1 (of HOME) of location 101."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        org = {"organisation": "100", "name": "Partner", "country": "CZ"}
        self.add(made(parties.OrganisationRegistered, **org))
        self.add(made(parties.LocationRegistered, **org, location="101"))
        for identity, home in (("dev-1", {}), ("app-1", {"home_tenant": HOME})):
            who = {"identity": identity, "kind": "user", "location": "101"}
            self.add(made(parties.IdentityRegistered, **who, **home))
        group = {"group": "managers", "tenant": HOME, "name": "Managers"}
        self.add(made(directory.GroupRegistered, **group))
        self.count = 0

    def link(self, identity: str, tenant: str, on: float, location: str = "101") -> int:
        """Link a location."""
        who = {"identity": identity, "tenant": tenant, "location": location}
        return self.add(made(associations.PalLinked, **who), on=on)

    def assign(self, who: str, role: str, on: float, **other: Any) -> str:
        """Give dev-1, app-1 or the group a role, in TENANT on the shop unless ``other`` says."""
        self.count += 1
        name = f"A-{self.count}"
        given = {"assignment": name, "tenant": TENANT, "role": role, "scope": SHOP} | other
        if who == "managers":
            self.add(made(associations.AzureRoleAssignedToGroup, **given, group=who), on=on)
        else:
            self.add(made(associations.AzureRoleAssigned, **given, identity=who), on=on)
        return name

    def member(self, identity: str, on: float, *, joins: bool = True) -> None:
        """Let an identity join the group, or leave it."""
        model = directory.GroupMemberAdded if joins else directory.GroupMemberRemoved
        self.add(made(model, group="managers", identity=identity), on=on)

    def happens(self, model: Any, identity: str, on: float) -> None:
        """Disable, enable or delete an identity."""
        self.add(made(model, identity=identity, location="101"), on=on)

    def roles(self, on: float, **filters: Any) -> set[tuple[str, str | None]]:
        """Identity and role of each row that stands on a day."""
        head = self.log.head().position
        found = self.ask(pal_queries.pal_list, effective_us=day(on), known=head, **filters)
        return {(row["identity"], row["role"]) for row in found}

    def why(self, identity: str, on: float, tenant: str = TENANT) -> str:
        """The code of the verdict on a day."""
        verdict, _ = self.ask(pal_queries.pal_why, identity, tenant, day(on))
        assert verdict.measures == (verdict.code == "measures")
        assert "{" not in verdict.says + verdict.next
        return str(verdict.code)


@pytest.fixture
def azure(tmp_path: Path) -> Azure:
    """A fresh log and views."""
    return Azure(tmp_path)


def test_a_role_of_a_group_counts_for_every_linked_member(azure: Azure) -> None:
    """From joining to leaving, while the group has it; who is not linked has no row."""
    azure.link("dev-1", TENANT, 1)
    azure.member("dev-1", 3)
    azure.member("app-1", 3)
    assignment = azure.assign("managers", "Contributor", 2)
    azure.member("dev-1", 6, joins=False)
    assert azure.roles(2) == {("dev-1", None)}
    assert azure.roles(3) == {("dev-1", "Contributor")}
    assert azure.roles(6) == {("dev-1", None)}
    azure.link("app-1", TENANT, 4)
    assert azure.roles(5) == {("dev-1", "Contributor"), ("app-1", "Contributor")}
    gone = {"assignment": assignment, "group": "managers", "tenant": TENANT}
    azure.add(made(associations.AzureRoleRemovedFromGroup, **gone), on=5)
    assert azure.roles(5) == {("dev-1", None), ("app-1", None)}


def test_what_lighthouse_delegates_is_measured_by_the_one_link_at_home(azure: Azure) -> None:
    """In every tenant delegated to, whichever came first; the home link itself has its own row."""
    azure.assign("app-1", "Owner", 1, through="lighthouse")
    azure.link("app-1", HOME, 3)
    azure.assign("app-1", "Reader", 5, through="lighthouse", tenant=OTHER_TENANT)
    assert azure.roles(2) == set()
    assert azure.roles(4, tenant=TENANT) == {("app-1", "Owner")}
    assert azure.roles(5, tenant=OTHER_TENANT) == {("app-1", "Reader")}
    assert azure.roles(5, tenant=HOME) == {("app-1", None)}
    (home,) = azure.ask(pal_queries.pal_list, effective_us=day(5), known=99, tenant=HOME)
    assert "Lighthouse" in home["rule"]


def test_a_guest_of_the_customer_links_there_and_not_at_home(azure: Azure) -> None:
    """A role given in the customer's directory is not measured by the link at home."""
    azure.link("app-1", HOME, 1)
    azure.assign("app-1", "Owner", 2)
    assert azure.roles(3, tenant=TENANT) == set()
    assert azure.why("app-1", 3) == "not_delegated"
    azure.link("app-1", TENANT, 4)
    assert azure.roles(5, tenant=TENANT) == {("app-1", "Owner")}


def test_linked_at_home_and_there_one_role_measures_once(azure: Azure) -> None:
    """For one partner; two partners by two links both have it."""
    azure.link("app-1", HOME, 1)
    azure.link("app-1", TENANT, 1)
    azure.assign("app-1", "Owner", 2)
    azure.assign("app-1", "Owner", 2, through="lighthouse")
    assert len(azure.ask(pal_queries.pal_list, effective_us=day(3), known=99, tenant=TENANT)) == 1
    azure.link("app-1", TENANT, 4, location="201")
    assert azure.held(5, tenant=TENANT) == {("PAL", "101", "Owner"), ("PAL", "201", "Owner")}


def test_a_disabled_identity_has_no_rows_until_it_is_enabled_again(azure: Azure) -> None:
    """In all its tenants at once; a deleted one never again."""
    azure.link("app-1", TENANT, 1)
    azure.link("app-1", HOME, 1)
    azure.assign("app-1", "Owner", 1)
    azure.assign("app-1", "Owner", 1, tenant=OTHER_TENANT, through="lighthouse")
    azure.happens(directory.IdentityDisabled, "app-1", 4)
    azure.happens(directory.IdentityEnabled, "app-1", 6)
    azure.happens(directory.IdentityDeleted, "app-1", 8)
    every = dict.fromkeys((TENANT, OTHER_TENANT), ("app-1", "Owner"))
    for on, stands in ((3, True), (4, False), (5.9, False), (6, True), (7.9, True), (8, False)):
        for tenant, row in every.items():
            assert azure.roles(on, tenant=tenant) == ({row} if stands else set()), (on, tenant)
    assert [azure.why("app-1", on) for on in (3, 5, 7, 9)] == [
        "measures",
        "disabled",
        "measures",
        "deleted",
    ]


def test_what_was_known_before_a_deletion_stays_to_be_asked(azure: Azure) -> None:
    """Learned late, effective earlier: both answers are kept."""
    azure.link("dev-1", TENANT, 1)
    azure.assign("dev-1", "Owner", 1)
    before = azure.log.head().position
    azure.happens(directory.IdentityDeleted, "dev-1", 3)
    assert azure.held(5, known=before) == {("PAL", "101", "Owner")}
    assert azure.held(5) == set()


def test_a_list_by_scope_tells_what_rolls_down_to_it(azure: Azure) -> None:
    """From a management group while the subscription lies in it, and not beside it."""
    azure.link("dev-1", TENANT, 1)
    azure.assign("dev-1", "Owner", 1, scope=PRODUCTION)
    azure.assign("dev-1", "Reader", 1, scope=f"{SHOP}/providers/Microsoft.Web/sites/one")
    placed = {"tenant": TENANT, "subscription": "S-1"}
    azure.add(made(directory.ScopePlaced, **placed, parent="production"), on=3)
    azure.add(made(directory.ScopePlaced, **placed), on=6)
    asked = {"tenant": TENANT, "scope": SHOP}
    assert azure.roles(2, **asked) == set()
    assert azure.roles(3, **asked) == {("dev-1", "Owner")}
    assert azure.roles(6, **asked) == set()
    site = {"tenant": TENANT, "scope": f"{SHOP}/providers/Microsoft.Web/sites/one"}
    assert azure.roles(4, **site) == {("dev-1", "Owner"), ("dev-1", "Reader")}
    above = azure.ask(pal_queries.path, TENANT, SHOP, day(4), azure.log.head().position)
    assert above == ("production", TENANT)


def test_each_reason_why_a_link_measures_nothing_is_told(azure: Azure) -> None:
    """By the first that is missing: identity, link, location, role, a role that counts."""
    assert azure.why("nobody", 1) == "unknown_identity"
    assert azure.why("dev-1", 1) == "not_linked"
    azure.assign("dev-1", "Reader", 2)
    assert azure.why("dev-1", 2) == "not_linked"
    azure.link("dev-1", TENANT, 3)
    assert azure.why("dev-1", 3) == "role_does_not_count"
    assert azure.why("dev-1", 1000, OTHER_TENANT) == "not_linked"
    azure.link("dev-1", OTHER_TENANT, 3)
    assert azure.why("dev-1", 4, OTHER_TENANT) == "no_role"
    azure.assign("app-1", "Owner", 2, through="lighthouse")
    assert azure.why("app-1", 4) == "linked_elsewhere"
    azure.link("app-1", TENANT, 4)
    assert azure.why("app-1", 4) == "linked_elsewhere"
    azure.link("dev-1", TENANT, 5, location="100")
    assert azure.why("dev-1", 5) == "no_record"
    azure.link("dev-1", TENANT, 6)
    azure.assign("dev-1", "Owner", 7)
    assert azure.why("dev-1", 7) == "measures"


def test_every_reason_of_the_table_is_told_somewhere() -> None:
    """The reasons that the tests of this file name are those of the table."""
    source = Path(__file__).read_text("utf-8")
    assert [code for code in table() if f'"{code}"' not in source] == []


def test_why_tells_each_role_with_its_group_and_what_counts_it(azure: Azure) -> None:
    """A role that no link measures is told too, as such."""
    azure.link("dev-1", TENANT, 1)
    azure.member("dev-1", 1)
    azure.assign("managers", "Support Request Contributor", 1)
    azure.assign("dev-1", "Reader", 1, through="lighthouse")
    _, roles = azure.ask(pal_queries.pal_why, "dev-1", TENANT, day(2))
    told = [(row["role"], row["group"], row["measured"], row["counts_for"]) for row in roles]
    assert told == [
        ("Support Request Contributor", "managers", True, "PEC"),
        ("Reader", None, False, None),
    ]


def test_a_group_of_many_members_costs_an_event_only_its_linked_ones(azure: Azure) -> None:
    """A thousand members without a link are looked up and joined never."""
    azure.link("dev-1", TENANT, 1)
    for n in range(200):
        azure.log.add(made(directory.GroupMemberAdded, group="managers", identity=f"x-{n}"), on=1)
    azure.member("dev-1", 1)
    statements: list[str] = []
    azure.views.connection.set_trace_callback(statements.append)
    azure.assign("managers", "Owner", 2)
    azure.views.connection.set_trace_callback(None)
    joins = [each for each in statements if "FROM role_assignments" in each]
    assert len(joins) == 2, "what the role measured before, and what it does then"
    assert all("dev-1" in each for each in joins)
    assert azure.roles(3) == {("dev-1", "Owner")}


def _steps(count: int) -> int:
    """What a rebuild costs in which an identity gets so many roles and loses half of them.

    Calls of Python functions, and what SQLite counts of its own: nothing that depends on time.
    """
    log = MemoryLog()
    who = {"identity": "dev-1", "tenant": TENANT}
    log.add(made(associations.PalLinked, **who, location="101"), on=1)
    for n in range(count):
        scope = f"/subscriptions/S-1/resourceGroups/rg-{n}"
        given = {**who, "assignment": f"A-{n}", "role": "Owner", "scope": scope}
        log.add(made(associations.AzureRoleAssigned, **given), on=2)
    for n in range(0, count, 2):
        log.add(made(associations.AzureRoleRemoved, **who, assignment=f"A-{n}"), on=3)
    steps = 0

    def one(*_: Any) -> int:
        nonlocal steps
        steps += 1
        return 0

    views = Views(IN_MEMORY)
    views.connection.set_progress_handler(one, 20)
    sys.setprofile(one)
    try:
        catch_up(log, views, batch=50)
    finally:
        sys.setprofile(None)
    kept = views.connection.execute("SELECT count(*) FROM holdings WHERE role IS NOT NULL")
    assert kept.fetchone()[0] >= count
    views.close()
    return steps


def test_many_roles_of_one_identity_cost_as_many_steps() -> None:
    """Four times the roles cost about four times as much, not sixteen times."""
    few, many = _steps(100), _steps(400)
    assert many < 5 * few
