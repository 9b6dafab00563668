"""What an actor may do: its roles, each with its scope and the interval in which it counts."""

from __future__ import annotations

from typing import NamedTuple

from ledger.decision import Fact, Model
from schemas.access import Role, RoleGranted, RoleLapsed, RoleRevoked
from schemas.governance import LedgerCreated
from schemas.time import FOREVER_US, to_us


class Scope(NamedTuple):
    """Where a role counts; None means that the role is not limited in that way."""

    organisation: str | None = None
    location: str | None = None
    tenant: str | None = None
    programme: str | None = None

    def same(self, other: Scope) -> bool:
        """Whether both are one place; a location may have changed its organisation (§7.5)."""
        if self.location is not None:
            return self[1:] == other[1:]
        return self == other


class Grant(NamedTuple):
    """A role in a scope, counting at ``from_us <= instant < until_us`` (microseconds UTC).

    ``term_us`` is the end that it was granted with, which a revocation leaves as it was;
    ``lapsed`` that the clock has recorded it.
    """

    role: Role
    scope: Scope
    from_us: int
    until_us: int
    term_us: int = FOREVER_US
    lapsed: bool = False

    def counts(self, now_us: int) -> bool:
        """Whether the role counts at the instant: not before it begins, not from its end on."""
        return self.from_us <= now_us < self.until_us

    def revoked(self, role: Role, scope: Scope, from_us: int) -> Grant:
        """This grant after the role was revoked in the scope from an instant on."""
        if self.role is not role or not self.scope.same(scope) or self.until_us <= from_us:
            return self
        return self._replace(until_us=max(self.from_us, from_us))


class Actor(NamedTuple):
    """Every role an actor was ever granted, in the order of granting."""

    grants: tuple[Grant, ...] = ()

    def holds(
        self,
        role: Role,
        now_us: int,
        *,
        organisation: str | None = None,
        location: str | None = None,
        tenant: str | None = None,
        programme: str | None = None,
    ) -> bool:
        """Whether the role counts at the instant, in every part of the scope that is given."""
        asked = Scope(organisation, location, tenant, programme)
        return any(
            grant.role is role
            and grant.counts(now_us)
            and all(
                want is None or want == have for want, have in zip(asked, grant.scope, strict=True)
            )
            for grant in self.grants
        )

    def covers(self, role: Role, scope: Scope, from_us: int, until_us: int) -> bool:
        """Whether one grant of exactly this scope counts over the whole interval already."""
        return any(
            grant.role is role
            and grant.scope.same(scope)
            and grant.from_us <= from_us
            and until_us <= grant.until_us
            for grant in self.grants
        )

    def keeps(self, role: Role, scope: Scope, from_us: int) -> bool:
        """Whether a grant of exactly this scope counts at the instant or at any later one."""
        return any(
            grant.role is role
            and grant.scope.same(scope)
            and max(grant.from_us, from_us) < grant.until_us
            for grant in self.grants
        )

    def ends(self, role: Role, scope: Scope, from_us: int) -> tuple[int, ...]:
        """The ends by term beyond an instant of the grants of exactly this scope, each once."""
        found = {
            grant.term_us
            for grant in self.grants
            if grant.role is role
            and grant.scope.same(scope)
            and from_us < grant.until_us == grant.term_us < FOREVER_US
        }
        return tuple(sorted(found))

    def ending(self, role: Role, scope: Scope, term_us: int) -> Grant | None:
        """A grant of exactly this scope whose term ends then and was not recorded as ended."""
        return next(
            (
                grant
                for grant in self.grants
                if grant.role is role
                and grant.scope.same(scope)
                and grant.term_us == term_us
                and not grant.lapsed
            ),
            None,
        )

    def organisations(self, now_us: int) -> frozenset[str]:
        """The organisations the actor belongs to at the instant (separation of duties, §14.5)."""
        return frozenset(
            grant.scope.organisation
            for grant in self.grants
            if grant.scope.organisation and grant.counts(now_us)
        )


def _apply(state: Actor, fact: Fact) -> Actor:
    event = fact.event
    match event:
        case LedgerCreated():
            first = Grant(Role.OPERATOR, Scope(), fact.effective_at_us, FOREVER_US)
            return Actor((*state.grants, first))
        case RoleGranted():
            scope = Scope(event.organisation, event.location, event.tenant, event.programme)
            until_us = to_us(event.until) if event.until else FOREVER_US
            grant = Grant(event.role, scope, fact.effective_at_us, until_us, until_us)
            return Actor((*state.grants, grant))
        case RoleRevoked():
            scope = Scope(event.organisation, event.location, event.tenant, event.programme)
            return Actor(
                tuple(
                    grant.revoked(event.role, scope, fact.effective_at_us) for grant in state.grants
                )
            )
        case RoleLapsed():
            scope = Scope(event.organisation, event.location, event.tenant, event.programme)
            due_us = to_us(event.due)
            return Actor(
                tuple(
                    grant._replace(lapsed=True)
                    if grant.role is event.role
                    and grant.scope.same(scope)
                    and grant.term_us == due_us
                    else grant
                    for grant in state.grants
                )
            )
    return state


ACTOR = Model(
    name="actor",
    tag="actor",
    types=(LedgerCreated, RoleGranted, RoleRevoked, RoleLapsed),
    start=Actor(),
    apply=_apply,
)
"""The roles of an actor; key: the actor's id."""
