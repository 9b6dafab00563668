"""A topic of its own for each test, on a real broker."""

from __future__ import annotations

import secrets

import pytest
from ledger.cluster.place import Place
from ledger.cluster.topics import create
from pathlib import Path


@pytest.fixture
def place() -> Place:
    """A place with fresh topics on the broker of this run."""
    fresh = Place(Path("/tmp/kf/servers").read_text(), f"t-{secrets.token_hex(6)}")
    create(fresh)
    return fresh
