"""Random lives of claims: partners, reviewers, the customer and the clock in any order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from ledger.commands import catalogue
from ledger.refusal import Refused
from schemas.time import iso
from tests.claims import CLOCK, CUSTOMER, HOUR_US, REVIEWER, Claims, admin, claims, m365, proof

WORKLOADS = ("exchange", "teams")
CLAIMS = ("C-1", "C-2", "C-3", "C-4")
LOCATION = {"C-1": "101", "C-2": "201", "C-3": "102", "C-4": "201"}

Step = tuple[str, str, dict[str, Any]]


def _on(name: str, actor: str, /, **more: Any) -> st.SearchStrategy[Step]:
    return st.sampled_from(CLAIMS).map(lambda claim: (name, actor, {"claim": claim, **more}))


def _as_partner(name: str, /, **more: Any) -> st.SearchStrategy[Step]:
    return st.sampled_from(CLAIMS).map(
        lambda claim: (name, admin(LOCATION[claim]), {"claim": claim, **more})
    )


_slots = st.sampled_from([["exchange"], ["teams"], ["exchange", "teams"]])
_back = st.sampled_from([None, None, None, 1, 24, 24 * 20])

_some = st.sampled_from([None, None, [m365("exchange")], [m365("teams")]])

_contest = st.one_of(
    st.tuples(st.just("approve"), st.sampled_from(CLAIMS), _some.map(lambda s: {"slots": s})),
    st.tuples(st.just("approve"), st.sampled_from(CLAIMS), _back.map(lambda h: {"back": h})),
    st.tuples(st.just("win"), st.sampled_from(CLAIMS), _back.map(lambda h: {"back": h})),
    _as_partner("claim.dispute", justification="See page 2."),
    _on("consent.decline", CUSTOMER),
    _on("consent.confirm", CUSTOMER, how="portal"),
)
"""The steps by which holders come and go: drawn as often as all others together."""

_others = st.one_of(
    st.tuples(st.just("submit"), st.sampled_from(CLAIMS), _slots.map(lambda w: {"workloads": w})),
    _on("claim.start_review", REVIEWER),
    _on("arbitration.open", REVIEWER),
    _as_partner("arbitration.answer", statement="We work there."),
    _as_partner("arbitration.answer", statement="We work there.", proof=proof("2021-02-28")),
    _on("arbitration.decide", REVIEWER, outcome="incumbent_stays", reason="Compared."),
    _on("claim.reject", REVIEWER, reason="wrong_details", comment="Wrong."),
    _on("claim.reject", REVIEWER, reason="partner_request", comment="They asked."),
    _on("claim.reject", REVIEWER, reason="wrong_details", comment="No.", slots=[m365("teams")]),
    _on("claim.start_review", REVIEWER),
    _on("claim.request_action", REVIEWER, deficiencies=["all_missing"], comment="More."),
    _as_partner("claim.resubmit", proof=proof()),
    _slots.flatmap(lambda named: _as_partner("claim.amend", workloads=named)),
    _as_partner("claim.comment", comment="Soon."),
    _as_partner("claim.disassociate", reason="no_longer_working"),
    _as_partner("claim.disassociate", reason="no_longer_working", slots=[m365("teams")]),
    _on("consent.bounce", REVIEWER),
)

_steps = st.booleans().flatmap(lambda contest: _contest if contest else _others)

_rivalry = st.one_of(
    st.sampled_from(CLAIMS[1:3]).map(lambda claim: ("win", claim, {"back": None})),
    st.sampled_from(CLAIMS[1:3]).map(lambda claim: ("consent.decline", CUSTOMER, {"claim": claim})),
)

_any_time = st.tuples(st.sampled_from([0, 0, 1, 30, 24 * 9]), _steps)
_in_windows = st.tuples(st.sampled_from([0, 0, 0, 1, 30, 24 * 5]), _rivalry | _steps)

plans = st.one_of(
    st.lists(_any_time, min_size=12, max_size=30), st.lists(_in_windows, min_size=8, max_size=24)
)
"""What happens to three claims under review for two slots: hours that pass, and a step.

Half of them stay mostly within the first windows, where rivals win and are declined.
"""

Plan = list[tuple[int, Step]]


def play(policy: str, plan: Plan) -> Iterator[Claims]:
    """The world after every step that was not refused."""
    world = claims(policy)
    for claim in CLAIMS[:3]:
        # The third wants one slot only, so that it can take a part of what another holds.
        world.submit(claim, LOCATION[claim], *(WORKLOADS if claim != "C-3" else WORKLOADS[1:]))
        world.review(claim)
    world.approve("C-1")
    yield world
    for hours, step in plan:
        world.now_us += hours * HOUR_US
        _let_lapse(world)
        try:
            _take(world, step)
        except Refused:
            continue
        yield world


def _let_lapse(world: Claims) -> None:
    """Record what is due, as the writer does before each group; it can never be refused."""
    for key, name, due_us, _ in world.running():
        if due_us <= world.now_us:
            command, field = catalogue.LAPSES[name]
            waits = {field: key.removeprefix(f"{name}:")}
            fact = world.do(command, CLOCK, **waits, name=name)
            assert fact.effective_at_us == due_us
            assert (key, None) in [(one.key, one.due_us) for one in fact.event.timers()]


def _take(world: Claims, step: Step) -> None:
    name, who, data = step
    if name == "submit":
        world.submit(who, LOCATION[who], *data["workloads"])
        world.review(who)
    elif name in ("approve", "win"):
        _decide(world, name, who, data.get("back"), data.get("slots"))
    else:
        world.do(name, who, **data)


def _decide(
    world: Claims, name: str, claim: str, hours_back: int | None, slots: list[str] | None
) -> None:
    early: dict[str, Any] = {}
    if hours_back is not None:
        early["effective_at"] = iso(world.now_us - hours_back * HOUR_US)
    if name == "win":
        world.arbitrate(claim, "challenger_wins", **early)
    else:
        because: dict[str, Any] = {"back_dated_because": "Earlier work."} if early else {}
        some = {"slots": slots} if slots else {}
        world.approve(claim, **early, **because, **some)
