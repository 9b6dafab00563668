"""Which rules were in force as known at a position, read from the log that adopted them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ledger.log.query import Query, QueryItem
from ledger.log.reader import Reader
from ledger.rules import incentives, role_table
from ledger.rules.incentives import Incentive
from ledger.rules.role_table import Row
from schemas import catalogue
from schemas.access import RolesAdopted
from schemas.enrolment import IncentiveAdopted
from schemas.event import Event

SHIPPED = "shipped"


def role_table_at(reader: Reader, position: int) -> tuple[str, Mapping[str, Row]]:
    """The name and the rows of the role table in force at a position."""
    name, rows = SHIPPED, dict(role_table.table())
    for event in _events(reader, RolesAdopted.TYPE, position):
        assert isinstance(event, RolesAdopted), "the query asks for adoptions only"
        adopted = event.content["rows"]
        changed = {command: Row.model_validate(row) for command, row in adopted.items()}
        rows = {**role_table.table(), **changed}
        name = event.roles
    return name, rows


def incentive_at(reader: Reader, programme: str, position: int) -> Incentive:
    """An incentive programme as known at a position; refused where there is none of that name."""
    known = dict(incentives.table())
    for event in _events(reader, IncentiveAdopted.TYPE, position):
        assert isinstance(event, IncentiveAdopted), "the query asks for adoptions only"
        known[event.programme] = incentives.parse(event.content)
    if programme not in known:
        raise incentives.unknown(programme, known)
    return known[programme]


def _events(reader: Reader, type_name: str, position: int) -> Iterator[Event]:
    for stored in reader.read(Query((QueryItem((type_name,)),)), upto=position):
        yield catalogue.decode(stored.type, stored.data)
