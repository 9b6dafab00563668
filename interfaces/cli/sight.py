"""Who asks, and what it may be told: the gate that every answer of the command line passes.

Whoever owns the ledger's folder is trusted and passes. Anybody named with ``--as`` sees what
``projections/visibility.toml`` lets it see; a command that the table does not name is the
operator's alone, so that a new one shows nothing by chance.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ledger.errors import RefusedError

if TYPE_CHECKING:
    from interfaces.workspace import Workspace
    from projections.visibility import Sight

Row = Mapping[str, Any]


class NotVisibleError(RefusedError):
    """The one who asks may not see that."""

    code = "not_visible"


class Gate:
    """Lets through what the one who asks may see; everything until somebody is named."""

    def __init__(self, command: str) -> None:
        self.command = command
        self.actor: str | None = None
        self._folder = Path()
        self._open = ExitStack()
        self._narrowed = False

    @cached_property
    def _workspace(self) -> Workspace:
        from interfaces.workspace import Workspace

        return self._open.enter_context(Workspace(self._folder))

    @cached_property
    def sight(self) -> Sight:
        """What the actor may see."""
        from projections.visibility import Sight

        assert self.actor is not None, "the folder's owner needs no sight"
        return Sight(self._workspace.views, self.actor, self._workspace.now_us())

    @cached_property
    def _rule(self) -> tuple[str, str]:
        """How the command's answer is judged, and of what it is."""
        if self.actor is None:
            return "all", ""
        from projections.visibility import table

        how, _, subject = table()["commands"].get(self.command, "operator").partition(":")
        if how not in ("public", "acts") and self.sight.trusted:
            return "all", ""
        return how, subject

    def enter(self, folder: Path, actor: str) -> None:
        """Let only ``actor`` see; ``NotVisibleError`` if it may not ask this at all."""
        self._folder, self.actor = folder, actor
        how, subject = self._rule
        if how == "operator" or (how == "whole" and not self.sight.whole()):
            raise self._refused("that is for the operator" if how == "operator" else _WHOLE)
        if subject and not self.sight.scopes(subject):
            raise self._refused(f"{self.actor} has no role that sees {subject}")

    @property
    def open(self) -> bool:
        """Whether everything may be shown."""
        return self._rule[0] in ("all", "public", "acts", "whole")

    def narrowed(self) -> Sight | None:
        """The sight by which a command narrows its own question; None when it need not."""
        self._narrowed = True
        return None if self.open else self.sight

    def require(self, subject: str, row: Row, what: str) -> None:
        """Return only if a row may be seen; else ``NotVisibleError`` as if there were none."""
        sight = self.narrowed()
        if sight is not None and not sight.covers(subject, row):
            raise self.nothing(what)

    def nothing(self, what: str) -> NotVisibleError:
        """What one is told who may not know whether there is such a thing."""
        return self._refused(f"there is no {what} that {self.actor} may see")

    def rows(self, rows: Iterable[Row]) -> Iterator[Row]:
        """The rows of an answer that may be shown."""
        how, subject = self._rule
        if how == "rows":
            return self.sight.rows(subject, map(dict, rows))
        self._must_be_narrowed()
        return iter(rows)

    def text(self) -> None:
        """Return only if a line of text may be shown now."""
        if self._rule[0] != "rows":
            self._must_be_narrowed()

    def one(self, row: Row) -> Row:
        """A single thing, if it may be shown; else ``NotVisibleError``."""
        found = next(iter(self.rows([row])), None)
        if found is None:
            raise self.nothing("such thing")
        return found

    def _must_be_narrowed(self) -> None:
        if not (self.open or self._narrowed):
            raise self._refused("this command does not say yet what it may show whom")

    def _refused(self, why: str) -> NotVisibleError:
        return NotVisibleError(
            f"{self.actor} may not see this answer of `{self.command}`: {why}.",
            hint="Ask as somebody who may, or without --as if the folder is yours.",
        )

    def close(self) -> None:
        """Let go of the ledger."""
        self._open.close()


_WHOLE = "only who sees everybody's claims may"
