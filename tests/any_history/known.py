"""What the log of a random history has told so far, and who there is from the beginning."""

from __future__ import annotations

from typing import Any

from ledger.rules import corrections
from projections.record import Record

HOUR_US = 3_600_000_000
WORKLOADS = ("exchange", "teams", "sharepoint", "intune")
LOCATIONS = ("101", "102", "201", "301")
ORGANISATION = {"101": "100", "102": "100", "201": "200", "301": "300"}
PEOPLE = ("operator", "reviewer", "auditor", "nobody", "user-101", "admin-100", "incentives-201")
NICKNAME = {
    "00000000-0000-4000-8000-0000000000c1": "contoso",
    "00000000-0000-4000-8000-0000000000f1": "fabrikam",
}
TENANT = {name: tenant for tenant, name in NICKNAME.items()}

_ORDINARY = {
    "state",
    "policy",
    "name",
    "title",
    "comment",
    "reason",
    "domain",
    "country",
    "zone",
    "role",
    "kind",
    "outcome",
    "how",
    "activity",
    "solution_area",
    "calendar",
}
"""Fields that are told as text but name nothing one could point at."""


class Known:
    """What the log has told so far: names by their kind, and claims by their state."""

    def __init__(self) -> None:
        self.names: dict[str, list[str]] = {}
        self.owner: dict[str, str] = {}
        self.tenant: dict[str, str] = {}
        self.slots: dict[str, list[str]] = {}
        self.told: dict[str, list[dict[str, Any]]] = {}
        self.lately = ""
        self.facts: list[int] = []
        self.author: dict[int, str] = {}
        self.keys: list[str] = []
        self._fresh = 0

    def learn(self, record: Record) -> None:
        """Remember the names an event tells, and whose a claim or subscription is."""
        for name, value in record.data.items():
            if isinstance(value, str) and len(value) < 60 and name not in _ORDINARY:
                known = self.names.setdefault(name, [])
                if value not in known:
                    known.append(value)
        data = record.data
        if record.type in ("claim.submitted.v1", "claim.imported.v1"):
            self.owner[data["claim"]] = data["location"]
            self.slots[data["claim"]] = [slot["slot"] for slot in data["slots"]]
        if record.type in corrections.table():
            self.facts.append(record.position)
            self.author[record.position] = record.actor
        self.keys += [one["key"] for one in data.values() if isinstance(one, dict) and "key" in one]
        self.lately = record.type.partition(".")[0]
        self.told.setdefault(record.type.partition(".")[0], []).append(data)
        for kind in ("claim", "subscription", "agreement"):
            if kind in data and "tenant" in data:
                self.tenant[data[kind]] = data["tenant"]

    def fresh(self, kind: str) -> str:
        """A name nobody used before."""
        self._fresh += 1
        if kind == "tracking_id":
            return f"pid-00000000-0000-4000-8000-{self._fresh:012x}"
        if kind == "tenant":
            return f"00000000-0000-4000-8000-{self._fresh:012x}"
        return f"{kind[:2]}-{self._fresh}"
