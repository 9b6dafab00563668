"""Where a role counts: which parts of a scope each role has, and whether they fit together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Self

from pydantic import model_validator

from ledger.decision import Facts
from ledger.decision_models.actor import Scope
from ledger.decision_models.customer import CUSTOMER
from ledger.decision_models.incentives import incentive
from ledger.decision_models.partner import LOCATION
from ledger.refusal import Refused
from ledger.rules.references import known
from ledger.rules.standing import living_organisation
from schemas.access import Role
from schemas.values import Id, TenantId, Value


class ScopeParts(NamedTuple):
    """The parts of its scope that a role must have, and those that it may have beside them."""

    needs: frozenset[str]
    may: frozenset[str] = frozenset()


_NOWHERE = ScopeParts(frozenset())
_EMPLOYED = ScopeParts(frozenset(), frozenset({"organisation"}))
_ORGANISATION = ScopeParts(frozenset({"organisation"}))
_INCENTIVES = ScopeParts(frozenset({"location"}), frozenset({"organisation", "programme"}))
_TENANT = ScopeParts(frozenset({"tenant"}))

PARTS: Mapping[Role, ScopeParts] = {
    Role.OPERATOR: _NOWHERE,
    Role.GLOBAL_ADMIN: _ORGANISATION,
    Role.ACCOUNT_ADMIN: _ORGANISATION,
    Role.INCENTIVE_ADMIN: _INCENTIVES,
    Role.INCENTIVE_USER: _INCENTIVES,
    Role.BILLING_ADMIN: _ORGANISATION,
    Role.EXECUTIVE: _ORGANISATION,
    Role.CUSTOMER_ADMIN: _TENANT,
    Role.REVIEWER: _EMPLOYED,
    Role.AUDITOR: _EMPLOYED,
    Role.ANALYST: _EMPLOYED,
}
"""An incentive role is scoped to a location and, when one is named, an incentive programme
(domain.md §2). For a reviewer, auditor or analyst the
organisation is the one that employs it, which separation of duties asks for (§14.5)."""


class ScopedRole(Value):
    """A role and its scope as a command names them; parts that do not belong are bad input."""

    role: Role
    organisation: Id | None = None
    location: Id | None = None
    tenant: TenantId | None = None
    programme: Id | None = None

    @model_validator(mode="after")
    def _scope_fits_the_role(self) -> Self:
        needs, may = PARTS[self.role]
        for part in Scope._fields:
            given = getattr(self, part) is not None
            if part in needs and not given:
                raise ValueError(f"role {self.role} needs {part}: say where it counts")
            if given and part not in needs | may:
                raise ValueError(f"role {self.role} has no {part}; leave it out")
        return self

    def scope(self, facts: Facts) -> Scope:
        """The scope with a location's organisation filled in; every part must exist and fit."""
        organisation = self.organisation
        if organisation:
            living_organisation(facts, organisation)
        if self.location:
            owner = known(facts, LOCATION, self.location).organisation
            if organisation and organisation != owner:
                raise Refused(
                    "other_organisation",
                    location=self.location,
                    other=owner,
                    organisation=organisation,
                )
            organisation = owner
        if self.tenant:
            known(facts, CUSTOMER, self.tenant)
        if self.programme:
            incentive(facts, self.programme)
        return Scope(organisation, self.location, self.tenant, self.programme)
