"""A ledger to which anybody does anything at any time, and what must hold whatever they do.

The ledger is a real one, on a told clock, in a folder of its own. What costs little is held after
every step; what looks at the whole log is held at the end of each history.
"""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any, ClassVar

import orjson
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from pydantic import ValidationError

from interfaces.log_source import LogSource
from ledger.app import Ledger
from ledger.commands import catalogue
from ledger.deciding import Outcome, Request
from ledger.decision_models.claim import CLAIM
from ledger.decision_models.slot import SLOT
from projections.record import Record
from projections.runner import Views, catch_up
from schemas.time import from_iso, iso
from tests.any_history import invariants
from tests.any_history.chance import Draw
from tests.any_history.known import HOUR_US, Known
from tests.any_history.wishes import ALL, CLAIMS, NEXT, Wish, possible, wished

_IN_MEMORY = Path(":memory:")
_LEAST_WAIT = Path("/dev/shm")  # noqa: S108  memory, where the machine offers it as a folder
FOLDERS = _LEAST_WAIT if _LEAST_WAIT.is_dir() else Path(tempfile.gettempdir())
"""Where ledgers that live for a moment lie: syncing to a disk would be most of the time."""

STARTS = {
    "P2020": "2020-09-01T09:00:00Z",
    "P2023": "2023-11-01T09:00:00Z",
    "EXPLICIT": "2021-06-01T09:00:00Z",
}


MOODS = {
    "claims": {
        "new_claim": 3,
        "go_on": 12,
        "about_a_claim": 1,
        "anything": 2,
        "again": 1,
        "time": 1,
    },
    "market": {
        "new_claim": 1,
        "go_on": 2,
        "about_a_claim": 1,
        "anything": 14,
        "again": 1,
        "time": 1,
    },
    "muddle": {
        "new_claim": 2,
        "go_on": 4,
        "about_a_claim": 6,
        "anything": 6,
        "again": 2,
        "time": 2,
    },
}
"""How often what happens in a history, one way or another."""

TRIES = 3
"""What is refused is tried in another way, so that histories come on."""

SEEDS = st.integers(0, 2**32 - 1)
"""What a step draws: see ``Draw``."""


