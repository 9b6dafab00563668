"""The roles of an actor over time agree with a naive reading of the same history."""

from __future__ import annotations

from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from ledger.decision import Fact
from ledger.decision_models.actor import ACTOR, Actor, Scope
from schemas.access import Role, RoleGranted, RoleRevoked
from schemas.governance import LedgerCreated
from schemas.time import FOREVER_US, from_us

LAST_US = 12
ROLES = (Role.INCENTIVE_USER, Role.REVIEWER)
SCOPES = (
    Scope(),
    Scope(organisation="100"),
    Scope(organisation="100", location="101"),
    Scope(organisation="200", location="201"),
)


class Change(NamedTuple):
    """A grant (with or without an end) or a revocation, effective at an instant."""

    grants: bool
    role: Role
    scope: Scope
    at_us: int
    until_us: int | None


instants = st.integers(0, LAST_US)
changes = st.builds(
    Change,
    grants=st.booleans(),
    role=st.sampled_from(ROLES),
    scope=st.sampled_from(SCOPES),
    at_us=instants,
    until_us=st.none() | instants,
)
histories = st.lists(changes, max_size=8)


def fold(history: list[Change]) -> Actor:
    """The decision model's answer."""
    state = ACTOR.start
    for position, change in enumerate(history, 1):
        scope = change.scope._asdict()
        event: RoleGranted | RoleRevoked
        if change.grants:
            until = None if change.until_us is None else from_us(change.until_us)
            event = RoleGranted(grantee="x", role=change.role, until=until, **scope)
        else:
            event = RoleRevoked(grantee="x", role=change.role, **scope)
        state = ACTOR.apply(state, Fact(position, event, change.at_us, LAST_US, "operator"))
    return state


def naive(history: list[Change], now_us: int) -> set[tuple[Role, Scope]]:
    """What counts at an instant: granted by then, not over, and not revoked afterwards by then."""
    return {
        (change.role, change.scope)
        for place, change in enumerate(history)
        if change.grants
        and change.at_us <= now_us < (FOREVER_US if change.until_us is None else change.until_us)
        and not any(
            not later.grants
            and (later.role, later.scope) == (change.role, change.scope)
            and later.at_us <= now_us
            for later in history[place + 1 :]
        )
    }


@given(histories)
def test_a_role_counts_when_the_history_says_so(history: list[Change]) -> None:
    """At every instant, for every role and every part of a scope that may be asked for."""
    actor = fold(history)
    for now_us in range(LAST_US + 2):
        counts = naive(history, now_us)
        for role in ROLES:
            held = [scope for each, scope in counts if each is role]
            assert actor.holds(role, now_us) == bool(held)
            for scope in SCOPES:
                fits = any(
                    all(want in (None, have) for want, have in zip(scope, other, strict=True))
                    for other in held
                )
                assert actor.holds(role, now_us, **scope._asdict()) == fits


@given(histories)
def test_the_organisations_are_those_of_the_roles_that_count(history: list[Change]) -> None:
    """Separation of duties looks at what the actor belongs to at the instant (domain.md §14.5)."""
    actor = fold(history)
    for now_us in range(LAST_US + 2):
        own = {scope.organisation for _, scope in naive(history, now_us) if scope.organisation}
        assert actor.organisations(now_us) == own


@given(histories, st.sampled_from(ROLES), st.sampled_from(SCOPES), instants)
def test_there_is_something_to_revoke_exactly_when_the_role_counts_then_or_later(
    history: list[Change], role: Role, scope: Scope, from_instant_us: int
) -> None:
    """``keeps`` looks at exactly one scope, from an instant on."""
    later = any(
        (role, scope) in naive(history, now_us) for now_us in range(from_instant_us, LAST_US + 2)
    )
    assert fold(history).keeps(role, scope, from_instant_us) == later


@given(histories, st.sampled_from(ROLES), st.sampled_from(SCOPES), instants, instants)
def test_what_is_covered_counts_all_the_time(
    history: list[Change], role: Role, scope: Scope, begin_us: int, end_us: int
) -> None:
    """A grant is called needless only if the role counts at every instant of it already."""
    if begin_us < end_us and fold(history).covers(role, scope, begin_us, end_us):
        assert all((role, scope) in naive(history, now) for now in range(begin_us, end_us))


def test_genesis_makes_an_operator_for_ever() -> None:
    """From the birth of the ledger, not before."""
    born = LedgerCreated(ledger="L", clock="told", operator="op")
    actor = ACTOR.apply(ACTOR.start, Fact(1, born, 5, 5, "op"))
    assert not actor.holds(Role.OPERATOR, 4)
    assert actor.holds(Role.OPERATOR, 5)
    assert actor.holds(Role.OPERATOR, FOREVER_US - 1)
