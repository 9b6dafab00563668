"""Confirming a claim as its customer."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from ledger.decision import Command, Contact, Context, Decision, Facts
from schemas.values import Id


class ConfirmConsent(Command):
    """Say yes to a claim as its customer; no silence is awaited any more."""

    NAME: ClassVar[str] = "consent.confirm"
    EXAMPLE: ClassVar[dict[str, Any]] = {"claim": "C-1", "how": "in_person"}
    claim: Id
    how: Literal["in_person", "portal", "e_mail", "signature"]
    given_by: Contact | None = None

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The customer's yes (domain.md §4.3; DESIGN §6)."""
        raise NotImplementedError
