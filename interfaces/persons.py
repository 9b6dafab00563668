"""The persons whose contacts the ledger holds: their keys, and what uses them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from ledger.log.query import Query, QueryItem
from ledger.log.reader import Reader
from schemas import catalogue
from schemas.drafts import ClaimDrafted, ClaimDraftEdited
from schemas.persons import PersonErased
from schemas.values import Sealed

_DRAFTS = (ClaimDrafted.TYPE, ClaimDraftEdited.TYPE)


class Use(NamedTuple):
    """One contact in one event: under which key, where, and whose claim it is about."""

    key: str
    place: str
    sealed: Sealed
    position: int
    type: str
    recorded_at_us: int
    claim: str
    partner: str
    tenant: str

    def about(self) -> dict[str, Any]:
        """What decides who may see it; a contact of a draft is seen by who sees the draft."""
        whose = {"partner": self.partner, "tenant": self.tenant, "claim": self.claim}
        return whose | {"state": "draft"} if self.type in _DRAFTS else whose


@cache
def sealing_types() -> tuple[str, ...]:
    """The types of events that hold contacts, every released version of them."""
    models = [event for event in catalogue.EVENTS if _seals(event)]
    return tuple(name for event in models for name in catalogue.versions(event.TYPE))


def _seals(model: Any) -> bool:
    return Sealed.__name__ in model.model_json_schema().get("$defs", {})


def uses(reader: Reader, *, claim: str | None = None) -> Iterator[Use]:
    """Every contact in the log, in order of position; of one claim where that is given."""
    tags = (f"claim:{claim}",) if claim else ()
    for stored in reader.read(Query((QueryItem(sealing_types(), tags),))):
        _, data = catalogue.decode_plain(stored.type, stored.data)
        for place, sealed in _sealed(data):
            yield Use(
                sealed.key,
                place,
                sealed,
                stored.position,
                stored.type,
                stored.recorded_at_us,
                data.get("claim", ""),
                data.get("location", ""),
                data.get("tenant", ""),
            )


def _sealed(data: dict[str, Any]) -> Iterator[tuple[str, Sealed]]:
    for name, value in data.items():
        if not isinstance(value, dict):
            continue
        if value.keys() == {"key", "box"}:
            yield name, Sealed.model_validate(value)
        else:
            yield from _sealed(value)


def erased(reader: Reader) -> dict[str, int]:
    """The keys that were erased, and at which position."""
    found = {}
    for stored in reader.read(Query((QueryItem((PersonErased.TYPE,)),))):
        event = catalogue.decode(stored.type, stored.data)
        assert isinstance(event, PersonErased), "the query asks for erasures only"
        found[event.key] = stored.position
    return found
