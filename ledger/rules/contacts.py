"""The people a claim names: complete, and in whose domain their address is (§3.1, §14.1)."""

from __future__ import annotations

import re
from collections.abc import Collection

from ledger.decision import Contact

LONGEST_NAME = 200
LONGEST_ADDRESS = 254
"""Characters of a name or title, and of an address (RFC 5321): sealed, they fit their box."""

_ADDRESS = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")


def at_customer(contact: Contact) -> Contact:
    """A complete contact at the customer: name, title, e-mail; ``ValueError`` says what lacks."""
    if not (contact.title or "").strip():
        raise ValueError("a contact at the customer needs a title, such as 'IT manager'")
    return at_partner(contact)


def at_partner(contact: Contact) -> Contact:
    """A complete contact at the partner: name and e-mail; ``ValueError`` says what lacks."""
    if not contact.name.strip():
        raise ValueError("a contact needs a name")
    if not _ADDRESS.fullmatch(contact.email.strip()):
        # The address itself is personal data and stays out of messages and logs.
        raise ValueError("the e-mail of a contact is no address like name@domain.example")
    return not_too_long(contact)


def not_too_long(contact: Contact) -> Contact:
    """A contact that its sealed box can hold; ``ValueError`` says what is too long."""
    if max(len(contact.name), len(contact.title or "")) > LONGEST_NAME:
        raise ValueError(f"name and title of a contact have at most {LONGEST_NAME} characters")
    if len(contact.email) > LONGEST_ADDRESS:
        raise ValueError(f"the e-mail of a contact has at most {LONGEST_ADDRESS} characters")
    return contact


def at_domain(contact: Contact, domains: Collection[str]) -> bool:
    """Whether the address lies in one of the domains or below it."""
    host = contact.email.strip().rpartition("@")[2].lower()
    return any(host == domain or host.endswith(f".{domain}") for domain in domains)
