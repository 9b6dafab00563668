"""Organisations, locations and customers: found by their own id, untouched by others' events."""

from __future__ import annotations

from ledger.decision_models.customer import CUSTOMER, Customer
from ledger.decision_models.partner import LOCATION, ORGANISATION, Location, Organisation
from tests.builders import CONTOSO, World, market


def test_each_is_found_by_its_id() -> None:
    """With what its registration said."""
    world = market()
    assert world(ORGANISATION, "100") == Organisation(
        "100", "Partner 100", "CZ", ("partner-100.example",), locations=("101", "102")
    )
    assert world(LOCATION, "102") == Location("102", "100", "Location 102", "CZ")
    assert world(CUSTOMER, CONTOSO) == Customer(
        CONTOSO, "Contoso", ("contoso.example",), "CZ", public_sector=False
    )


def test_what_nobody_registered_is_none() -> None:
    """An organisation's id is no location's, and the other way round."""
    world = market()
    assert world(ORGANISATION, "101") is None
    assert world(LOCATION, "100") is None
    assert World()(CUSTOMER, CONTOSO) is None


def test_a_new_location_adds_to_its_organisation_and_changes_nothing_else() -> None:
    """The organisation lists those that live."""
    world = market()
    before = world(ORGANISATION, "100")
    assert before is not None
    world.do("location.register", location="103", organisation="100", name="C", country="DE")
    assert world(ORGANISATION, "100") == before._replace(locations=("101", "102", "103"))
