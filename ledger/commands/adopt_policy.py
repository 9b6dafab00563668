"""Adopting a claim policy."""

from __future__ import annotations

from typing import Any, ClassVar

from ledger.decision import Command, Context, Decision, Facts
from schemas.values import Id, Instant


class AdoptPolicy(Command):
    """Adopt a claim policy: a shipped one by name, or a content of your own."""

    NAME: ClassVar[str] = "policy.adopt"
    EXAMPLE: ClassVar[dict[str, Any]] = {"builtin": "P2020"}
    builtin: str | None = None
    content: dict[str, Any] | None = None
    in_force_from: Instant | None = None
    calendar: Id | None = None

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The adoption, the whole content embedded (DESIGN §5)."""
        raise NotImplementedError