class AnyHistory(RuleBasedStateMachine):
    """Random commands by random actors, from a market under a policy on."""

    market: ClassVar[Path]
    """A ledger folder in which the market stands; set by the test."""
    did: ClassVar[Counter[str]] = Counter()
    """How often each command was accepted, over all histories of this process."""
    said: ClassVar[Counter[str]] = Counter()
    """How often each refusal was given to each command."""

    lengths: ClassVar[list[int]] = []
    """How many steps each history had."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = Path(tempfile.mkdtemp(prefix="any-history-", dir=FOLDERS))
        self.ledger = self._opened("ledger")
        self.source = LogSource(self.ledger.reader())
        self.views = Views(_IN_MEMORY)
        self.known = Known()
        self.records: list[Record] = []
        self.requests: list[tuple[Request, Outcome]] = []
        self.now_us = self._steps = 0
        self._catch_up()

    def _opened(self, name: str) -> Ledger:
        shutil.copytree(self.market, self._folder / name)
        return Ledger.open(self._folder / name)

    @initialize(policy=st.sampled_from(list(STARTS)), mood=st.sampled_from(list(MOODS)))
    def adopt(self, policy: str, mood: str) -> None:
        """A policy is in force from the beginning; the mood says what happens often."""
        self.now_us = from_iso(STARTS[policy])
        self._mood = [each for each, weight in MOODS[mood].items() for _ in range(weight)]
        data = {"builtin": policy, "in_force_from": STARTS[policy]}
        self._do(Wish("policy.adopt", "operator", data, 0))

    @rule(seed=SEEDS)
    def step(self, seed: int) -> None:
        """Whatever anybody does next."""
        self._steps += 1
        draw = Draw(seed + self._steps)  # the same number twice is not the same step twice
        before = len(self.records)
        for _ in range(TRIES):
            getattr(self, f"_{draw.one(*self._mood)}")(draw)
            if len(self.records) > before:
                break

    def _anything(self, draw: Draw) -> None:
        """Any command of the catalogue."""
        self._do(wished(draw, self.known, possible(draw, self.known, ALL), self.now_us))

    def _about_a_claim(self, draw: Draw) -> None:
        """Any command of the partner, the reviewer or the customer about any claim."""
        if "claim" not in self.known.names:
            return
        self._do(wished(draw, self.known, draw.one(*CLAIMS), self.now_us))

    def _new_claim(self, draw: Draw) -> None:
        """A claim is submitted, and mostly taken up at once."""
        outcome = self._do(wished(draw, self.known, "claim.submit", self.now_us))
        if outcome and outcome.event and draw.chance(80):
            claim = {"claim": outcome.request.command.model_dump()["claim"]}
            self._do(Wish("claim.start_review", "reviewer", claim, 0))

    def _go_on(self, draw: Draw) -> None:
        """What a claim of that state waits for, or might meet."""
        claims = self.known.names.get("claim", [])
        if claims:
            claim = draw.one(*claims)
            self._do(wished(draw, self.known, self._next(draw, claim), self.now_us, claim))

    def _next(self, draw: Draw, claim: str) -> str:
        facts = self.ledger.deciding.facts
        found = facts(CLAIM, claim)
        if found is None:
            return str(draw.one(*CLAIMS))
        asked = [facts(SLOT, slot) for slot in found.asked]
        if asked and found.state in ("under_review", "dispute") and draw.chance(60):
            contested = any(slot.occupants() for slot in asked)
            decided = draw.one("arbitration.open", "arbitration.decide", "arbitration.decide")
            return str(decided) if contested else "claim.approve"
        return str(draw.one(*NEXT.get(found.state, CLAIMS)))

    def _again(self, draw: Draw) -> None:
        """A command that was accepted, under its id: the first event answers, nothing changes."""
        accepted = [(request, first) for request, first in self.requests if not first.error]
        request, first = draw.one(*accepted)
        before = self.ledger.head
        again = self.ledger.submit_group([request])[0]
        assert again.error is None, "a repeated command was refused"
        assert (again.position, again.type, again.repeated) == (first.position, first.type, True)
        assert self.ledger.head == before, "a repeated command left something in the log"
        other = request._replace(
            command=catalogue.load("identity.register").model_validate(
                catalogue.load("identity.register").EXAMPLE | {"identity": "another"}
            )
        )
        told = self.ledger.submit_group([other])[0]
        assert told.error is not None
        assert told.error.code == "command_id_reused"

    def _time(self, draw: Draw) -> None:
        """The clock runs and records what is due."""
        self.now_us += draw.one(1, 24 * 5, 24 * 31) * HOUR_US
        self.ledger.tick(self.now_us)
        self._catch_up()

    def _do(self, wish: Wish) -> Outcome | None:
        """Give a command; what came of it, or None when it is not even well formed."""
        try:
            text = orjson.dumps(wish.data)
            command = catalogue.load(wish.command).model_validate_json(text, strict=True)
        except ValidationError:
            self.said[f"{wish.command} malformed"] += 1
            return None
        at_us = self.now_us + wish.hours * HOUR_US
        request = Request(command, wish.actor, f"r-{len(self.requests)}", at_us)
        before = self.ledger.head
        (outcome,) = self.ledger.submit_group([request])
        self.requests.append((request, outcome))
        if outcome.error is None:
            self.now_us = at_us
            self.did[wish.command] += 1
            self._catch_up()
        else:
            assert self.ledger.head == before, "a refused command left something in the log"
            self.said[f"{wish.command} {outcome.error.code}"] += 1
        return outcome

    def _catch_up(self) -> None:
        while fresh := self.source.after(len(self.records), 100):
            for record in fresh:
                self.records.append(record)
                self.known.learn(record)
        catch_up(self.source, self.views)

    @invariant()
    def nothing_is_overdue(self) -> None:
        """What is due by the last instant of the log is recorded.

        What the last event itself says of a time that was over by then, such as a role granted
        late for a past month, is recorded before anything else is.
        """
        recorded_us, last = self.ledger.head.recorded_at_us, len(self.records)
        due = [timer for timer in self.ledger.index.due(recorded_us) if timer.position < last]
        assert not due, f"a deadline passed in silence: {due} by {iso(recorded_us)}\n{self.story()}"

    def teardown(self) -> None:
        """Hold what looks at the whole history."""
        self.lengths.append(self._steps)
        try:
            if len(self.records) > 1:
                invariants.hold(self)
        except AssertionError as error:
            error.add_note(self.story())
            raise
        finally:
            self.views.close()
            self.ledger.close()
            shutil.rmtree(self._folder)

    def story(self) -> str:
        """The commands that were accepted, as lines that can be given to a ledger again."""
        lines = ["This is how it came to that:"]
        for request, outcome in self.requests:
            if outcome.error is None:
                data = request.command.model_dump(mode="json", exclude_none=True)
                line = {"command": request.command.NAME, "id": request.command_id}
                line |= {"actor": request.actor, "at": iso(request.at_us or 0)}
                lines.append(orjson.dumps({**line, "data": data}).decode())
        return "\n".join(lines)

    def replayed(self, *, group: int) -> dict[str, Any]:
        """What the same commands lead to on a new ledger, given in groups."""
        name = f"again-{group}"
        with self._opened(name) as again:
            requests = [request for request, _ in self.requests]
            for start in range(0, len(requests), group):
                again.submit_group(requests[start : start + group])
            again.tick(max(self.now_us, again.head.recorded_at_us))
            views = Views(_IN_MEMORY)
            reader = again.reader()
            catch_up(LogSource(reader), views)
            told = invariants.told(views.connection)
            views.close()
            reader.close()
            return told
