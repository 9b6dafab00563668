"""Random histories of Azure: links, roles, groups, Lighthouse, identities that go, GDAP, CUA.

Valid means what the commands would accept, but for order: facts come in late and out of order.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from projections.record import Record
from schemas import associations, corrections, directory, gdap, parties, tracking
from schemas.catalogue import MODELS
from schemas.time import from_us
from tests.projections.memory_log import OTHER_TENANT, TENANT, MemoryLog, day, made

DAYS = 24

HOME = "00000000-0000-4000-8000-0000000000a1"
_LOCATIONS = ("101", "102", "201")
_TENANTS = (TENANT, HOME, OTHER_TENANT)
_SCOPES = (
    "/subscriptions/S-0",
    "/subscriptions/S-1/resourceGroups/one",
    "/providers/Microsoft.Management/managementGroups/production",
)
_IDENTITIES = ("dev-0", "app-1", "app-2")
"""The first has no home; the others live in HOME, one of them registered late."""

Wish = tuple[int, int, int, int]
"""Which kind of event, two choices among what there is, and an effective day."""


class AzureEstate:
    """A log that grows by wishes."""

    def __init__(self) -> None:
        self.log = MemoryLog()
        self._gone: set[str] = set()
        self._count = 0
        self._kinds: tuple[Callable[[int, int, int], None], ...] = (
            self._link,
            self._link,
            self._link,
            self._unlink,
            self._assign,
            self._assign,
            self._assign,
            self._unassign,
            self._assign_group,
            self._assign_group,
            self._member,
            self._member,
            self._member,
            self._leave,
            self._state,
            self._state,
            self._delete,
            self._place,
            self._request,
            self._approve,
            self._extend,
            self._terminate,
            self._deploy,
            self._end_deployment,
            self._correct,
            self._retract,
        )
        for identity in _IDENTITIES[:2]:
            self._register(identity)
        for group in ("G-0", "G-1"):
            self._add(directory.GroupRegistered, 0, group=group, tenant=HOME, name=group)

    def wish(self, kind: int, one: int, two: int, on: int) -> None:
        """Append the event wished for, if a ledger would accept it."""
        self._kinds[kind % len(self._kinds)](one, two, on % (DAYS - 1))

    def _add(self, model: Any, on: int, **fields: Any) -> None:
        self.log.add(made(model, **fields), on=on, recorded=len(self.log.records) / 7)

    def _register(self, identity: str) -> None:
        home = {"home_tenant": HOME} if identity != "dev-0" else {}
        who = {"identity": identity, "kind": "user", "location": "101"}
        self._add(parties.IdentityRegistered, 0, **who, **home)

    def _had(self, type_name: str, **fields: str) -> dict[str, Any] | None:
        found = (
            record.data
            for record in self.log.records
            if record.type == type_name and fields.items() <= record.data.items()
        )
        return next(found, None)

    def _identity(self, one: int) -> str:
        identity = _IDENTITIES[one % 3]
        if self._had("identity.registered.v1", identity=identity) is None:
            self._register(identity)
        return identity

    def _link(self, one: int, two: int, on: int) -> None:
        who = {"identity": self._identity(one), "tenant": _TENANTS[two % 4 % 3 if two > 2 else 1]}
        self._add(associations.PalLinked, on, **who, location=_LOCATIONS[one % 2 + two % 2])

    def _unlink(self, one: int, two: int, on: int) -> None:
        who = {"identity": self._identity(one), "tenant": _TENANTS[two % 3]}
        self._add(associations.PalUnlinked, on, **who, location=_LOCATIONS[two % 3])

    def _role(self, one: int, two: int) -> dict[str, Any]:
        self._count += 1
        return {
            "assignment": f"A-{self._count}",
            "tenant": _TENANTS[(one % 4) // 2 * 2],
            "role": ("Owner", "Reader")[two % 2],
            "scope": _SCOPES[(one + two) % 3],
            "through": "lighthouse" if two % 2 == 0 else None,
        }

    def _assign(self, one: int, two: int, on: int) -> None:
        identity = self._identity(two)
        self._add(associations.AzureRoleAssigned, on, identity=identity, **self._role(one, two))

    def _assign_group(self, one: int, two: int, on: int) -> None:
        group = f"G-{two % 2}"
        self._add(associations.AzureRoleAssignedToGroup, on, group=group, **self._role(one, two))

    def _unassign(self, one: int, _: int, on: int) -> None:
        if not self._count:
            return
        name = f"A-{one % self._count + 1}"
        if any(
            r.type.startswith("azure_role.removed") and r.data["assignment"] == name
            for r in self.log.records
        ):
            return  # a role that was removed can't be removed again
        given = next(r.data for r in self.log.records if r.data.get("assignment") == name)
        who = {"assignment": name, "tenant": given["tenant"]}
        if "group" in given:
            self._add(associations.AzureRoleRemovedFromGroup, on, group=given["group"], **who)
        else:
            self._add(associations.AzureRoleRemoved, on, identity=given["identity"], **who)

    def _member(self, one: int, two: int, on: int) -> None:
        membership = {"group": f"G-{two % 2}", "identity": self._identity(one)}
        self._add(directory.GroupMemberAdded, on, **membership)

    def _leave(self, one: int, two: int, on: int) -> None:
        membership = {"group": f"G-{two % 2}", "identity": self._identity(one)}
        self._add(directory.GroupMemberRemoved, on, **membership)

    def _state(self, one: int, two: int, on: int) -> None:
        identity = self._identity(one)
        if identity not in self._gone:
            model = (directory.IdentityDisabled, directory.IdentityEnabled)[two % 2]
            self._add(model, on, identity=identity, location="101")

    def _delete(self, one: int, two: int, on: int) -> None:
        identity = self._identity(one)
        if identity not in self._gone and two % 3 == 0:
            self._gone.add(identity)
            self._add(directory.IdentityDeleted, on, identity=identity, location="101")

    def _place(self, one: int, two: int, on: int) -> None:
        what = {"subscription": f"S-{one % 2}", "parent": ("production", None)[two % 2]}
        self._add(directory.ScopePlaced, on, tenant=TENANT, **what)

    def _relationship(self, one: int) -> dict[str, Any]:
        location = _LOCATIONS[one % 3]
        return {"relationship": f"R-{one % 3}", "tenant": TENANT, "location": location}

    def _request(self, one: int, two: int, on: int) -> None:
        about = self._relationship(one)
        if self._had("gdap.requested.v1", relationship=about["relationship"]) is None:
            lapses, roles = from_us(day(on + 90)), ["Global Reader"]
            self._add(
                gdap.GdapRequested, on, **about, roles=roles, duration_days=two + 1, lapses=lapses
            )

    def _approve(self, one: int, _: int, on: int) -> None:
        about = self._relationship(one)
        named = {"relationship": about["relationship"]}
        self._request(one, one, on)
        if self._had("gdap.terminated.v1", **named):
            return
        asked = self._had("gdap.requested.v1", **named)
        if asked and self._had("gdap.approved.v1", **named) is None:
            until = from_us(day(on + asked["duration_days"]))
            self._add(gdap.GdapApproved, on, **about, roles=asked["roles"], until=until)

    def _extend(self, one: int, two: int, on: int) -> None:
        self._approve(one, two, on)
        about = self._relationship(one)
        named = {"relationship": about["relationship"]}
        approved = self._had("gdap.approved.v1", **named)
        extended = self._had("gdap.extended.v1", **named)
        if approved is None or extended or self._had("gdap.terminated.v1", **named):
            return
        ended = made(gdap.GdapApproved, **approved).until
        until = from_us(round(ended.timestamp() * 1_000_000) + (two + 1) * 86_400_000_000)
        at_end = round((ended.timestamp() * 1_000_000 - day(0)) / 86_400_000_000)
        self._add(gdap.GdapExtended, at_end, **about, until=until, ended=ended)

    def _terminate(self, one: int, two: int, on: int) -> None:
        about = self._relationship(one)
        named = {"relationship": about["relationship"]}
        if self._had("gdap.requested.v1", **named) and not self._had("gdap.terminated.v1", **named):
            by = ("customer", "partner")[two % 2]
            self._add(gdap.GdapTerminated, on, **about, by=by)

    def _deploy(self, one: int, two: int, on: int) -> None:
        deployment, number = f"D-{two}", one % 3
        about = {"tracking_id": f"{number}" * 8, "location": _LOCATIONS[number]}
        about["kind"] = ("cua", "tracked_template", "marketplace")[number]
        if self._had("tracking_id.registered.v1", tracking_id=about["tracking_id"]) is None:
            self._add(tracking.TrackingIdRegistered, 0, **about, description="A product")
        if self._had("deployment.reported.v1", deployment=deployment) is None:
            place = {"tenant": TENANT, "subscription": "S-0", "scope": _SCOPES[0]}
            self._add(
                tracking.DeploymentReported,
                on,
                **about,
                **place,
                deployment=deployment,
                automatic=False,
            )

    def _end_deployment(self, _: int, two: int, on: int) -> None:
        deployment = f"D-{two}"
        reported = self._had("deployment.reported.v1", deployment=deployment)
        if reported and self._had("deployment.ended.v1", deployment=deployment) is None:
            about = {name: reported[name] for name in ("tracking_id", "location", "tenant")}
            self._add(tracking.DeploymentEnded, on, deployment=deployment, **about)

    def _correct(self, one: int, two: int, on: int) -> None:
        self._mend(one, two, corrections.FactCorrected, {"now": from_us(day(on))})

    def _retract(self, one: int, two: int, _: int) -> None:
        self._mend(one, two, corrections.FactRetracted, {})

    def _mend(self, one: int, two: int, model: Any, said: dict[str, Any]) -> None:
        """Set right one of the facts of Azure that was not taken back."""
        taken = {r.data["fact"] for r in self.log.records if r.type == "fact.retracted.v1"}
        found = [p for p in mendable(self.log) if p not in taken]
        if found:
            fact = self.log.event_at(found[(one * 12 + two) % len(found)])
            self._add(model, 0, **said, **about(fact))


MENDABLE = (
    *("pal.", "azure_role.", "group.member", "scope.", "deployment."),
    *("identity.disabled", "identity.enabled", "identity.deleted"),
)


def mendable(log: MemoryLog) -> list[int]:
    """The positions of facts that can be set right, whatever their day, without more ado."""
    return [record.position for record in log.records if record.type.startswith(MENDABLE)]


def about(fact: Record) -> dict[str, Any]:
    """What a correction says of the fact."""
    event = MODELS[fact.type].model_validate(fact.data)
    told = {"fact": fact.position, "of": fact.type, "about": event.tags(), "reason": "An error."}
    return {**told, "was": from_us(fact.effective_at_us)}


def grown(wishes: list[Wish]) -> MemoryLog:
    """The log that a list of wishes leads to."""
    estate = AzureEstate()
    for wish in wishes:
        estate.wish(*wish)
    return estate.log


_small = st.integers(0, 11)
azure_histories = st.lists(
    st.tuples(st.integers(0, 25), _small, _small, st.integers(0, DAYS - 2)),
    min_size=15,
    max_size=60,
).map(grown)
"""Logs of some thirty events."""
