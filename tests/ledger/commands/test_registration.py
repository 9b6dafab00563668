"""Registering: organisations, locations, customers and identities."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from ledger.commands import catalogue
from schemas.parties import (
    CustomerRegistered,
    IdentityRegistered,
    LocationRegistered,
    OrganisationRegistered,
)
from tests.builders import CONTOSO, FABRIKAM, OPERATOR, refuses
from tests.ledger.commands.estate import do_example, estate, example

REGISTRATIONS = (
    "organisation.register",
    "location.register",
    "customer.register",
    "identity.register",
)


@pytest.mark.parametrize("name", REGISTRATIONS)
def test_an_id_is_registered_once(name: str) -> None:
    """The second registration of an id is refused, whatever else it says."""
    world = estate(name)
    do_example(world, name)
    with refuses("already_exists"):
        world.decide(name, OPERATOR, **example(name))


@pytest.mark.parametrize(
    "name, other, what",
    [
        ("location.register", {"organisation": "999"}, "organisation '999'"),
        ("identity.register", {"location": "999"}, "location '999'"),
        ("customer.register", {"succeeds": FABRIKAM}, f"customer '{FABRIKAM}'"),
        ("customer.register", {"succeeds": CONTOSO}, f"customer '{CONTOSO}'"),
    ],
)
def test_what_a_registration_names_must_exist(name: str, other: dict[str, Any], what: str) -> None:
    """A location names a known organisation, an identity a known location, a tenant another."""
    with refuses("unknown_reference") as refused:
        estate(name).decide(name, OPERATOR, **example(name, **other))
    assert what in str(refused.value)


def test_an_organisation_is_registered_with_its_domains() -> None:
    """The event says what the command said."""
    event = do_example(estate("organisation.register"), "organisation.register").event
    assert event == OrganisationRegistered(
        organisation="100", name="Partner A", country="CZ", domains=("partner-a.example",)
    )


def test_a_location_is_registered_under_its_organisation() -> None:
    """The event says what the command said."""
    event = do_example(estate("location.register"), "location.register").event
    assert event == LocationRegistered(
        location="101", organisation="100", name="Partner A, Prague", country="CZ"
    )


def test_a_customer_is_registered_with_its_first_day() -> None:
    """``since`` is kept: it is evidence of zero usage before."""
    event = do_example(estate("customer.register"), "customer.register").event
    assert event == CustomerRegistered(
        tenant=CONTOSO,
        name="Contoso",
        domains=("contoso.example",),
        country="CZ",
        since=date(2020, 7, 1),
        segment="Corporate",
    )


def test_a_customer_may_succeed_one_that_is_registered() -> None:
    """A migrated tenant names the one it comes from (domain.md §14.9)."""
    world = estate("customer.register")
    do_example(world, "customer.register")
    event = do_example(
        world, "customer.register", tenant=FABRIKAM, succeeds=CONTOSO, public_sector=True
    ).event
    assert isinstance(event, CustomerRegistered)
    assert event.succeeds == CONTOSO
    assert event.public_sector


@pytest.mark.parametrize("since, fits", [("2023-07-01", True), ("2023-07-02", False)])
def test_a_customer_is_none_before_its_first_day(since: str, *, fits: bool) -> None:
    """A first day that lies ahead is refused; today is none of that."""
    world = estate("customer.register")
    if fits:
        do_example(world, "customer.register", since=since)
    else:
        with refuses("effective_in_future"):
            do_example(world, "customer.register", since=since)


def test_an_identity_is_registered_at_its_location() -> None:
    """The event says what the command said."""
    event = do_example(estate("identity.register"), "identity.register").event
    assert event == IdentityRegistered(identity="dev-1", kind="user", location="101")


@pytest.mark.parametrize(
    "name, field, value",
    [
        ("organisation.register", "country", "Czechia"),
        ("organisation.register", "organisation", "a@b.example"),
        ("customer.register", "tenant", "contoso"),
        ("customer.register", "domains", []),
        ("customer.register", "since", "2021-02-29"),
        ("identity.register", "kind", "robot"),
        ("location.register", "colour", "red"),
    ],
)
def test_a_field_that_can_not_be_is_named(name: str, field: str, value: Any) -> None:
    """Wrong types, dates that do not exist and unknown fields are bad input, named by field."""
    with pytest.raises(ValidationError) as error:
        catalogue.load(name).model_validate(example(name, **{field: value}))
    assert error.value.errors()[0]["loc"][0] == field
