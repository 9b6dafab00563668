"""The delegations of a tenant: the latest of each location, whatever happened to the others."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ledger.decision import Fact
from ledger.decision_models.delegated_admin import DELEGATIONS, Delegation
from schemas.associations import DelegatedAdminEnded, DelegatedAdminGranted
from schemas.time import FOREVER_US, from_us
from tests.builders import CONTOSO

LOCATIONS = ("101", "102", "201")

changes = st.lists(
    st.tuples(
        st.sampled_from(LOCATIONS),
        st.sampled_from(["DAP", "GDAP", "end"]),
        st.integers(0, 100),
    )
)


@given(changes)
def test_each_location_has_its_own_latest_delegation(
    history: list[tuple[str, str, int]],
) -> None:
    """The fold of all events gives what the events of one location alone would give."""
    state = DELEGATIONS.start
    own: dict[str, Delegation] = {}
    for position, (location, kind, at_us) in enumerate(history, 1):
        event: DelegatedAdminGranted | DelegatedAdminEnded
        if kind == "end":
            event = DelegatedAdminEnded(tenant=CONTOSO, location=location)
            if location in own:
                own[location] = own[location]._replace(until_us=at_us)
        elif kind == "DAP":
            event = DelegatedAdminGranted(tenant=CONTOSO, location=location, kind="DAP")
            own[location] = Delegation(location, "DAP", at_us, FOREVER_US)
        else:
            until = from_us(at_us + 7)
            event = DelegatedAdminGranted(
                tenant=CONTOSO, location=location, kind="GDAP", roles=("Reader",), until=until
            )
            own[location] = Delegation(location, "GDAP", at_us, at_us + 7, at_us + 7)
        state = DELEGATIONS.apply(state, Fact(position, event, at_us, at_us, "operator"))
    for location in LOCATIONS:
        assert state.of(location) == own.get(location)
