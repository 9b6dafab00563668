"""What holds at the end of any history, at every position and every effective instant of it."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ledger.decision import Facts
from ledger.decision_models.claim import Claim
from ledger.decision_models.policy import policy_of
from ledger.decision_models.subscription import SUBSCRIPTION
from ledger.rules.standing import claim_now, deleted_us, slot_now
from projections import holder_queries
from projections import views as store
from projections.runner import Views, catch_up
from schemas.time import FOREVER_US, from_iso, iso
from tests.projections.reference_holders import holders

if TYPE_CHECKING:
    from tests.any_history.machine import AnyHistory

EXCLUSIVE = ("CPOR", "DPOR", "CSP_T1")
"""Kinds of which a slot has one holder (domain.md §6: cardinality)."""

_TWO_AT_ONCE = """
SELECT a.slot, a.partner, b.partner FROM holdings a JOIN holdings b
  ON a.slot = b.slot AND a.row_id < b.row_id
WHERE a.kind IN ({kinds})
  AND a.known_from < b.known_to AND b.known_from < a.known_to
  AND a.effective_from < b.effective_to AND b.effective_from < a.effective_to
"""
_EMPTY = """
SELECT slot FROM holdings WHERE effective_from >= effective_to OR known_from >= known_to
"""
_SPANS = """
SELECT claim, effective_from, effective_to FROM holdings
WHERE slot = ? AND known_to = 9223372036854775807 ORDER BY effective_from
"""


def hold(history: AnyHistory) -> None:
    """Every one of them; an ``AssertionError`` says which does not."""
    one_holder(history)
    consent_comes_first(history)
    disputes_are_few(history)
    rivals_change_at_one_instant(history)
    deadlines_are_in_order(history)
    every_timer_is_a_deadline(history)
    rebuild_equals_live(history)
    decisions_see_what_views_show(history)
    naive_model_agrees(history)
    replay_gives_the_same(history)


def one_holder(history: AnyHistory) -> None:
    """An exclusive slot has at most one holder, as known at any position, at any instant."""
    views = history.views.connection
    kinds = ", ".join(f"'{kind}'" for kind in EXCLUSIVE)
    assert not views.execute(_TWO_AT_ONCE.format(kinds=kinds)).fetchall(), "two at once"
    assert not views.execute(_EMPTY).fetchall(), "a holding of no length"


def consent_comes_first(history: AnyHistory) -> None:
    """Nothing is shown as held before its claim was approved, nor before a yes where one is due.

    Under explicit consent the yes has to be known when the holding is, and true when it begins.
    """
    approved, yes, explicit = set(), {}, {}
    begun: dict[tuple[str, int], tuple[bool, int]] = {}
    for record in history.records:
        data = record.data
        if record.type == "consent.confirmed.v1":
            yes[data["claim"]] = record
        if record.type == "consent.declined.v1":
            yes.pop(data["claim"], None)
        if record.type == "claim.imported.v1":
            approved.add(data["claim"])
            explicit[data["claim"]] = False  # whatever its policy asks for was asked elsewhere
        if record.type == "claim.approved.v1":
            approved.add(data["claim"])
            explicit[data["claim"]] = data["consent_mode"] == "explicit"
        if record.type == "arbitration.decided.v1" and data["outcome"] == "challenger_wins":
            approved.add(data["challenger"]["claim"])
            explicit[data["challenger"]["claim"]] = data["consent_mode"] == "explicit"
        for claim in approved:
            said = yes.get(claim)
            allowed = not explicit[claim] or said is not None
            begun[claim, record.position] = (allowed, said.effective_at_us if said else 0)
    sql = "SELECT claim, because, effective_from FROM holdings WHERE claim IS NOT NULL"
    for claim, because, effective_from in history.views.connection.execute(sql):
        assert (claim, because) in begun, f"{claim} holds without approval"
        allowed, since_us = begun[claim, because]
        assert allowed, f"{claim} holds without the customer's yes"
        if explicit[claim]:
            assert effective_from >= since_us, f"{claim} holds from before the customer's yes"


_BEGINNINGS = ("claim.submitted.v1", "claim.imported.v1")


def disputes_are_few(history: AnyHistory) -> None:
    """No claim is disputed more often than its policy allows: never twice under P2023."""
    counted = Counter(r.data["claim"] for r in history.records if r.type == "claim.disputed.v1")
    policies = {r.data["claim"]: r.data["policy"] for r in history.records if r.type in _BEGINNINGS}
    for claim, count in counted.items():
        most = policy_of(history.ledger.deciding.facts, policies[claim]).dispute.most
        assert count <= most, f"{claim} was disputed {count} times"


def rivals_change_at_one_instant(history: AnyHistory) -> None:
    """Where a challenger wins, it holds from the instant at which the loser does no longer."""
    for record in history.records:
        data = record.data
        if record.type != "arbitration.decided.v1" or data["outcome"] != "challenger_wins":
            continue
        winner, losers = data["challenger"]["claim"], {x["claim"] for x in data["incumbents"]}
        at_us = record.effective_at_us
        for slot in data["slots"]:
            before = _held(history, slot, at_us, record.position - 1)
            after = _held(history, slot, at_us, record.position)
            assert after <= {winner}, f"{slot} went to {after}"
            assert before <= losers, f"{slot} was held by {before}"


def _held(history: AnyHistory, slot: str, at_us: int, known: int) -> set[str]:
    rows = holder_queries.holders(
        history.views.connection, effective_us=at_us, known=known, slot=slot
    )
    return {row["claim"] for row in rows}


def deadlines_are_in_order(history: AnyHistory) -> None:
    """Deadlines lie after what set them; a lapse at its deadline, recorded then or later."""
    for record in history.records:
        data = record.data
        for name in ("review_due", "decision_due", "answer_due", "consent_closes"):
            if data.get(name) and not data.get("restored"):
                assert from_iso(data[name]) > record.effective_at_us, name
        if record.type in ("claim.lapsed.v1", "consent.passed.v1"):
            due_us = from_iso(data["due"])
            assert due_us == record.effective_at_us <= record.recorded_at_us
    sql = "SELECT due_us FROM deadlines WHERE effect AND name <> 'dispute'"
    head_us = history.ledger.head.recorded_at_us
    for (due_us,) in history.views.connection.execute(sql):
        assert due_us > head_us, "a deadline with an effect has passed and stands"


def every_timer_is_a_deadline(history: AnyHistory) -> None:
    """What the clock will record is what is awaited with an effect, and nothing else is.

    Of a claim that is over nothing is awaited, nor of a holder that is gone: that their time has
    passed is recorded all the same, without effect.
    """
    views = history.views.connection
    over = {claim for (claim,) in views.execute("SELECT claim FROM claims WHERE state = 'ended'")}
    head_us = history.ledger.head.recorded_at_us
    timers = sorted(
        (timer.name, timer.due_us)
        for timer in history.ledger.index.due(2**62, limit=10_000)
        if timer.due_us > head_us
        and timer.name != "incumbent"
        and timer.key.partition(":")[2] not in over
    )
    sql = (
        "SELECT name, due_us FROM deadlines WHERE effect"
        " AND name NOT IN ('dispute', 'incumbent_answer') ORDER BY 1, 2"
    )
    awaited = views.execute(sql).fetchall()
    only = set(awaited).symmetric_difference(timers)
    assert awaited == timers, f"awaited or timed, not both: {only}"


def rebuild_equals_live(history: AnyHistory) -> None:
    """The views that followed event by event are those of one rebuild, row by row."""
    with closing(Views(Path(":memory:"))) as again:
        catch_up(history.source, again)
        live, made = (list(store.dump(v.connection)) for v in (history.views, again))
        assert live == made


def decisions_see_what_views_show(history: AnyHistory) -> None:
    """The models that decisions read and the views agree about slots and claims."""
    views, facts = history.views.connection, history.ledger.deciding.facts
    slots = {name for names in history.known.slots.values() for name in names}
    for slot in slots:
        spans = [(one.claim, one.since_us, one.until_us) for one in slot_now(facts, slot).holdings]
        shown = _joined(views.execute(_SPANS, (slot,)).fetchall())
        seen = _joined([span for span in spans if span[1] < span[2]])
        assert shown == seen, f"{slot} is shown as {shown}, decisions see {seen}"
        assert sum(until_us == FOREVER_US for *_, until_us in shown) <= 1
    for claim, state in views.execute("SELECT claim, state FROM claims"):
        found = claim_now(facts, claim)
        assert found is not None
        assert state == found.state or (state == "ended" and _over(facts, found)), (
            f"{claim} is {found.state} for decisions, and shown as {state}"
        )


def _over(facts: Facts, claim: Claim) -> bool:
    """Whether the claim's location was deleted, or one of its subscriptions ended."""
    subscriptions = [facts(SUBSCRIPTION, s.subscription) for s in claim.slots if s.subscription]
    ended = any(one is not None and not one.active for one in subscriptions)
    return ended or deleted_us(facts, claim) != FOREVER_US


