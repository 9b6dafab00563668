"""docker-compose.yml as Docker would read it, for tests on machines without Docker."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import yaml

from tests.house.tree import ROOT

FILE = ROOT / "docker-compose.yml"
OTHERS = frozenset({"kafka", "clickhouse"})
"""Services of other people's images; the rest is the program's own."""


class Started(NamedTuple):
    """What a container of our own image runs: the words of its process, and its environment."""

    words: list[str]
    environment: dict[str, str]


def services() -> dict[str, dict[str, Any]]:
    """Every service, with what it takes over from others already in it."""
    found: dict[str, dict[str, Any]] = yaml.safe_load(FILE.read_text("utf-8"))["services"]
    return found


def own() -> dict[str, dict[str, Any]]:
    """The services that run our program."""
    return {name: service for name, service in services().items() if name not in OTHERS}


def entrypoint() -> list[str]:
    """What the image runs when a service names nothing else."""
    found = re.search(
        r"^ENTRYPOINT (\[.*\])$", (ROOT / "Dockerfile").read_text("utf-8"), re.MULTILINE
    )
    assert found is not None
    words: list[str] = yaml.safe_load(found[1])
    return words


def started(service: dict[str, Any]) -> Started:
    """What is run for a service."""
    words = [*service.get("entrypoint", entrypoint()), *service["command"]]
    return Started([str(word) for word in words], dict(service["environment"]))


def command_lines(service: dict[str, Any]) -> list[list[str]]:
    """The words after `attribution` of every call of the program that a service makes."""
    words = started(service).words
    if words[0] == "attribution":
        return [words[1:]]
    calls = re.findall(r"\battribution ((?:[\w-]+ ?)+)", " ".join(words))
    return [call.split() for call in calls]
