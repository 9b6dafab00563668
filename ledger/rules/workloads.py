"""The workloads of Microsoft 365 that a claim can name, from one table (``workloads.toml``)."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any


@cache
def table() -> Mapping[str, str]:
    """The name of every workload, by its id."""
    return {workload: entry["name"] for workload, entry in _entries().items()}


@lru_cache(maxsize=1024)
def workload(text: str) -> str | None:
    """The id of the workload a text names, in any of its spellings; None when it names none.

    >>> workload("Teams Meetings"), workload("M365 Apps"), workload("Skype")
    ('teams_meetings', 'proplus', None)
    """
    return _spellings().get(_plain(text))


def plain_name(text: str) -> str | None:
    """A name that no table lists, as its words in lower case; None when it has none.

    >>> plain_name("Field Service"), plain_name("FieldService"), plain_name("F&O Bundle")
    ('field_service', 'field_service', 'f_o_bundle')
    """
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", text).lower()
    return "_".join(re.findall(r"[^\W_]+", words)) or None


@cache
def _entries() -> dict[str, dict[str, Any]]:
    return tomllib.loads(files("ledger.rules").joinpath("workloads.toml").read_text("utf-8"))


@cache
def _spellings() -> dict[str, str]:
    return {
        _plain(spelling): key
        for key, entry in _entries().items()
        for spelling in (key, entry["name"], *entry.get("aliases", ()))
    }


def _plain(text: str) -> str:
    return "".join(letter for letter in text.lower() if letter.isalnum())
