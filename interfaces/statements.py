"""Statements of one ledger: computed, recorded, computed again, compared with a later position."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from interfaces.rules_in_force import rule_book_at
from interfaces.usage_reports import Caller
from ledger.commands.issue_statement import IssueStatement
from ledger.errors import BadInputError, DamagedError
from ledger.log.query import Query, QueryItem
from projections.incentives import rule_book
from projections.incentives.earnings import Earnings, Sources, earnings_of
from projections.incentives.rule_book import Rule, RuleBook
from projections.incentives.statement import FORM, Change, Statement, by_key, changes
from schemas import catalogue
from schemas.statements import StatedRule, StatementIssued

if TYPE_CHECKING:
    from interfaces.workspace import Workspace


class Issued(NamedTuple):
    """A statement as it was recorded: its event, and where and when."""

    event: StatementIssued
    position: int
    recorded_at_us: int


class Whose(NamedTuple):
    """A partner organisation, or one of its locations."""

    organisation: str
    location: str | None


@dataclass(frozen=True)
class Statements:
    """Everything about statements and the earnings they state."""

    workspace: Workspace

    def whose(self, partner: str) -> Whose:
        """The organisation or the location that ``partner`` is the id of."""
        from projections.party_queries import location

        holder = self.workspace.holder(partner)
        if holder.scope == "organisation":
            return Whose(partner, None)
        found = location(self.workspace.views, partner)
        assert found is not None, "the holder was found"
        return Whose(found["organisation"], partner)

    def book(self, position: int) -> RuleBook:
        """The rules as adopted up to a position, over what ships."""
        return rule_book_at(self.workspace.reader, position)

    def earnings(self, whose: Whose, book: RuleBook, upto: int) -> Earnings:
        """The earnings of an organisation, at any position up to one."""
        source = self.workspace.source
        sources = Sources(
            self.workspace.views, self.workspace.analytics, source.event_at, source.recorded_at_us
        )
        return Earnings(sources, whose.organisation, book, upto)

    def compute(self, whose: Whose, month: date, position: int, book: RuleBook) -> Statement:
        """What is earned in a month, as known at a position."""
        return self._at(self.earnings(whose, book, position), whose, month, position, book)

    @staticmethod
    def _at(
        earnings: Earnings, whose: Whose, month: date, position: int, book: RuleBook
    ) -> Statement:
        lines = earnings_of(earnings.lines(month, position, book), whose.location)
        return Statement(*whose, month, position, book.for_month(month), tuple(lines))

    def issue(self, partner: str, month: date, name: str | None, caller: Caller) -> Issued:
        """Record the statement of a month as known now; raises ``Refused``.

        Pinned to the position that views and growth tables are fed to: what others append
        meanwhile is not in it.
        """
        whose = self.whose(partner)
        position = self._fed()
        told = self.compute(whose, month, position, self.book(position))
        command = IssueStatement(
            statement=name or self._next_name(partner, month),
            organisation=whose.organisation,
            location=whose.location,
            month=month,
            position=position,
            form=FORM,
            sha256=told.sha256,
            lines=len(told.lines),
            credited=told.credited,
            rules=tuple(map(_stated, told.book.rules)),
        )
        self.workspace.ledger.submit(
            command,
            actor=caller.actor,
            command_id=caller.command_id or f"statement-{command.statement}",
            at_us=caller.at_us,
        )
        return self.find(command.statement)

    def _fed(self) -> int:
        from projections.growth.store import answerable
        from projections.views import checkpoint

        views = checkpoint(self.workspace.views).position
        return min(views, answerable(self.workspace.analytics))

    def _next_name(self, partner: str, month: date) -> str:
        beginning = f"{partner}-{month:%Y-%m}-"
        names = {one.event.statement for one in self.all()}
        number = 1
        while f"{beginning}{number}" in names:
            number += 1
        return f"{beginning}{number}"

    def all(self) -> Iterator[Issued]:
        """Every statement issued, in order."""
        query = Query((QueryItem((StatementIssued.TYPE,)),))
        for stored in self.workspace.reader.read(query):
            event = catalogue.decode(stored.type, stored.data)
            assert isinstance(event, StatementIssued), "the query asks for statements only"
            yield Issued(event, stored.position, stored.recorded_at_us)

    def find(self, name: str) -> Issued:
        """A statement by its id. Raises ``BadInputError`` where there is none."""
        for one in self.all():
            if one.event.statement == name:
                return one
        raise BadInputError(
            f"There is no statement {name!r}.",
            hint="`attribution statement list` shows those that were issued.",
            code="unknown_statement",
        )

    def again(self, issued: Issued) -> Statement:
        """The statement computed again, by its own rules; raises ``DamagedError`` if it differs."""
        event = issued.event
        told = self.compute(_whose(event), event.month, event.position, self._own_book(event))
        if event.form != FORM or told.sha256 != event.sha256:
            raise DamagedError(
                f"Statement {event.statement} comes to other bytes: it was issued as"
                f" {event.sha256}, and is {told.sha256} now.",
                hint="Run `attribution verify`; a statement of another form needs the version of"
                " the ledger that issued it.",
                code="statement_differs",
            )
        return told

    def diff(self, issued: Issued, later: int) -> list[Change]:
        """Each line that changed since, with the position of the event that changed it."""
        event = issued.event
        whose, base = _whose(event), self._own_book(event)
        latest = rule_book_at(self.workspace.reader, later, base)
        earnings = self.earnings(whose, _both(base, latest), later)

        def at(position: int) -> Any:
            book = (
                base
                if position == event.position
                else rule_book_at(self.workspace.reader, position, base)
            )
            return by_key(self._at(earnings, whose, event.month, position, book).lines)

        return changes(at, event.position, later)

    def _own_book(self, event: StatementIssued) -> RuleBook:
        return RuleBook(tuple(map(self._rule, event.rules)))

    def _rule(self, stated: StatedRule) -> Rule:
        if stated.content is not None:
            return Rule(stated.sort, stated.name, stated.content)
        assert stated.adopted_at is not None, "a rule is embedded or was adopted"
        stored = self.workspace.reader.find(after=stated.adopted_at - 1, limit=1)[0]
        adopted: Any = catalogue.decode(stored.type, stored.data)
        return Rule(stated.sort, stated.name, adopted.content, stated.adopted_at)


def _whose(event: StatementIssued) -> Whose:
    return Whose(event.organisation, event.location)


def _stated(rule: Rule) -> StatedRule:
    own = None if rule.adopted_at is not None else dict(rule.content)
    return StatedRule(
        sort=rule.sort,
        name=rule.name,
        sha256=rule.sha256,
        adopted_at=rule.adopted_at,
        content=own,
    )


def _both(one: RuleBook, other: RuleBook) -> RuleBook:
    """The rules of both books: what usage has to be read for."""
    return rule_book.laid_over(one, other.rules)
