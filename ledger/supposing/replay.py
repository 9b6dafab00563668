"""The log decided again in a scratch ledger: what came of each event, and why.

Up to the first event that is supposed to be otherwise everything is copied. From there on each
command is made again from its event (``commands_again``) and decided by the same code that decided
it, on a told clock, at the instant it was recorded. Deadlines lapse by themselves. What no longer
holds is refused, and the refusal says why.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Literal, NamedTuple

from ledger.app import Ledger
from ledger.commands import catalogue as commands
from ledger.deciding import CLOCK_ACTOR, Request
from ledger.decision import Fact
from ledger.errors import AttributionError
from ledger.facts import fact_of
from ledger.folder import read_folder
from ledger.log.group import Group
from ledger.log.index import Stored
from ledger.log.reader import Reader
from ledger.supposing.carried_keys import CarriedKeys
from ledger.supposing.commands_again import (
    CARRIED,
    NotTakenError,
    carried_data,
    command_of,
    name_of,
)
from ledger.supposing.supposition import Nothing, Step, Supposition
from schemas.corrections import Correction
from schemas.envelope import Attributes
from schemas.governance import LedgerCreated

PAGE = 400
"""Events in one group of the scratch ledger."""

Became = Literal["left_out", "refused", "otherwise", "not_lapsed", "carried"]


class Fate(NamedTuple):
    """What became of an event of the real log that is not the same in the scratch ledger.

    ``carried``: not decided again but as it was. ``not_lapsed``: what it waited for came, or
    nothing waits.
    ``position`` is the real one; ``now`` where it stands in the scratch ledger, 0 for nowhere.
    """

    position: int
    type: str
    actor: str
    recorded_at_us: int
    became: Became
    tags: tuple[str, ...]
    code: str = ""
    why: str = ""
    now: int = 0


class Replayed(NamedTuple):
    """What a replay came to. ``origin`` leads from a scratch position to the real one.

    ``lapses`` are events of the clock that only the scratch ledger has, by position, with the
    scratch position of what started them.
    """

    fates: dict[int, Fate]
    origin: Callable[[int], int | None]
    lapses: dict[int, int]
    head: int
    counts: Counter[str]


def scratch_ledger(path: Path, genesis: Stored) -> Ledger:
    """A new ledger in ``path``, born when the real one was and of the same operator."""
    fact = fact_of(genesis)
    assert isinstance(fact.event, LedgerCreated), "a ledger begins with its birth"
    born_us, operator = genesis.recorded_at_us, fact.event.operator
    Ledger.create(path, clock_kind="told", operator=operator, at_us=born_us).close()
    return Ledger(read_folder(path.resolve()), keystore=CarriedKeys)


class Replay:
    """One replay of ``log`` into ``scratch``, under a supposition."""

    def __init__(
        self,
        scratch: Ledger,
        log: Reader,
        supposition: Supposition,
        upto: int,
        *,
        strange: Mapping[int, str] | None = None,
    ) -> None:
        assert isinstance(scratch.keys, CarriedKeys), "people are carried over"
        self._scratch, self._people = scratch, scratch.keys
        self._log, self._supposition, self._upto = log, supposition, upto
        # What comes to something else whatever is supposed is carried over; None: find out which.
        self._strange = strange
        self._moved: dict[int, int] = {}
        self._origin: dict[int, int] = {}
        # What lost an event, by its own tag: nothing undecided may rest on it.
        self._lost: dict[str, int] = {}
        self._copied = 1
        self._fates: dict[int, Fate] = {}
        self._lapses: dict[str, Stored] = {}
        self._counts: Counter[str] = Counter()

    def run(self, progress: Callable[[int], None] | None = None) -> Replayed:
        """Decide everything again; ``progress`` is told how many events were."""
        steps = self._supposition.steps(self._log, self._upto)
        next(steps)  # the birth
        done = 1
        while page := list(islice(steps, PAGE)):
            errors = self._scratch.writer.submit([partial(self._take, step) for step in page])
            for error in filter(None, errors):
                raise error
            done += len(page)
            if progress is not None:
                progress(done)
        (last,) = self._log.find(after=self._upto - 1, limit=1)
        self._scratch.tick(max(last.recorded_at_us, self._scratch.head.recorded_at_us))
        born = self._match_lapses()
        head = self._scratch.head.position
        return Replayed(self._fates, self._real, born, head, self._counts)

    def _take(self, step: Step, group: Group) -> None:
        stored = step.stored
        if step.what == "prefix":
            attributes = Attributes.from_bytes(stored.attributes)
            self._scratch.deciding.carry(
                group, attributes, stored.data, stored.recorded_at_us, lapses=False
            )
            self._copied = stored.position
            self._counts["copied"] += 1
            return
        fact, attributes = fact_of(stored), Attributes.from_bytes(stored.attributes)
        at_us = max(step.recorded_at_us, group.recorded_at_us)
        if fact.actor == CLOCK_ACTOR:
            self._lapses[attributes.command_id] = stored
        self._scratch.deciding.tick(at_us)(group)
        if step.what == "left_out":
            self._settle(fact, attributes, "left_out", why=f"Supposed: {self._supposition.said}.")
        elif fact.actor != CLOCK_ACTOR:
            self._again(group, step, fact, attributes, at_us)

    def _again(
        self, group: Group, step: Step, fact: Fact, attributes: Attributes, at_us: int
    ) -> None:
        strange = (self._strange or {}).get(fact.position)
        gone = next((self._lost[tag] for tag in attributes.tags if tag in self._lost), None)
        if strange is not None and gone is not None:
            why = f"Event {gone}, which it rests on, is gone; and {strange}."
            self._settle(fact, attributes, "refused", "ground_lost", why)
            return
        stays = _stays(fact) or strange
        if stays is not None:
            self._carry(group, step.stored, fact, attributes, at_us, stays)
            return
        facts = self._scratch.deciding.facts
        try:
            if step.content is not None:
                adopt = commands.load("policy.adopt")
                command = adopt.model_validate({"content": dict(step.content)})
            else:
                supposed = step.effective_at_us
                if supposed is None and step.recorded_at_us != fact.recorded_at_us:
                    supposed = at_us
                told = fact._replace(recorded_at_us=at_us)
                command = command_of(told, facts, self._people, self._now, supposed)
        except NotTakenError:
            why = "its command would not be taken in this form today"
            self._carry(group, step.stored, fact, attributes, at_us, why)
            return
        request = Request(
            command, attributes.actor, attributes.command_id, at_us, attributes.correlation
        )
        start = group.position
        try:
            outcome = self._scratch.deciding.judge(group, request)
        except AttributionError as error:
            if self._strange is None:
                why = f"this version refuses it as {error.code}, whatever is supposed"
                self._carry(group, step.stored, fact, attributes, at_us, why)
            else:
                self._settle(fact, attributes, "refused", error.code, str(error))
            return
        self._placed(fact.position, outcome.position)
        became = facts.fact(outcome.position)
        assert became is not None, "it was just decided"
        if self._same(fact, became):
            self._counts["same"] += 1
        elif self._strange is None:
            self._scratch.deciding.retract(group, start)
            why = "this version decides it otherwise, whatever is supposed"
            self._carry(group, step.stored, fact, attributes, at_us, why)
        else:
            self._settle(fact, attributes, "otherwise", why=_unlike(fact, became))

    def _carry(
        self,
        group: Group,
        stored: Stored,
        fact: Fact,
        attributes: Attributes,
        at_us: int,
        why: str,
    ) -> None:
        data = carried_data(fact, stored.data, self._now)
        there = attributes._replace(causation=self._now(attributes.causation))
        position = self._scratch.deciding.carry(group, there, data, at_us, lapses=True)
        self._placed(fact.position, position)
        self._settle(fact, attributes, "carried", why=why)

    def _placed(self, real: int, now: int) -> None:
        self._moved[real] = now
        self._origin[now] = real

    def _settle(
        self, fact: Fact, attributes: Attributes, became: Became, code: str = "", why: str = ""
    ) -> None:
        self._counts[became] += 1
        if became in ("left_out", "refused") and attributes.tags:
            self._lost.setdefault(attributes.tags[0], fact.position)
        if fact.position == self._supposition.position and became == "otherwise":
            why = f"Supposed: {self._supposition.said}. {why}"
        self._fates[fact.position] = Fate(
            fact.position,
            fact.event.TYPE,
            fact.actor,
            fact.recorded_at_us,
            became,
            attributes.tags,
            code,
            why,
            self._moved.get(fact.position, 0),
        )

    def _same(self, was: Fact, now: Fact) -> bool:
        event = was.event
        if isinstance(event, Correction):
            event = event.model_copy(update={"fact": self._now(event.fact)})
        at = (was.effective_at_us, was.recorded_at_us)
        return event == now.event and at == (now.effective_at_us, now.recorded_at_us)

    def _now(self, real: int) -> int:
        """Where the event of a real position stands; where nothing does, a position beyond all."""
        if real <= self._copied:
            return real
        return self._moved.get(real, _NOWHERE)

    def _real(self, now: int) -> int | None:
        return now if now <= self._copied else self._origin.get(now)

    def _match_lapses(self) -> dict[int, int]:
        """Find the clock's events of the real log again; those that only the scratch one has."""
        born = {}
        for stored in self._clocks():
            attributes = Attributes.from_bytes(stored.attributes)
            timer, _, started = attributes.command_id.rpartition(":")
            start = self._real(int(started))
            was = self._lapses.pop(f"{timer}:{start}", None) if start else None
            if was is None:
                born[stored.position] = int(started)
                continue
            self._placed(was.position, stored.position)
            one, other = fact_of(was), fact_of(stored)
            if self._same(one, other):
                self._counts["same"] += 1
            else:
                tags = Attributes.from_bytes(was.attributes)
                self._settle(one, tags, "otherwise", why=_unlike(one, other))
        for was in self._lapses.values():
            attributes = Attributes.from_bytes(was.attributes)
            why = "Nothing waits for this any more, or not until then."
            self._settle(fact_of(was), attributes, "not_lapsed", why=why)
        return born

    def _clocks(self) -> Iterator[Stored]:
        """The clock's events beyond what was copied."""
        with closing(self._scratch.reader()) as reader:
            for stored in reader.read(after=self._copied):
                if Attributes.from_bytes(stored.attributes).actor == CLOCK_ACTOR:
                    yield stored


_NOWHERE = 2**31


def strange(scratch: Ledger, log: Reader, first: int, upto: int) -> dict[int, str]:
    """The events from ``first`` on that this version would not decide as they were, and why.

    Decisions of an earlier version, by rules that were others: what is supposed explains none of
    them. Found out with nothing supposed.
    """
    told = Replay(scratch, log, Nothing(first), upto).run()
    return {position: one.why for position, one in told.fates.items() if one.became == "carried"}


def _stays(fact: Fact) -> str | None:
    """Why an event is never decided again; None where it is."""
    if name_of(fact) is not None:
        return None
    return CARRIED.get(fact.event.TYPE, "this version has no command for it")


def _unlike(was: Fact, now: Fact) -> str:
    """What an event says otherwise, field by field."""
    if was.event.TYPE != now.event.TYPE:
        return f"It comes to {now.event.TYPE}."
    before, after = (fact.event.model_dump(mode="json") for fact in (was, now))
    told = [name for name in before if before[name] != after.get(name)]
    if was.effective_at_us != now.effective_at_us:
        told.append("effective_at")
    if was.recorded_at_us != now.recorded_at_us:
        told.append("recorded_at")
    return f"It says otherwise: {', '.join(told)}."
