"""The people a claim names: complete addresses, and in whose domain they are."""

from __future__ import annotations

import pytest

from ledger.decision import Contact
from ledger.rules.contacts import (
    LONGEST_ADDRESS,
    LONGEST_NAME,
    at_customer,
    at_domain,
    at_partner,
    not_too_long,
)


@pytest.mark.parametrize(
    "email, inside",
    [
        ("jana@partner.example", True),
        ("Jana@Mail.Partner.Example ", True),
        ("jana@notpartner.example", False),
        ("jana@partner.example.com", False),
        ("partner.example@contoso.example", False),
    ],
)
def test_an_address_is_in_a_domain_or_below_it(email: str, inside: bool) -> None:
    """By whole labels, whatever the case (domain.md §14.1)."""
    assert at_domain(Contact(name="Jana", email=email), ("partner.example",)) is inside


@pytest.mark.parametrize("email", ["", "jana", "@a.example", "jana@", "jana@host", "a b@c.example"])
def test_what_is_no_address_is_refused_without_repeating_it(email: str) -> None:
    """Personal data stays out of messages."""
    with pytest.raises(ValueError, match="no address") as caught:
        at_partner(Contact(name="Jana", email=email))
    assert not email or email not in str(caught.value)


def test_a_contact_at_the_customer_has_a_title() -> None:
    """Name, title, e-mail (domain.md §3.1)."""
    contact = Contact(name="Jana", title="IT manager", email="jana@contoso.example")
    assert at_customer(contact) is contact
    with pytest.raises(ValueError, match="title"):
        at_customer(contact.model_copy(update={"title": " "}))


@pytest.mark.parametrize(
    "field, longest", [("name", LONGEST_NAME), ("title", LONGEST_NAME), ("email", LONGEST_ADDRESS)]
)
def test_a_contact_that_no_box_holds_is_refused(field: str, longest: int) -> None:
    """One character beyond the limit is told, without repeating what was written."""
    contact = Contact(name="Jana", title="IT manager", email="jana@contoso.example")
    text = "x" * (longest - 10) + "@a.example"
    longest_one = contact.model_copy(update={field: text})
    assert not_too_long(longest_one) is longest_one
    with pytest.raises(ValueError, match=f"at most {longest}") as caught:
        not_too_long(contact.model_copy(update={field: "x" + text}))
    assert "xx" not in str(caught.value)
