"""How a command becomes an event: repeats found, time judged, lapses recorded, then the decision.

Each step happens inside the writer's group, at the head of the log. A refused command leaves no
trace but, on a real clock, the lapses that were due before it; on a told clock its instant is not
told then, so that it never moves time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from ledger.clock import Clock
from ledger.decision import Command, Context, Decision, Fact
from ledger.errors import AttributionError, BadInputError, DamagedError, RefusedError
from ledger.facts import WarmFacts
from ledger.log.group import Group, NewEvent, Work
from ledger.log.index import Index, KnownCommand, RunningTimer
from ledger.privacy.keys import KeyStore
from ledger.refusal import Refused
from schemas import catalogue
from schemas.envelope import Attributes
from schemas.event import Event, Timer
from schemas.persons import PersonErased
from schemas.time import iso

CLOCK_ACTOR = "clock"
"""The actor of what happens because time passed."""

SKEW_US = 5_000_000
"""How far a clock may lie behind the log: within it the log's own time is used."""

DUE_PAGE = 500
"""Due timers looked up at a time."""

JUMP_US = 3_600_000_000
"""How far a wall clock may run away from the monotonic one before a human must confirm it."""


class Request(NamedTuple):
    """A command with who asks, under which id and, on a told clock, at which instant."""

    command: Command
    actor: str
    command_id: str
    at_us: int | None = None
    correlation: str = ""


class Outcome(NamedTuple):
    """What came of a request. ``position`` is its event's; 0 when it was refused.

    ``repeated`` tells that the same command was decided before; ``event`` is then None.
    """

    request: Request
    position: int = 0
    type: str = ""
    repeated: bool = False
    event: Event | None = None
    error: AttributionError | None = None


Lapse = Callable[[RunningTimer], Command]
"""Makes the command that records what a timer awaited in vain."""


class TimeKeeper:
    """Says at which instant a group's events are recorded, and refuses a clock that can't be right.

    A *told* clock takes each request's instant; a *real* one the machine's, unless that lies
    behind the log or jumped away from the monotonic clock (DESIGN §3).
    """

    def __init__(self, clock: Clock, kind: str) -> None:
        self._clock = clock
        self.kind = kind
        self.confirm()

    def confirm(self) -> None:
        """Take the wall clock as right from here on."""
        self._wall_us = self._clock.now_us()
        self._monotonic_us = self._clock.monotonic_us()

    def instant(self, group: Group, at_us: int | None) -> int:
        """The instant for the next events of the group; never before its last."""
        if self.kind == "told":
            return self._told(group, at_us)
        if at_us is not None:
            raise Refused("at_not_allowed", at=iso(at_us))
        if group.now_us is None:
            group.now_us = self._real(group)
        return group.now_us

    def _told(self, group: Group, at_us: int | None) -> int:
        if at_us is None:
            raise Refused("at_required")
        if at_us < group.recorded_at_us:
            raise Refused("at_goes_back", at=iso(at_us), head=iso(group.recorded_at_us))
        return at_us

    def _real(self, group: Group) -> int:
        now_us = self._clock.now_us()
        if now_us < group.recorded_at_us - SKEW_US:
            raise Refused("clock_behind", now=iso(now_us), head=iso(group.recorded_at_us))
        passed_us = self._clock.monotonic_us() - self._monotonic_us
        if abs(now_us - self._wall_us - passed_us) > JUMP_US:
            raise Refused("clock_jumped", now=iso(now_us), expected=iso(self._wall_us + passed_us))
        return max(now_us, group.recorded_at_us)


class Deed:
    """One request on its way through the writer: its work, and then its outcome.

    The outcome is there when the work raised nothing, and final when the writer kept the group.
    """

    __slots__ = ("_judge", "outcome", "request")

    def __init__(self, request: Request, judge: Callable[[Group, Request], Outcome]) -> None:
        self.request = request
        self.outcome: Outcome
        self._judge = judge

    def __call__(self, group: Group) -> None:
        """Decide the request in the group."""
        self.outcome = self._judge(group, self.request)


