"""Which rules were in force as known at a position, read from the log that adopted them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ledger.log.query import Query, QueryItem
from ledger.log.reader import Reader
from ledger.rules import incentives, role_table
from ledger.rules.incentive_programmes import files as programme_file
from ledger.rules.incentives import Incentive
from ledger.rules.role_table import Row
from projections.incentives import rule_book
from projections.incentives.rule_book import Rule, RuleBook
from schemas import catalogue
from schemas.access import RolesAdopted
from schemas.enrolment import IncentiveAdopted
from schemas.event import Event
from schemas.governance import ProgrammeAdopted
from schemas.statements import RatesAdopted

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


def rule_book_at(reader: Reader, position: int, base: RuleBook | None = None) -> RuleBook:
    """Every rule that earnings rest on, as adopted up to a position, over what ships.

    ``base`` stands for what ships: the rules of an older statement, in whose time something else
    shipped. A score's programme, adopted by the same command, is none.
    """
    types = (ProgrammeAdopted.TYPE, IncentiveAdopted.TYPE, RatesAdopted.TYPE)
    adopted = [
        rule
        for stored in reader.read(Query((QueryItem(types),)), upto=position)
        if (rule := _adopted_rule(catalogue.decode(stored.type, stored.data), stored.position))
    ]
    return rule_book.laid_over(base or rule_book.shipped(), adopted)


def _adopted_rule(event: Event, position: int) -> Rule | None:
    match event:
        case ProgrammeAdopted() if programme_file.is_one(event.content):
            return Rule("programme", event.programme, event.content, position)
        case IncentiveAdopted():
            return Rule("incentive", event.programme, event.content, position)
        case RatesAdopted():
            return Rule("rates", event.rates, event.content, position)
    return None
