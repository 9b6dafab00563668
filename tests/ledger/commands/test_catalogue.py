"""The catalogue of commands: every name leads to its class, every example is complete."""

from __future__ import annotations

import pytest

from ledger.commands import catalogue
from ledger.errors import BadInputError

EVERY = (*catalogue.names(), *catalogue.INTERNAL)


@pytest.mark.parametrize("name", EVERY)
def test_a_name_leads_to_the_command_of_that_name(name: str) -> None:
    """And its docstring's first line is a sentence for help."""
    command = catalogue.load(name)
    assert name == command.NAME
    first = (command.__doc__ or "").partition("\n")[0]
    assert first.endswith(".")


@pytest.mark.parametrize("name", EVERY)
def test_every_example_is_valid_as_it_stands(name: str) -> None:
    """Who copies it gets a command, not an error about its form."""
    command = catalogue.load(name)
    assert command.model_validate(command.EXAMPLE).model_dump()


def test_an_unknown_name_is_answered_with_near_ones() -> None:
    """A slip of the finger is put right by the message."""
    with pytest.raises(BadInputError, match=r"claim\.approve") as caught:
        catalogue.load("claim.aprove")
    assert caught.value.code == "unknown_command"


def test_a_name_like_no_other_points_to_the_list() -> None:
    """Nothing is guessed."""
    with pytest.raises(BadInputError, match="attribution commands"):
        catalogue.load("xyzzy")
