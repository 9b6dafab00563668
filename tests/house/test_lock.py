"""The lock pins what pyproject.toml asks for and nothing else, by hash, from no named host."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import requires

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house.tree import ROOT, listing

REMEDY = "run `make lock`"

LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
BLOCKS = [b for b in re.split(r"\n(?=[a-z0-9])", LOCK) if not b.startswith("#")]
PINS = [Requirement(block.split(" \\\n")[0]) for block in BLOCKS]
PINNED_HERE = {
    canonicalize_name(pin.name): str(pin.specifier).removeprefix("==")
    for pin in PINS
    if pin.marker is None or pin.marker.evaluate()
}


def asked() -> list[Requirement]:
    """Every requirement that pyproject.toml states: to run, to develop and to build."""
    stated = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    project = stated["project"]
    lines = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    return [Requirement(line) for line in (*lines, *stated["build-system"]["requires"])]


def needed(requirement: Requirement) -> list[Requirement]:
    """What an installed package asks for in turn, on this machine, with the extras asked of it."""
    wanted = map(Requirement, requires(requirement.name) or [])
    extras = ["", *requirement.extras]
    return [
        r for r in wanted if not r.marker or any(r.marker.evaluate({"extra": e}) for e in extras)
    ]


def test_the_lock_satisfies_pyproject() -> None:
    """Each requirement of pyproject.toml, the build's too, is pinned to a version it allows."""
    found = [
        f"{wanted}: pinned to {pinned}; {REMEDY}"
        for wanted in asked()
        for pinned in [PINNED_HERE.get(canonicalize_name(wanted.name), "nothing")]
        if pinned == "nothing" or not wanted.specifier.contains(pinned, prereleases=True)
    ]
    assert not found, listing(found)


def test_the_lock_pins_nothing_that_is_not_asked_for() -> None:
    """A dependency dropped from pyproject.toml is gone from the lock, with all it brought."""
    reached: set[str] = set()
    waiting = asked()
    while waiting:
        requirement = waiting.pop()
        key = f"{canonicalize_name(requirement.name)}{sorted(requirement.extras)}"
        if key not in reached:
            reached |= {key, canonicalize_name(requirement.name)}
            waiting += needed(requirement)
    assert not PINNED_HERE.keys() - reached, REMEDY


def test_every_pin_is_exact_and_has_hashes() -> None:
    """No package can be exchanged for another between the lock and an installation."""
    found = [
        f"{block.splitlines()[0]}: {REMEDY}"
        for block, pin in zip(BLOCKS, PINS, strict=True)
        if not re.fullmatch(r"==[\w.+!]+", str(pin.specifier))
        or not re.search(r"--hash=sha256:[0-9a-f]{64}", block)
    ]
    assert not found, listing(found)


def test_the_lock_names_no_host() -> None:
    """Packages come from whatever index the user's pip knows; only their content is fixed."""
    assert not re.search(r"https?:|--(index-url|extra-index-url|find-links|trusted-host)|@ ", LOCK)
