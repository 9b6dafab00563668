"""Every command that can stand in a line: its name, its model, what it does and an example."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any, NamedTuple

from interfaces.bulk.forms import FORMS, Form
from ledger.commands import catalogue
from ledger.decision import Command
from ledger.errors import BadInputError

CONTENT_FROM_FILE = (
    "policy.adopt",
    "programme.adopt",
    "calendar.adopt",
    "roles.adopt",
    "incentive.adopt",
    "rates.adopt",
)
"""Commands whose ``content`` may be given as ``"file": "its.toml"``."""


class Named(NamedTuple):
    """A command as a user meets it."""

    name: str
    model: type[Command | Form]

    @property
    def summary(self) -> str:
        """Its first sentence."""
        return " ".join((self.model.__doc__ or "").split("\n\n")[0].split()).replace("``", "`")

    @property
    def example(self) -> dict[str, Any]:
        """Data that is well formed."""
        return self.model.EXAMPLE


def names() -> tuple[str, ...]:
    """Every name, in the order of the ledger's table."""
    return (*catalogue.names(), *FORMS)


def named(name: str) -> Named:
    """The command ``name``; an unknown one raises ``BadInputError`` with near ones."""
    if name in FORMS:
        return Named(name, FORMS[name])
    if name in catalogue.COMMANDS:
        return Named(name, catalogue.load(name))
    near = get_close_matches(name, names(), n=3, cutoff=0.5)
    hint = f"Did you mean {' or '.join(near)}?" if near else "`attribution commands` lists them."
    raise BadInputError(f"There is no command {name!r}.", hint=hint, code="unknown_command")
