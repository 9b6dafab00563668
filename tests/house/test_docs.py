"""Documents are true of the tree: links lead somewhere, indexes are whole, words stand once."""

from __future__ import annotations

import re

import pytest

from tests.house.tree import ROOT, files, listing

DOCUMENTS = tuple(name for name in files() if name.endswith(".md"))
RECORDS = tuple(n for n in files() if re.fullmatch(r"docs/adr/\d{4}-[a-z0-9-]+\.md", n))
SECTIONS = ["Context", "Decision", "Consequences", "Alternatives"]
SOURCE = re.compile(r"(?:domain|design|files) §[\d.]+(?:, §[\d.]+)*")


def text(name: str) -> str:
    """The whole of one document."""
    return (ROOT / name).read_text(encoding="utf-8")


def glossary_groups() -> list[list[list[str]]]:
    """The rows of each table of the glossary as [term, meaning, where]."""
    tables = re.findall(r"^\|---\|---\|---\|\n((?:\|.*\n)+)", text("GLOSSARY.md"), re.MULTILINE)
    return [[row.strip("|").split("|") for row in table.splitlines()] for table in tables]


def test_every_link_between_documents_leads_somewhere() -> None:
    """A relative link names a file or folder of the project."""
    found = [
        f"{name}: {target}"
        for name in DOCUMENTS
        for target in re.findall(r"\]\(([^)\s#]+)[^)]*\)", text(name))
        if not re.match(r"[a-z]+:", target) and not ((ROOT / name).parent / target).exists()
    ]
    assert not found, listing(found)


def test_every_make_target_a_document_names_exists() -> None:
    """What a document tells the reader to run can be run."""
    targets = set(re.findall(r"^([a-z-]+):", text("Makefile"), re.MULTILINE))
    found = [
        f"{name}: make {target}"
        for name in DOCUMENTS
        for target in re.findall(r"`make ([a-z-]+)", text(name))
        if target not in targets
    ]
    assert not found, listing(found)


def test_the_index_of_records_is_whole() -> None:
    """The index has one line for each record, in order, under the record's own title."""
    row = re.compile(r"^\| \[(\d{4})\]\((.+)\) \| (.+) \|$", re.MULTILINE)
    indexed = row.findall(text("docs/adr/README.md"))
    written = [
        (name[9:13], name.removeprefix("docs/adr/"), text(name).partition("\n")[0][8:])
        for name in RECORDS
        if "0000" not in name
    ]
    assert indexed == written


@pytest.mark.parametrize("name", RECORDS)
def test_a_record_has_all_its_sections(name: str) -> None:
    """A record says what forced the choice, what was chosen, what follows and what was left."""
    assert re.findall(r"^## (.+)$", text(name), re.MULTILINE) == SECTIONS
    assert text(name).startswith(f"# {name[9:13]}: ")


def test_a_word_is_defined_once_in_order_and_with_its_source() -> None:
    """The glossary can be looked up, and each meaning can be followed to where it is settled."""
    terms = [[row[0].strip().casefold() for row in group] for group in glossary_groups()]
    assert terms, "no table found in GLOSSARY.md"
    assert terms == [sorted(group) for group in terms]
    every = [term for group in terms for term in group]
    assert len(every) == len(set(every))
    found = [
        f"{row[0].strip()}: {row[2].strip()!r} names no section"
        for group in glossary_groups()
        for row in group
        if not all(SOURCE.fullmatch(part) for part in re.split(r", (?=[a-z])", row[2].strip()))
    ]
    assert not found, listing(found)
