"""What no file of the project says: machine paths, registry hosts, notes to finish later."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.house.tree import ROOT, files, listing

# A letter or point stands in brackets, so that this file does not say what it forbids.
HOST = re.compile(
    r"pypi[.]org|files[.]pythonhosted[.]org|registry[.]npmjs[.]org|crates[.]io"
    r"|repo1?[.]maven(?:[.]apache)?[.]org|proxy[.]golang[.]org"
)
# Where somebody's own machine keeps things; a folder of that name inside something is no matter.
PLACE = re.compile(r"(?<![\w.])(?:/w[o]rk/\w|/tmp/p[r]obe\b|/h[o]me/\w|/r[o]ot/\w|/U[s]ers/\w)")
LATER = re.compile(r"\b(?:T[O]DO|F[I]XME|X[X]X)\b")


def said(pattern: re.Pattern[str]) -> Iterator[str]:
    """Each place of the project where the pattern stands; no file is too odd to be looked at."""
    for name in files():
        text = (ROOT / name).read_text(encoding="utf-8", errors="replace")
        for number, line in enumerate(text.splitlines(), 1):
            if match := pattern.search(line):
                yield f"{name}:{number}: {match.group()!r}"


def test_no_file_names_a_registry_host() -> None:
    """The project installs from whatever index its user's pip knows."""
    found = list(said(HOST))
    assert not found, listing(found)


def test_no_file_names_a_place_on_somebodys_machine() -> None:
    """The project runs from wherever it is cloned."""
    found = list(said(PLACE))
    assert not found, listing(found)


def test_no_line_was_left_for_later() -> None:
    """An open end is an issue, never a marker in a file."""
    found = list(said(LATER))
    assert not found, listing(found)


@pytest.mark.parametrize(
    "pattern,sample",
    [
        (HOST, "https://pypi#org/simple"),
        (HOST, "https://repo#maven#apache#org/maven2"),
        (PLACE, "cd /wo#rk/main"),
        (PLACE, "open('/ho#me/ann/ledger')"),
        (LATER, "# TO#DO: the rest"),
    ],
)
def test_what_is_forbidden_would_be_found(pattern: re.Pattern[str], sample: str) -> None:
    """Each search knows what it forbids when it sees it, so the tests above can fail."""
    joint = "." if pattern is HOST else ""
    assert pattern.search(sample.replace("#", joint))


def test_a_folder_inside_the_project_is_no_place_on_a_machine() -> None:
    """Relative paths and addresses may hold the same words."""
    assert not PLACE.search("see ./work/x, net/work/y and https://example.org/home/z")
