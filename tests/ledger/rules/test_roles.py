"""The role table and its check: every cell, and the time in which a role counts."""

from __future__ import annotations

import pytest

from ledger.commands import catalogue
from ledger.decision import Context
from ledger.decision_models.actor import Scope
from ledger.refusal import Refused
from ledger.rules import corrections
from ledger.rules.role_table import table
from ledger.rules.roles import permit
from schemas.access import Role, RoleGranted, RoleRevoked
from schemas.time import from_iso, from_us
from tests.builders import BIRTH, CONTOSO, FABRIKAM, World, refuses, sealed
from tests.ledger.rules.permissions import COLUMNS, FOREIGN, GRID, OWN, expected

ABOUT = Scope(organisation="100", location="101", tenant=CONTOSO)


def context(actor: str, at: str = BIRTH) -> Context:
    """The actor, acting at an instant."""
    return Context(actor, "command-1", from_iso(at), sealed)


def allowed(world: World, actor: str, command: str, about: Scope = ABOUT) -> bool:
    """Whether the actor is permitted; any other refusal fails the test."""
    try:
        permit(
            world,
            context(actor),
            command,
            organisation=about.organisation,
            location=about.location,
            tenant=about.tenant,
        )
    except Refused as refused:
        if refused.code != "not_permitted":
            raise
        return False
    return True


@pytest.fixture(scope="module")
def everybody() -> World:
    """A world with an actor for each role, once in the own and once in a foreign scope."""
    world = World()
    for role in COLUMNS:
        world.record(RoleGranted(grantee=f"own-{role}", role=role, **OWN[role]._asdict()))
        world.record(RoleGranted(grantee=f"foreign-{role}", role=role, **FOREIGN[role]._asdict()))
    return world


def test_the_grid_has_every_role_and_every_row_of_the_table() -> None:
    """No role and no command can be added without a stated cell."""
    assert set(COLUMNS) == set(Role)
    assert set(GRID) == set(table())


def test_every_command_has_its_rows() -> None:
    """A command that a user can name, or that loads usage, is in the table.

    What sets a fact right asks the row of the command that records such a fact.
    """
    clock = {name for name in catalogue.INTERNAL if name.startswith("clock.")}
    mending = {"fact.correct", "fact.retract"}
    names = {*catalogue.COMMANDS, *catalogue.INTERNAL} - clock - mending
    assert {row.command for row in corrections.table().values()} <= names
    rows = {row.partition(" ")[0] for row in table()}
    assert rows == names


@pytest.mark.parametrize("command", GRID)
def test_a_role_may_do_what_its_cell_says(everybody: World, command: str) -> None:
    """Each cell: allowed in the own scope, refused in a foreign one, or refused everywhere."""
    for role in COLUMNS:
        own = allowed(everybody, f"own-{role}", command)
        foreign = allowed(everybody, f"foreign-{role}", command)
        assert own == expected(command, role, own=True), role
        assert foreign == expected(command, role, own=False), role


@pytest.mark.parametrize("command", GRID)
def test_an_actor_without_a_role_may_do_nothing(everybody: World, command: str) -> None:
    """Nobody may do anything by default."""
    assert not allowed(everybody, "nobody", command)


@pytest.mark.parametrize("command", GRID)
def test_a_scoped_role_does_not_count_where_nothing_is_named(
    everybody: World, command: str
) -> None:
    """A command about nothing in particular is no way round a scope."""
    for role in COLUMNS:
        anywhere = GRID[command][role] == "a"
        assert allowed(everybody, f"own-{role}", command, Scope()) == anywhere, role


def test_a_location_tells_its_organisation(everybody: World) -> None:
    """An organisation's admin is recognised when only a location of it is named."""
    world = World()
    world.facts.extend(everybody.facts)
    world.do("organisation.register", organisation="100", name="A", country="CZ")
    world.do("location.register", location="101", organisation="100", name="A", country="CZ")
    grant = "role.grant incentive_user"
    permit(world, context("own-global_admin"), grant, location="101")
    with refuses("not_permitted"):
        permit(world, context("foreign-global_admin"), grant, location="101")
    with refuses("not_permitted"):
        permit(world, context("own-global_admin"), grant, location="999")


@pytest.mark.parametrize("command", ["pal.link", "pal.unlink"])
def test_the_identity_itself_may_link_and_nobody_else_by_being_one(command: str) -> None:
    """Only the linking identity edits its link, whatever its roles (domain.md §6.2)."""
    permit(World(), context("dev-1"), command, tenant=CONTOSO, identity="dev-1")
    with refuses("not_permitted"):
        permit(World(), context("dev-2"), command, tenant=CONTOSO, identity="dev-1")


@pytest.mark.parametrize("command", [row for row in GRID if not row.startswith("pal.")])
def test_being_the_identity_helps_nowhere_else(command: str) -> None:
    """The exception for identities is of PAL alone."""
    with refuses("not_permitted"):
        permit(World(), context("dev-1"), command, tenant=CONTOSO, identity="dev-1")


