"""Adopting a claim policy."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from pydantic import PrivateAttr, model_validator

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.policy import POLICY
from ledger.refusal import Refused
from ledger.rules import policy as rules
from ledger.rules.content import digest
from ledger.rules.policy import Policy
from ledger.rules.roles import permit
from schemas.governance import PolicyAdopted
from schemas.time import from_us, iso, to_us
from schemas.values import Content, Id, Instant


class AdoptPolicy(Command):
    """Adopt a claim policy: a shipped one by name, or a content of your own.

    ``in_force_from`` and ``calendar`` go before what the policy itself says; a policy that says no
    date is in force from now on.
    """

    NAME: ClassVar[str] = "policy.adopt"
    EXAMPLE: ClassVar[dict[str, Any]] = {"builtin": "P2020"}
    builtin: str | None = None
    content: Content | None = None
    in_force_from: Instant | None = None
    calendar: Id | None = None

    _content: dict[str, Any] = PrivateAttr()
    _policy: Policy = PrivateAttr()

    @model_validator(mode="after")
    def _read(self) -> Self:
        if (self.builtin is None) == (self.content is None):
            raise ValueError("give either builtin, the name of a shipped policy, or content")
        content = rules.builtin(self.builtin) if self.builtin else dict(self.content or {})
        if self.in_force_from:
            content["in_force_from"] = iso(to_us(self.in_force_from))
        if self.calendar:
            content["calendar"] = self.calendar
        self._content = content
        self._policy = rules.parse(content)
        return self

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The adoption, the whole content embedded (DESIGN §5)."""
        permit(facts, context, self.NAME)
        name = self._policy.policy
        if facts(POLICY, "all").named(name) is not None:
            raise Refused("policy_adopted_before", policy=name)
        in_force_from = self._policy.in_force_from or from_us(context.now_us)
        event = PolicyAdopted(
            policy=name,
            in_force_from=in_force_from,
            content=self._content,
            sha256=digest(self._content),
        )
        return Decision(event, to_us(in_force_from))
