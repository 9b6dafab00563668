"""The workloads of Microsoft 365 that a claim can name, from one dated table (``workloads.toml``).

Over the years names change and workloads are split (domain.md §14.8). A renamed workload keeps
its id, so claims under the old name keep their slot and claims under the new one contest it. A
part that was split off is a workload of its own, which a claim on the whole does not hold, unless
its row says ``carries_over``.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, NamedTuple


class Name(NamedTuple):
    """A spelling, from a day on and before another; None where there is no bound."""

    text: str
    since: date | None = None
    until: date | None = None

    def meant_on(self, day: date | None) -> bool:
        """Whether the name was in use on the day; any day will do with None."""
        if day is None:
            return True
        return (self.since is None or self.since <= day) and (
            self.until is None or day < self.until
        )


class Workload(NamedTuple):
    """A workload; ``split_from`` is the one it was once a part of."""

    workload: str
    name: str
    names: tuple[Name, ...]
    split_from: str | None
    carries_over: bool
    source: str

    def slot_of(self) -> str:
        """The workload whose slot a claim on this one asks for."""
        return self.split_from if self.split_from and self.carries_over else self.workload


Workloads = Mapping[str, Workload]


def parse(content: Mapping[str, Mapping[str, Any]]) -> Workloads:
    """The workloads that a table states, by their ids."""
    return {workload: _row(workload, entry) for workload, entry in content.items()}


def _row(workload: str, entry: Mapping[str, Any]) -> Workload:
    undated = (workload, entry["name"], *entry.get("aliases", ()))
    dated = (
        Name(one["name"], one.get("since"), one.get("until")) for one in entry.get("names", ())
    )
    return Workload(
        workload,
        entry["name"],
        (*map(Name, undated), *dated),
        entry.get("split_from"),
        entry.get("carries_over", False),
        entry.get("source", "domain.md §8.3"),
    )


def meant(workloads: Workloads, text: str, on: date | None = None) -> Workload | None:
    """The workload that a text named on a day, in any spelling; None when it named none."""
    plain = _plain(text)
    for row in workloads.values():
        if any(_plain(name.text) == plain and name.meant_on(on) for name in row.names):
            return row
    return None


@cache
def rows() -> Workloads:
    """Every workload that ships, by its id."""
    text = files("ledger.rules").joinpath("workloads.toml").read_text("utf-8")
    return parse(tomllib.loads(text))


@cache
def table() -> Mapping[str, str]:
    """The name of every workload, by its id."""
    return {workload: row.name for workload, row in rows().items()}


@lru_cache(maxsize=4096)
def workload(text: str, on: date | None = None) -> str | None:
    """The id of the workload a text names, on a day or ever, in any spelling; None for none.

    >>> workload("Teams Meetings"), workload("M365 Apps"), workload("Skype")
    ('teams_meetings', 'proplus', None)
    >>> workload("Viva Engage", date(2020, 7, 1)), workload("Viva Engage", date(2024, 7, 1))
    (None, 'yammer')
    """
    found = meant(rows(), text, on)
    return found.workload if found else None


def plain_name(text: str) -> str | None:
    """A name that no table lists, as its words in lower case; None when it has none.

    >>> plain_name("Field Service"), plain_name("FieldService"), plain_name("F&O Bundle")
    ('field_service', 'field_service', 'f_o_bundle')
    """
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", text).lower()
    return "_".join(re.findall(r"[^\W_]+", words)) or None


@lru_cache(maxsize=4096)
def claimed(text: str, on: date | None = None) -> str | None:
    """The id of the workload whose slot a claim of that day asks for when it names the text."""
    found = meant(rows(), text, on)
    return found.slot_of() if found else None


@lru_cache(maxsize=4096)
def _plain(text: str) -> str:
    return "".join(letter for letter in text.lower() if letter.isalnum())