def test_a_role_counts_from_its_first_instant_to_just_before_its_last() -> None:
    """Never before it begins, and not at the instant it lapses (DESIGN §5)."""
    world = World()
    begin, end = "2020-08-01T00:00:00Z", "2020-09-01T00:00:00Z"
    grant = RoleGranted(grantee="r", role=Role.REVIEWER, until=from_us(from_iso(end)))
    world.record(grant, effective=begin)
    for at, counts in (
        ("2020-07-31T23:59:59.999999Z", False),
        (begin, True),
        ("2020-08-31T23:59:59.999999Z", True),
        (end, False),
    ):
        if counts:
            permit(world, context("r", at), "claim.approve")
        else:
            with refuses("not_permitted"):
                permit(world, context("r", at), "claim.approve")


def test_a_revoked_role_counts_no_longer() -> None:
    """From the revocation's instant on, and not before it."""
    world = World()
    world.record(RoleGranted(grantee="r", role=Role.REVIEWER))
    world.record(RoleRevoked(grantee="r", role=Role.REVIEWER), effective="2020-08-01T00:00:00Z")
    permit(world, context("r", "2020-07-31T23:59:59Z"), "claim.approve")
    with refuses("not_permitted"):
        permit(world, context("r", "2020-08-01T00:00:00Z"), "claim.approve")


def test_a_revocation_elsewhere_takes_nothing() -> None:
    """A role is revoked in exactly the scope that is named."""
    world = World()
    world.record(RoleGranted(grantee="u", role=Role.INCENTIVE_USER, location="101"))
    world.record(RoleRevoked(grantee="u", role=Role.INCENTIVE_USER, location="102"))
    assert allowed(world, "u", "claim.submit")


def test_the_first_operator_is_named_by_the_birth_of_the_ledger() -> None:
    """Genesis alone makes an operator, and only that one."""
    assert allowed(World(), "operator", "organisation.register")
    assert not allowed(World(), "user-101", "organisation.register")


@pytest.mark.parametrize(
    "grantee, says, who",
    [
        (
            "nobody",
            "one must be incentive admin or incentive user of location 101.",
            "Ask the global admin or the account admin",
        ),
        ("u-102", "and u-102 is incentive user of location 102.", "Ask the global admin"),
        ("late", "and late is incentive user of location 101 only from 2030-", "Ask"),
        ("gone", "and gone was incentive user of location 101 only until 2020-", "Ask"),
    ],
)
def test_a_refusal_says_who_may_what_one_is_and_whom_to_ask(
    grantee: str, says: str, who: str
) -> None:
    """The sentence names the roles needed, the actor's own nearest role, and who grants."""
    world = World()
    user = Role.INCENTIVE_USER
    for name, location, begin in (
        ("u-102", "102", BIRTH),
        ("late", "101", "2030-01-01T00:00:00Z"),
        ("gone", "101", "2020-06-01T00:00:00Z"),
    ):
        until = from_us(from_iso(BIRTH)) if name == "gone" else None
        world.record(
            RoleGranted(
                grantee=name, role=user, organisation="100", location=location, until=until
            ),
            effective=begin,
        )
    with refuses("not_permitted") as refused:
        permit(world, context(grantee), "claim.submit", location="101")
    assert says in str(refused.value)
    assert who in str(refused.value)


def test_a_refusal_names_the_role_that_came_nearest() -> None:
    """The one of the right scope that lapsed, not a later one of another scope."""
    world = World()
    until = from_us(from_iso(BIRTH))
    for location, end in (("102", None), ("101", until), ("103", None)):
        grant = RoleGranted(grantee="u", role=Role.INCENTIVE_USER, location=location, until=end)
        world.record(grant, effective="2020-06-01T00:00:00Z")
    with refuses("not_permitted") as refused:
        permit(world, context("u"), "claim.submit", location="101")
    assert "and u was incentive user of location 101 only until 2020-07-01" in str(refused.value)


def test_a_refusal_says_of_which_organisation_or_tenant_one_is() -> None:
    """The part of the scope that a role has is the one that is told."""
    world = World()
    world.record(RoleGranted(grantee="g", role=Role.GLOBAL_ADMIN, organisation="200"))
    world.record(RoleGranted(grantee="c", role=Role.CUSTOMER_ADMIN, tenant=FABRIKAM))
    for actor, command, says in (
        ("g", "role.grant incentive_user", "and g is global admin of organisation 200."),
        ("c", "dpor.set", f"and c is customer admin of tenant {FABRIKAM}."),
    ):
        with refuses("not_permitted") as refused:
            permit(
                world,
                context(actor),
                command,
                organisation=ABOUT.organisation,
                location=ABOUT.location,
                tenant=ABOUT.tenant,
            )
        assert says in str(refused.value)


def test_a_command_that_the_table_does_not_name_is_nobodys() -> None:
    """A missing row is a fault of ours that shows at once, never a permission."""
    with pytest.raises(KeyError):
        permit(World(), context("operator"), "ledger.destroy")


def test_every_row_says_where_it_comes_from() -> None:
    """A reader can check each permission against its source."""
    for command, row in table().items():
        assert row.may, command
        assert "§" in row.source or row.source.startswith("as role.grant"), command


def test_granting_and_revoking_a_role_is_up_to_the_same_people() -> None:
    """Who gives a role can take it, and nobody else."""
    for role in Role:
        assert table()[f"role.revoke {role}"].may == table()[f"role.grant {role}"].may
