"""A real ledger that a scenario is played on: lines in, the way a user's file goes; answers out."""

from __future__ import annotations

import json
import re
import tomllib
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from interfaces.bulk.lines import Line
from interfaces.bulk.names import named
from interfaces.bulk.read import Defaults
from interfaces.bulk.run import LineOutcome, Result, run
from interfaces.moments import moment_us
from interfaces.times import spelled
from interfaces.workspace import Workspace
from ledger.errors import AttributionError
from ledger.log.verify import verify_chain
from projections import claim_queries, holder_queries
from projections import views as store
from projections.record import Record
from projections.runner import Views, catch_up
from schemas.time import from_iso
from tests.scenarios import words

_HERE = Path(__file__).parent
_COMPLETE: dict[str, dict[str, Any]] = tomllib.loads((_HERE / "complete.toml").read_text("utf-8"))
_IN_MEMORY = Path(":memory:")

BIRTH = "2019-01-01T00:00:00Z"
"""The birth of the ledger of every scenario; the market stands from then on."""


class Happened(NamedTuple):
    """What came of a line, and where the log ended before it."""

    outcome: LineOutcome
    before: int


class Stage:
    """A ledger with views that follow it. ``now`` is the instant of lines that name none."""

    def __init__(self, folder: Path, files: Path) -> None:
        self._workspace = Workspace(folder)
        self.folder, self.files = folder, files
        self._views = Views(_IN_MEMORY)
        self._lines = 0
        self._last = b""
        self.now = BIRTH

    def close(self) -> None:
        """Let go of the ledger."""
        self._views.close()
        self._workspace.__exit__(None, None, None)

    @property
    def head(self) -> int:
        """Where the log ends."""
        return self._workspace.ledger.head.position

    def do(self, actor: str, command: str, given: dict[str, str]) -> Happened:
        """One line of commands at ``now``, its data completed; what came of it."""
        self._lines += 1
        # The market's own lines have ids too, on the same ledger.
        line_id = f"line-{self._lines}-after-{self.head}"
        line: dict[str, Any] = {"command": command, "id": line_id, "actor": actor, "at": self.now}
        data = words.days_ago(_completed(command, given), self.now)
        if isinstance(data.get("position"), str):
            data["position"] = self._latest(data["position"])
        line["data"] = words.with_ids(data)
        return self._submit(json.dumps(line).encode())

    def _latest(self, type_name: str) -> int:
        """Where the latest event of a type is, which a line names in place of its position."""
        positions = range(self.head, 0, -1)
        named = (n for n in positions if _unversioned(self.event(n).type) == type_name)
        found = next(named, None)
        assert found is not None, f"there is no event {type_name}"
        return found

    def again(self) -> Happened:
        """The very same line once more."""
        return self._submit(self._last)

    def _submit(self, line: bytes) -> Happened:
        before, self._last = self.head, line
        defaults = Defaults("operator", None, self.files)
        lots = [[Line(1, line)]]
        ledger = self._workspace.ledger
        (outcome,) = run(lots, ledger, defaults, self._workspace.usage_line)
        if outcome.result in (Result.REFUSED, Result.UNREADABLE, Result.REPEATED):
            assert self.head == before, "a line without an effect left something in the log"
        return Happened(outcome, before)

    def clock_runs(self) -> None:
        """Record what is due by ``now``, as `attribution clock` does."""
        self._workspace.ledger.tick(from_iso(self.now))

    def event(self, position: int) -> Record:
        """The event at a position."""
        return self._workspace.source.event_at(position)

    def types_after(self, position: int) -> list[str]:
        """The types of the events that follow a position, without their version."""
        return [_unversioned(self.event(n + 1).type) for n in range(position, self.head)]

    def known(self, asked: str | None) -> int:
        """The position that a state of knowledge stands for: a day, an instant, a position."""
        return self._workspace.known(words.instant_or_day(asked) if asked else None).position

    def holders(self, on: str, known: int, **filters: Any) -> list[dict[str, Any]]:
        """Who holds at an instant (of a day: its last), as known at a position."""
        rows = holder_queries.holders(
            self._caught_up(),
            effective_us=moment_us(words.instant_or_day(on), "on"),
            known=known,
            **words.with_ids(filters),
        )
        return [words.with_nicknames(spelled(row)) for row in rows]

    def claim(self, claim: str) -> dict[str, Any]:
        """A claim as `attribution claim show` tells it."""
        found = claim_queries.claim_show(self._caught_up(), claim)
        assert found is not None, f"there is no claim {claim}"
        told: dict[str, Any] = words.with_nicknames(spelled(found))
        return told

    def history(self, claim: str) -> list[dict[str, Any]]:
        """What happened to a claim, as `attribution claim history` tells it."""
        told = claim_queries.claim_history(
            self._caught_up(), claim, self._workspace.source.event_at
        )
        return [words.with_nicknames(spelled(row)) for row in told]

    def deadlines(self) -> list[dict[str, Any]]:
        """Everything that is awaited from ``now`` on."""
        rows = claim_queries.deadlines(self._caught_up(), from_us=from_iso(self.now))
        return [words.with_nicknames(spelled(row)) for row in rows]

    def _caught_up(self) -> Any:
        catch_up(self._workspace.source, self._views, batch=3)
        return self._views.connection

    def check(self) -> None:
        """The views are what a rebuild gives, and the whole log verifies."""
        again = Views(_IN_MEMORY)
        with closing(again):
            catch_up(self._workspace.source, again)
            followed, made = store.dump(self._caught_up()), store.dump(again.connection)
            assert list(followed) == list(made), "the views differ from a rebuild"
        assert verify_chain(self._workspace.ledger.folder).events == self.head


def _unversioned(type_name: str) -> str:
    return re.sub(r"\.v\d+$", "", type_name)


def _completed(command: str, given: dict[str, str]) -> dict[str, Any]:
    """The data of a command: what the line says over what need not be said."""
    # A submission without a location takes everything from its draft.
    from_draft = command == "claim.submit" and "location" not in given
    told = {} if from_draft else dict(_COMPLETE.get(command, {}))
    for name in () if from_draft else given:
        told |= _COMPLETE.get(f"{command}+{name}", {})
    tenant = given.get("tenant", "")
    told = json.loads(json.dumps(told).replace("{tenant}", tenant))
    schema = _schema(command)
    for name, text in given.items():
        own = schema.get("properties", {}).get(name, {})
        told[name] = None if text == "-" else words.typed(text, own, schema)
    return {name: value for name, value in told.items() if value is not None}


@cache
def _schema(command: str) -> dict[str, Any]:
    try:
        return named(command).model.model_json_schema()
    except AttributionError:
        return {}
