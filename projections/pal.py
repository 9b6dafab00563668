"""Fold of partner admin links: who is linked, joined with the Azure roles the customer gave.

One row of the holdings view per link and role, while both stand; where a link has no role, one row
without scope, which measures nothing (domain.md §6.2). Roles come directly or through a group, and
those delegated through Azure Lighthouse are measured by the link in the identity's home tenant. An
identity that is disabled or deleted has no rows meanwhile.

What an event costs: it joins anew the pairs of identity and tenant whose rows it can change, those
that are linked, and no others. A pair is one for a role or a link, as many as the group has linked
members for a group's role, as many as the identity has tenants for an identity's state. A link or
an identity's state costs the facts of that identity in that tenant; a role only those of the same
role on the same scope, so that many roles cost as many steps. Where things lie in the scope tree
changes no row.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from ledger.rules.azure_scope import subscription
from projections.pal_facts import Assignment, Link, PalFacts, Role
from projections.parties import Parties
from projections.record import Record
from projections.rules import RULES
from projections.slots import Slots
from projections.timeline import Holding, Span, without
from schemas.time import FOREVER_US

_Keep = Callable[[Record, str, str], None]
_BARE = (None, None)
"""The part of a link without a role: neither scope nor role."""


class Pal:
    """The links and roles of each identity in each tenant, and the holdings that follow."""

    def __init__(self, views: sqlite3.Connection, slots: Slots, parties: Parties) -> None:
        self._slots, self._parties = slots, parties
        self._facts = PalFacts(views, parties.home_of)

    def handlers(self) -> dict[str, Callable[[Record], None]]:
        """What this fold does about each type of event."""
        keep = self._facts
        return {
            "pal.linked.v1": lambda record: self._link(record, record.data["location"]),
            "pal.unlinked.v1": lambda record: self._link(record, None),
            "azure_role.assigned.v1": self._assigned,
            "azure_role.removed.v1": self._removed,
            "azure_role.assigned_to_group.v1": self._group_assigned,
            "azure_role.removed_from_group.v1": self._group_removed,
            "group.registered.v1": keep.group,
            "group.member_added.v1": lambda record: self._member(record, member=True),
            "group.member_removed.v1": lambda record: self._member(record, member=False),
            "identity.disabled.v1": lambda record: self._state(record, "disabled"),
            "identity.enabled.v1": lambda record: self._state(record, "active"),
            "identity.deleted.v1": lambda record: self._state(record, "deleted"),
            "scope.placed.v1": keep.placed,
        }

    def _link(self, record: Record, partner: str | None) -> None:
        self._facts.link(record, partner)
        identity, tenant = record.data["identity"], record.data["tenant"]
        at_home = self._parties.home_of(identity) == tenant
        delegated = self._facts.delegated_tenants(identity) if at_home else set()
        for each in sorted(delegated | {tenant}):
            self._join(identity, each, record)

    def _assigned(self, record: Record) -> None:
        self._given(record, "role_assignments", "identity", self._facts.assigned)

    def _removed(self, record: Record) -> None:
        self._given(record, "role_assignments", "identity", self._facts.removed)

    def mend(self, record: Record, at_us: int | None) -> bool:
        """Set one of these facts right, to another instant or to never; whether it was one."""
        of: str = record.data["of"]
        named = dict(tag.split(":", 1) for tag in record.data["about"])
        if not self._facts.mend(record, named, at_us):
            return False
        for identity, tenant in sorted(self._concerned(of, named)):
            self._join(identity, tenant, record)
        return True

    def _concerned(self, of: str, named: Mapping[str, str]) -> set[tuple[str, str]]:
        """The identities and tenants whose rows can change with a fact of this type."""
        family, who = of.partition(".")[0], named.get("identity", "")
        match family:
            case "scope":  # where things lie changes no row
                return set()
            case "identity":
                return {(who, tenant) for tenant in self._facts.tenants(who)}
            case "group":
                return {(who, each) for each in self._facts.tenants_of_group(named["group"])}
            case "azure_role" if "group" in named:
                return {(each, named["tenant"]) for each in self._facts.members(named["group"])}
            case "azure_role" | "pal":
                at_home = self._parties.home_of(who) == named["tenant"]
                delegated = self._facts.delegated_tenants(who) if at_home else set()
                return {(who, each) for each in delegated | {named["tenant"]}}
        return set()

    def _group_assigned(self, record: Record) -> None:
        self._given(record, "group_assignments", "group", self._facts.assigned)

    def _group_removed(self, record: Record) -> None:
        self._given(record, "group_assignments", "group", self._facts.removed)

    def _given(self, record: Record, table: str, sort: str, keep: _Keep) -> None:
        """A role was given or taken away: only what is measured by it can change."""
        data = record.data
        holder, tenant = data[sort], data["tenant"]
        told = Role(data["scope"], data["role"]) if "role" in data else None
        known = self._facts.role_and_scope(table, holder, data)
        role = told or known
        identities = [holder] if sort == "identity" else self._facts.members(holder)
        again = known is not None and known != role  # an id that was used before
        narrow = {
            one: links
            for one in identities
            if role and not again and (links := self._narrow(one, tenant)) is not None
        }
        before = {one: self._by_role(one, tenant, narrow[one], role) for one in narrow if role}
        keep(record, table, holder)
        for one in identities:
            if role and one in narrow:
                self._join_role((one, tenant), narrow[one], role, before[one], record)
            else:
                self._join(one, tenant, record)

    def _narrow(self, identity: str, tenant: str) -> Sequence[Link] | None:
        """The links by which each role measures for itself; None where more has to be seen.

        That is at home, with a link at home, and where a partner's location changed.
        """
        links, at_home = self._facts.links(identity, tenant)
        plain = not at_home and self._parties.home_of(identity) != tenant
        if plain and not any(link.partner and self._slots.changed(link.partner) for link in links):
            return links
        return None

    def _by_role(self, identity: str, tenant: str, links: Sequence[Link], role: Role) -> list[Span]:
        """What the links measure by one role on one scope."""
        if not links:
            return []
        given = [one for one in self._facts.given(identity, tenant, role) if not one.delegated]
        spans: list[Span] = []
        for link, end_us in _standing(links):
            who = (link.partner or "", self._parties.organisation_of(link.partner or ""))
            roles = [one for one in given if one.from_us < one.to_us]
            spans += _measured(link, end_us, roles, (identity, tenant), who)
        for off in self._facts.off(identity):
            spans = without(spans, *off)
        return spans

    def _join_role(
        self,
        key: tuple[str, str],
        links: Sequence[Link],
        role: Role,
        before: Sequence[Span],
        record: Record,
    ) -> None:
        """Settle the rows of one role on one scope, and those of a link that measures nothing."""
        after = self._by_role(*key, links, role)
        if before == after:
            return
        slot = f"pal:{key[0]}:{key[1]}"
        self._slots.settle_part(slot, role, after, record)
        bare = less(self._slots.part(slot, _BARE), after)
        for link, end_us in _standing(links):
            who = (link.partner or "", self._parties.organisation_of(link.partner or ""))
            holding = _holding(key, who, None, link.position, "pal_without_role")
            lost = [span for span in less(before, after) if link.at_us <= span.start_us < end_us]
            bare += [span._replace(holding=holding) for span in self._uncovered(key, lost)]
        self._slots.settle_part(slot, _BARE, _mended(bare), record)

    def _uncovered(self, key: tuple[str, str], spans: Sequence[Span]) -> list[Span]:
        """The spans less what other roles measure; those that last longest are asked first."""
        left = list(spans)
        if left:
            for one in self._facts.lasting(*key, min(span.start_us for span in left)):
                if not one.delegated:
                    left = without(left, one.from_us, one.to_us)
                if not left:
                    break
        return left

    def _member(self, record: Record, *, member: bool) -> None:
        self._facts.member(record, member=member)
        for tenant in self._facts.tenants_of_group(record.data["group"]):
            self._join(record.data["identity"], tenant, record)

    def _state(self, record: Record, state: str) -> None:
        self._facts.state(record, state)
        identity = record.data["identity"]
        for tenant in self._facts.tenants(identity):
            self._join(identity, tenant, record)

    def _join(self, identity: str, tenant: str, record: Record) -> None:
        """Settle the rows of an identity in a tenant by all that is known; nothing if unlinked."""
        links, at_home = self._facts.links(identity, tenant)
        # A link that was taken back may leave rows that have to go.
        if not links and not at_home and not self._slots.spans(f"pal:{identity}:{tenant}"):
            return
        key = (identity, tenant)
        spans = joined(
            Links(links, at_home, is_home=self._parties.home_of(identity) == tenant),
            self._facts.roles(identity, tenant),
            key,
            self._parties.organisation_of,
        )
        for off in self._facts.off(identity):
            spans = without(spans, *off)
        self._slots.settle(f"pal:{identity}:{tenant}", spans, record)


class Links(NamedTuple):
    """The links of an identity that matter in a tenant, by instant: made there, made at home."""

    here: Sequence[Link]
    at_home: Sequence[Link] = ()
    is_home: bool = False


def joined(
    links: Links,
    assignments: Iterable[Assignment],
    key: tuple[str, str],
    organisation_of: Callable[[str], str],
) -> list[Span]:
    """What links and roles of an identity in a tenant make together.

    A link stands until the next one of the same identity and tenant; linking anew replaces it. It
    measures the roles given in its tenant; one at home those that are delegated elsewhere.
    """
    roles = [role for role in assignments if role.from_us < role.to_us]
    delegated = [role for role in roles if role.delegated and not links.is_home]
    direct = [role for role in roles if not role.delegated or links.is_home]
    spans: list[Span] = []
    for link, end_us in _standing(links.here):
        who = (link.partner or "", organisation_of(link.partner or ""))
        measured = _measured(link, end_us, direct, key, who)
        spans += measured + _bare(link, end_us, measured, key, who, at_home=links.is_home)
    for link, end_us in _standing(() if links.is_home else links.at_home):
        who = (link.partner or "", organisation_of(link.partner or ""))
        spans += _unless_known(_measured(link, end_us, delegated, key, who), spans)
    return spans


def less(spans: Iterable[Span], others: Iterable[Span]) -> list[Span]:
    """The spans less what the others cover, whoever holds."""
    left = list(spans)
    for other in others:
        left = without(left, other.start_us, other.end_us)
    return left


def _mended(spans: Iterable[Span]) -> list[Span]:
    """The spans with pieces of one holding put together that touch."""
    whole: list[Span] = []
    for span in sorted(spans, key=lambda one: one.start_us):
        if whole and whole[-1].holding == span.holding and whole[-1].end_us == span.start_us:
            whole[-1] = whole[-1]._replace(end_us=span.end_us)
        else:
            whole.append(span)
    return whole


def _unless_known(new: Iterable[Span], known: Iterable[Span]) -> list[Span]:
    """The new spans, less what the same partner has by the same role on the same scope already."""
    found: list[Span] = []
    standing: dict[tuple[str | None, str | None, str], list[Span]] = {}
    for span in known:
        standing.setdefault(_what(span.holding), []).append(span)
    for span in new:
        left = [span]
        for other in standing.get(_what(span.holding), ()):
            left = without(left, other.start_us, other.end_us)
        found += left
    return found


def _what(holding: Holding) -> tuple[str | None, str | None, str]:
    return holding.scope, holding.role, holding.partner


def _standing(links: Sequence[Link]) -> list[tuple[Link, int]]:
    """The links that name a partner, each with the instant at which the next one follows."""
    ends = [link.at_us for link in links[1:]] + [FOREVER_US]
    pairs = zip(links, ends, strict=False)  # without a link there is still one end
    return [
        (link, end_us) for link, end_us in pairs if link.partner is not None and link.at_us < end_us
    ]


def _measured(
    link: Link,
    end_us: int,
    roles: Iterable[Assignment],
    key: tuple[str, str],
    who: tuple[str, str],
) -> list[Span]:
    spans: dict[tuple[str, str], list[Span]] = {}
    for role in roles:
        from_us, to_us = max(link.at_us, role.from_us), min(end_us, role.to_us)
        if from_us < to_us:
            because = max(link.position, role.position)
            new = [Span(_holding(key, who, role, because, "pal"), from_us, to_us)]
            # The same role on the same scope given twice measures once: the earlier one stands.
            known = spans.setdefault((role.scope, role.role), [])
            for span in known:
                new = without(new, span.start_us, span.end_us)
            known += new
    return [span for each in spans.values() for span in each]


def _bare(
    link: Link,
    end_us: int,
    measured: Iterable[Span],
    key: tuple[str, str],
    who: tuple[str, str],
    *,
    at_home: bool,
) -> list[Span]:
    """The link while it has no role here; at home always, for what it measures elsewhere."""
    rule = "pal_home" if at_home else "pal_without_role"
    bare = [Span(_holding(key, who, None, link.position, rule), link.at_us, end_us)]
    for span in () if at_home else measured:
        if not bare:
            break
        bare = without(bare, span.start_us, span.end_us)
    return bare


def _holding(
    key: tuple[str, str], who: tuple[str, str], role: Assignment | None, because: int, rule: str
) -> Holding:
    return Holding(
        kind="PAL",
        slot=f"pal:{key[0]}:{key[1]}",
        tenant=key[1],
        subscription=subscription(role.scope) if role else None,
        workload=None,
        activity=None,
        scope=role.scope if role else None,
        role=role.role if role else None,
        partner=who[0],
        organisation=who[1],
        claim=None,
        because=because,
        rule=RULES[rule],
    )