class Deciding:
    """Makes works for the writer out of requests."""

    def __init__(self, index: Index, keys: KeyStore, time_keeper: TimeKeeper, lapse: Lapse) -> None:
        self._index = index
        self._keys = keys
        self._time = time_keeper
        self._lapse = lapse
        self.facts = WarmFacts(index)
        self._known: dict[tuple[str, str], KnownCommand] = {}
        self._decided: dict[tuple[str, str], KnownCommand] = {}
        self._timers: dict[str, RunningTimer | None] = {}
        self._next_due_us: int | None = None
        self._unknown_types: tuple[str, ...] | None = None

    def deeds(self, requests: Sequence[Request]) -> list[Deed]:
        """A work for each request."""
        return [Deed(request, self.judge) for request in requests]

    def prepare(self, works: Sequence[Work]) -> None:
        """Look up once, for all works of a group, what each would look up for itself.

        Which requests were decided before, which names are new, which persons have a key.
        """
        self._keys.start_group()
        asked = [work.request for work in works if isinstance(work, Deed)]
        asked = [request for request in asked if _nameable(request)]
        self._known = self._index.commands([(one.command_id, one.actor) for one in asked])
        commands = [one.command for one in asked if (one.command_id, one.actor) not in self._known]
        self.facts.expect([place for command in commands for place in command.names_anew()])
        self._keys.expect([contact for command in commands for contact in command.contacts()])

    def tick(self, at_us: int | None) -> Work:
        """A work that only records the lapses due by now."""

        def run(group: Group) -> None:
            self._require_known_types()
            now_us, start = self._time.instant(group, at_us), group.position
            try:
                self._record_lapses(group, now_us)
            except Exception:
                self.retract(group, start)
                raise

        return run

    def carry(
        self, group: Group, attributes: Attributes, data: bytes, at_us: int, *, lapses: bool
    ) -> int:
        """Append an event as it was decided elsewhere, nothing judged; its position.

        With ``lapses``, what is due by then is recorded first.
        """
        start = group.position
        try:
            if lapses:
                self._record_lapses(group, at_us)
            event = catalogue.decode(attributes.type, data)
            return self._keep(group, attributes, event, data, at_us)
        except Exception:
            self.retract(group, start)
            raise

    def judge(self, group: Group, request: Request) -> Outcome:
        """Decide a request in the group, after what is due by then.

        A refusal is raised; it tells up to which position it is true (DESIGN §3).
        """
        try:
            return self._judged(group, request)
        except RefusedError as error:
            error.as_of = group.position
            raise

    def _judged(self, group: Group, request: Request) -> Outcome:
        if not _nameable(request):
            raise BadInputError(
                f"A command needs an actor and an id, of printable characters; this one has"
                f" {request.actor[:40]!a} and {request.command_id[:40]!a}.",
                hint="Give each command an id of its own, and use it again when repeating it.",
                code="bad_command_id",
            )
        place = (request.command_id, request.actor)
        command_hash = self._keys.command_hash(_canonical(request))
        known = self._known.get(place) or self._decided.get(place)
        if known is not None:
            if known.hash != command_hash:
                raise Refused("command_id_reused", id=request.command_id, position=known.position)
            return Outcome(request, known.position, known.type, repeated=True)
        self._require_known_types()
        now_us = self._time.instant(group, request.at_us)
        start = group.position
        try:
            self._record_lapses(group, now_us)
            if self._time.kind == "real":
                start = group.position
            context = Context(
                request.actor, request.command_id, now_us, self._keys.seal, self._keys.holds
            )
            decision = request.command.decide(self.facts, context)
            position = self._append(group, request, command_hash, decision, now_us)
        except Exception:
            self.retract(group, start)
            raise
        return Outcome(request, position, decision.event.TYPE, event=decision.event)

    def _append(
        self, group: Group, request: Request, command_hash: str, decision: Decision, now_us: int
    ) -> int:
        event = decision.event
        attributes = Attributes(
            event.TYPE,
            event.tags(),
            decision.effective_at_us,
            request.actor,
            request.command_id,
            command_hash,
            decision.causation,
            request.correlation,
        )
        return self._keep(group, attributes, event, catalogue.encode(event), now_us)

    def _keep(
        self, group: Group, attributes: Attributes, event: Event, data: bytes, now_us: int
    ) -> int:
        """Append the event to the group, and to what decisions after it know."""
        timers = event.timers()
        position = group.append([NewEvent(attributes, data, timers)], now_us)
        if isinstance(event, PersonErased):
            self._keys.retire(event.key)
        effective_at_us, actor = attributes.effective_at_us, attributes.actor
        self.facts.appended(Fact(position, event, effective_at_us, now_us, actor), attributes.tags)
        place = (attributes.command_id, actor)
        self._decided[place] = KnownCommand(attributes.command_hash, position, event.TYPE)
        self._overlay(position, timers)
        return position

    def _overlay(self, position: int, timers: Sequence[Timer]) -> None:
        for key, name, due_us in timers:
            running = None if due_us is None else RunningTimer(key, name, due_us, position)
            self._timers[key] = running
            if due_us is not None and self._next_due_us is not None:
                self._next_due_us = min(self._next_due_us, due_us)

    def retract(self, group: Group, position: int) -> None:
        """Take back, from the group and from what is warm, all events beyond ``position``."""
        if group.position == position:
            return
        group.retract(position)
        self.facts.retract(position)
        kept = {place: one for place, one in self._decided.items() if one.position <= position}
        self._decided = kept
        self._timers.clear()
        self._next_due_us = None
        for at, event in group.pending():
            self._overlay(at, event.timers)

    def _record_lapses(self, group: Group, now_us: int) -> None:
        """Record what is due by now, earliest first (DESIGN §5: a lapse is never assumed).

        Also what a lapse starts that is due by now: all happens in the order of its own instants,
        as if it had been recorded when it was due.
        """
        if self._next_due_us is None:
            self._next_due_us = self._earliest()
        while now_us >= self._next_due_us:
            for timer in self._due(now_us):
                if self._record_lapse(group, timer, now_us):
                    break  # what it started may come before the rest of this page
            self._next_due_us = self._earliest()

    def _record_lapse(self, group: Group, timer: RunningTimer, now_us: int) -> bool:
        """Record one; whether it started another timer that is due by now."""
        command = self._lapse(timer)
        request = Request(command, CLOCK_ACTOR, f"{timer.key}:{timer.position}")
        context = Context(
            CLOCK_ACTOR, request.command_id, now_us, self._keys.seal, self._keys.holds
        )
        decision = command.decide(self.facts, context)._replace(causation=timer.position)
        self._append(group, request, self._keys.command_hash(_canonical(request)), decision, now_us)
        assert self._timers.get(timer.key) != timer, "a lapse stops its timer"
        return any(
            due_us is not None and due_us <= now_us for _, _, due_us in decision.event.timers()
        )

    def _due(self, now_us: int) -> list[RunningTimer]:
        most = DUE_PAGE + len(self._timers)
        kept = self._index.due(now_us, limit=most)
        # Beyond a full page lie timers that are due before some of this group's.
        until_us = now_us if len(kept) < most else kept[-1].due_us
        due = [timer for timer in kept if timer.key not in self._timers]
        due += [timer for timer in self._timers.values() if timer and timer.due_us <= until_us]
        return sorted(due, key=lambda timer: (timer.due_us, timer.key))

    def _earliest(self) -> int:
        """When the next timer is due, this group's timers included; far away when none runs."""
        running = [timer.due_us for timer in self._timers.values() if timer is not None]
        kept = self._index.due(2**62, limit=1 + len(self._timers))
        running += [timer.due_us for timer in kept if timer.key not in self._timers][:1]
        return min(running, default=2**62)

    def _require_known_types(self) -> None:
        if self._unknown_types is None:
            names = self._index.type_names()
            self._unknown_types = tuple(name for name in names if not catalogue.known(name))
        if self._unknown_types:
            raise DamagedError(
                f"The log holds events of the type {self._unknown_types[0]}, which this version"
                " does not know; it reads on but must not write.",
                hint="Upgrade, then repeat.",
                code="newer_version",
            )

    def kept(self) -> None:
        """The group was kept: the index knows it from now on."""
        self.facts.kept()
        self._decided.clear()
        self._timers.clear()

    def forget(self) -> None:
        """The head is not the one last seen: nothing warm may be trusted."""
        self.facts.forget()
        self._keys.forget()
        self._decided.clear()
        self._timers.clear()
        self._next_due_us = None
        self._unknown_types = None


def _nameable(request: Request) -> bool:
    """Whether the index could find the request again; without, it would be decided twice."""
    command_id, actor = request.command_id, request.actor
    return bool(command_id and actor and command_id.isprintable() and actor.isprintable())


def _canonical(request: Request) -> bytes:
    """The bytes of a request that make it the same one when it comes again.

    Fields at their default are left out: a later version's new optional field changes nothing.
    """
    command = request.command
    kind = type(command)
    at = "" if request.at_us is None else iso(request.at_us)
    # As ``model_dump_json`` does, which hands twenty arguments on for every command.
    told = kind.__pydantic_serializer__.to_json(command, exclude_defaults=True)
    return f"{kind.NAME} {at} ".encode() + told
