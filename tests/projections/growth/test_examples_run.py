"""The examples in the docstrings of pure growth modules are true."""

from __future__ import annotations

import doctest
from types import ModuleType

import pytest

from projections.growth import literals, periods, server


@pytest.mark.parametrize("module", [literals, periods, server])
def test_examples_hold(module: ModuleType) -> None:
    """Each example gives what stands below it, and there are some."""
    found = doctest.testmod(module)
    assert (found.failed, found.attempted > 0) == (0, True)
