"""The links of an identity agree with a naive history, whatever is tried."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ledger.decision_models.identity import IDENTITY
from ledger.refusal import Refused
from schemas.time import FOREVER_US, from_iso, iso
from tests.builders import CONTOSO, FABRIKAM, World
from tests.ledger.commands.estate import do_example, estate

START_US = from_iso("2020-07-01T00:00:00Z")
DAY_US = 86_400_000_000

tries = st.lists(
    st.tuples(
        st.sampled_from([CONTOSO, FABRIKAM]),
        st.sampled_from(["101", "102", None]),
        st.integers(0, 20),
    ),
    max_size=12,
)


def attempt(world: World, tenant: str, location: str | None, day: int) -> str:
    """Link a location, or unlink, on a day; "done", or the code of the refusal."""
    data: dict[str, Any] = {"tenant": tenant, "effective_at": iso(START_US + day * DAY_US)}
    try:
        if location is None:
            do_example(world, "pal.unlink", **data)
        else:
            do_example(world, "pal.link", location=location, **data)
    except Refused as refused:
        return refused.code
    return "done"


@given(tries)
def test_each_tenant_has_one_link_in_an_ordered_history(
    tried: list[tuple[str, str | None, int]],
) -> None:
    """Every try ends as the tenant's own history demands, and tenants don't touch each other."""
    world = estate("pal.link")
    do_example(world, "customer.register", tenant=FABRIKAM)
    history: dict[str, list[tuple[int, str | None]]] = {CONTOSO: [], FABRIKAM: []}
    for tenant, location, day in tried:
        own = history[tenant]
        last_day, linked = own[-1] if own else (0, None)
        if location and linked:
            expected = "pal_already_linked"
        elif not location and not linked:
            expected = "pal_not_linked"
        elif day < last_day:
            expected = "effective_too_early"
        else:
            expected = "done"
            own.append((day, location))
        assert attempt(world, tenant, location, day) == expected
    state = world(IDENTITY, "dev-1")
    assert state is not None
    open_links = {it.tenant: it.location for it in state.links if it.ended_us == FOREVER_US}
    assert open_links == {
        tenant: own[-1][1] for tenant, own in history.items() if own and own[-1][1]
    }
