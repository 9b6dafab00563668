"""Facts at the head: the state of any decision model, kept warm and folded on as events come.

A state is read from the index once, then each appended event is folded into the states it belongs
to. Nothing here is truth: ``forget`` drops it all, and the next question reads the log again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ledger.corrections import TYPES, corrected
from ledger.decision import Fact, Model, State
from ledger.log.index import Index, Stored
from ledger.log.query import EVERYTHING
from schemas import catalogue
from schemas.corrections import Correction
from schemas.envelope import Attributes
from schemas.event import Event

KEPT_STATES = 200_000
"""At most so many states are kept warm; the oldest quarter goes when there are more."""


def fact_of(stored: Stored) -> Fact:
    """An accepted event as folds see it; raises ``UnknownTypeError`` for a type not known here."""
    attributes = Attributes.from_bytes(stored.attributes)
    return Fact(
        stored.position,
        catalogue.decode(stored.type, stored.data),
        attributes.effective_at_us,
        stored.recorded_at_us,
        attributes.actor,
    )


class WarmFacts:
    """The ``Facts`` of decisions, over an index and the events appended since."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._models: dict[str, tuple[Model[Any], tuple[str, ...]]] = {}
        self._folding: dict[tuple[str, type], list[Model[Any]]] = defaultdict(list)
        self._states: dict[tuple[str, str], Any] = {}
        self._appended: list[tuple[Fact, tuple[str, ...]]] = []
        self._listed: dict[str, list[Fact]] = defaultdict(list)
        self._listed_count = 0

    def __call__(self, model: Model[State], key: str) -> State:
        """The state of the model for the key, appended events included."""
        try:
            state: State = self._states[model.name, key]
        except KeyError:
            state = self._states[model.name, key] = self._fold(model, key)
        return state

    def expect(self, asked: Iterable[tuple[Model[Any], str]]) -> None:
        """Look up at once which of the states are still at their start, and keep those warm."""
        cold: dict[str, list[tuple[Model[Any], str]]] = {}
        for model, key in asked:
            if (model.name, key) not in self._states:
                cold.setdefault(f"{model.tag}:{key}", []).append((model, key))
        for tag in self._index.unused(list(cold)) if cold else ():
            if not self._of_group(tag):
                for model, key in cold[tag]:
                    self._register(model)
                    self._states[model.name, key] = model.first(key)

    def _fold(self, model: Model[State], key: str) -> State:
        types = self._register(model)
        tag = f"{model.tag}:{key}"
        state = model.first(key)
        known = [fact_of(stored) for stored in self._index.tagged(tag, (*types, *TYPES))]
        wanted: tuple[type[Event], ...] = (*model.types, Correction)
        known += [fact for fact in self._of_group(tag) if isinstance(fact.event, wanted)]
        for fact in corrected(known):
            state = model.apply(state, fact)
        return state

    def fact(self, position: int) -> Fact | None:
        """The event at a position as it was recorded, appended events included."""
        for fact, _ in reversed(self._appended):
            if fact.position == position:
                return fact
        found = self._index.find(EVERYTHING, after=position - 1, limit=1, upto=position)
        return fact_of(found[0]) if found else None

    def _register(self, model: Model[Any]) -> tuple[str, ...]:
        known = self._models.get(model.name)
        if known is None:
            types = tuple(name for event in model.types for name in catalogue.versions(event.TYPE))
            known = self._models[model.name] = (model, types)
            for event in model.types:
                self._folding[model.tag, event].append(model)
        assert known[0] is model, f"two decision models are named {model.name}"
        return known[1]

    def appended(self, fact: Fact, tags: tuple[str, ...]) -> None:
        """Fold an event that was just appended into every state it belongs to."""
        self._appended.append((fact, tags))
        if isinstance(fact.event, Correction):
            self._refold(tags)
            return
        states, kind = self._states, type(fact.event)
        for tag in tags:
            prefix, _, key = tag.partition(":")
            for model in self._folding.get((prefix, kind), ()):
                place = (model.name, key)
                if place in states:
                    states[place] = model.apply(states[place], fact)

    def _refold(self, tags: Iterable[str]) -> None:
        """Forget every state under the tags: what they were folded from is not as it was."""
        for tag in tags:
            prefix, _, key = tag.partition(":")
            for model, _ in self._models.values():
                if model.tag == prefix:
                    self._states.pop((model.name, key), None)

    def _of_group(self, tag: str) -> Sequence[Fact]:
        """The events appended with the tag; listed by tag only when somebody asks."""
        for fact, tags in self._appended[self._listed_count :]:
            for each in tags:
                self._listed[each].append(fact)
        self._listed_count = len(self._appended)
        return self._listed.get(tag, ())

    def _unlist(self) -> None:
        self._listed.clear()
        self._listed_count = 0

    def warm(self) -> Iterator[tuple[Model[Any], str, Any]]:
        """Every state that is warm now, with its model and key."""
        for (name, key), state in self._states.items():
            yield self._models[name][0], key, state

    def retract(self, position: int) -> None:
        """Forget the events appended beyond ``position``, and every state they touched."""
        while self._appended and self._appended[-1][0].position > position:
            fact, tags = self._appended.pop()
            if isinstance(fact.event, Correction):
                self._refold(tags)
                continue
            for tag in tags:
                prefix, _, key = tag.partition(":")
                for model in self._folding.get((prefix, type(fact.event)), ()):
                    self._states.pop((model.name, key), None)
        self._unlist()

    def kept(self) -> None:
        """The group was kept: its events are in the index from now on."""
        self._appended.clear()
        self._unlist()
        if len(self._states) > KEPT_STATES:
            for place in list(self._states)[: KEPT_STATES // 4]:
                del self._states[place]

    def forget(self) -> None:
        """The head is not what the states were folded to: drop them all."""
        self._states.clear()
        self._appended.clear()
        self._unlist()
