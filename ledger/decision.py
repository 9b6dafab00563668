"""What a decision is: a command, the facts it reads through decision models, and one event.

A **decision model** is a fold over the events that carry one tag, such as ``claim:C-1``. A command
reads the models it needs through ``Facts``, checks its rules and returns the one event it decided,
or raises ``Refused``. Models are values and never change in place; commands read no clock, no file
and no randomness but what ``Context`` gives. So a decision can be made again at any time.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, NamedTuple, Protocol, TypeVar

from schemas.event import Event
from schemas.values import Sealed, Value

State = TypeVar("State")


class Fact(NamedTuple):
    """An accepted event as a fold sees it; instants in microseconds UTC."""

    position: int
    event: Event
    effective_at_us: int
    recorded_at_us: int
    actor: str


@dataclass(frozen=True)
class Model(Generic[State]):
    """A decision model: the events of ``types`` tagged ``tag:key`` folded from ``start``.

    ``apply`` returns the next state and never changes the old one. ``name`` is unique. ``named``
    makes the start for a key, where the fold has to know which of an event's keys it is of.
    """

    name: str
    tag: str
    types: tuple[type[Event], ...]
    start: State
    apply: Callable[[State, Fact], State]
    named: Callable[[str], State] | None = None

    def first(self, key: str) -> State:
        """The state before any event of a key: ``start``, or one that knows its key."""
        return self.named(key) if self.named else self.start


class Facts(Protocol):
    """What a decision may ask: the state of any model for a key, at the head of the log."""

    def __call__(self, model: Model[State], key: str) -> State:
        """The fold of every accepted event tagged ``model.tag:key``, this group's included.

        Of facts that were set right, as they are known now (``ledger.corrections``).
        """

    def fact(self, position: int) -> Fact | None:
        """The event at a position as it was recorded, None beyond the head; it never changes."""


class Contact(Value):
    """A person's contact data in a command; sealed before it enters an event (DESIGN §8)."""

    name: str
    title: str | None = None
    email: str


class Context(NamedTuple):
    """Who acts and when. ``now_us`` is the instant the commit will carry as ``recorded_at``.

    ``holds_key`` tells whether the ledger holds the key of a person.
    """

    actor: str
    command_id: str
    now_us: int
    seal: Callable[[Contact], Sealed]
    holds_key: Callable[[str], bool] = lambda _: True


class Decision(NamedTuple):
    """What was decided: one event, when it is true in the world, and what led to it."""

    event: Event
    effective_at_us: int
    causation: int = 0


class Command(Value):
    """A request to decide something. Subclasses state their name, fields and decision.

    ``NAME`` is what a user types (``claim.submit``); the first docstring sentence is its help.
    """

    NAME: ClassVar[str]
    EXAMPLE: ClassVar[dict[str, Any]]

    def names_anew(self) -> Iterator[tuple[Model[Any], str]]:
        """The models and keys of which the decision probably finds nothing yet.

        A hint that may be left out or wrong: it only lets a group look them all up at once.
        """
        yield from ()

    def contacts(self) -> tuple[Contact, ...]:
        """The contacts that the decision will seal: a hint, as ``names_anew`` is."""
        return ()

    @abstractmethod
    def decide(self, facts: Facts, context: Context) -> Decision:
        """The one event this command leads to now; raises ``Refused`` and then leaves no trace."""