def _joined(spans: list[tuple[str, int, int]]) -> list[tuple[str, int, int]]:
    """Spans of one claim that follow each other as one: it went on at another location."""
    found: list[tuple[str, int, int]] = []
    for claim, since_us, until_us in spans:
        if found and found[-1][0] == claim and found[-1][2] == since_us:
            since_us = found.pop()[1]  # noqa: PLW2901  it reaches further back
        found.append((claim, since_us, until_us))
    return found


def naive_model_agrees(history: AnyHistory) -> None:
    """Lists and loops say the same of who holds what: at all instants, and as known before."""
    instants = sorted({record.effective_at_us for record in history.records})
    head = len(history.records)
    asked = [(at_us, head) for at_us in instants[-12:]]
    asked += [(instants[-1 - n % len(instants)], head - n) for n in range(2, head, 9)]
    names = ("kind", "slot", "partner", "claim", "scope", "role")
    for at_us, known in asked:
        rows = holder_queries.holders(history.views.connection, effective_us=at_us, known=known)
        shown = Counter(tuple(row[name] for name in names) for row in rows)
        naive = Counter(holders(history.records, on=at_us, known=known))
        assert shown == naive, (
            f"at {iso(at_us)} as known at {known} only the views show {list(shown - naive)},"
            f" only lists and loops {list(naive - shown)}"
        )


def replay_gives_the_same(history: AnyHistory) -> None:
    """The same commands again, in groups of another size, lead to the same holders."""
    if any(record.type == "person.erased.v1" for record in history.records):
        return  # the keys of persons are drawn anew, so it would be refused, and positions shift
    first = told(history.views.connection)
    group = 1 + len(history.requests) // 3
    assert history.replayed(group=group) == first


def told(views: sqlite3.Connection) -> dict[str, Any]:
    """Who holds what from when to when, and how each claim stands."""
    holdings = (
        "SELECT kind, slot, partner, claim, role, scope, effective_from, effective_to"
        " FROM holdings WHERE known_to = 9223372036854775807"
    )
    claims = "SELECT claim, state, consent, disputes, deadline, deadline_us FROM claims"
    return {
        "holdings": sorted(map(repr, views.execute(holdings))),
        "claims": sorted(map(repr, views.execute(claims))),
    }
