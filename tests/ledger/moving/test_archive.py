"""Archives of a log: whole and checked from themselves, or refused."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from interfaces.moving import origin
from ledger.app import Ledger
from ledger.commands import catalogue
from ledger.deciding import Request
from ledger.errors import AttributionError, BadInputError, DamagedError
from ledger.log.chain import START, seal
from ledger.log.frame import EventBytes
from ledger.moving import archive
from ledger.moving.archive import Archive, verify_archive, write_archive


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of a small ledger, beside it."""
    folder = tmp_path_factory.mktemp("archive")
    with Ledger.create(folder / "ledger") as ledger:
        for n in range(40):
            data = {"organisation": str(n), "name": "Alfa " * 20, "country": "CZ"}
            command = catalogue.load("organisation.register").model_validate(data)
            ledger.submit_group([Request(command, "operator", f"c-{n}")])
    with origin(folder / "ledger") as found:
        write_archive(folder / "log.tar", found)
    return folder / "log.tar"


def again(made: Path, to: Path, change: Callable[[dict[str, object], list[bytes]], None]) -> Path:
    """The archive with its manifest and its lines changed, hashes and all made to fit."""
    with tarfile.open(made) as tar:
        manifest = json.load(tar.extractfile("manifest.json"))  # type: ignore[arg-type]  # it is there
        packed = tar.extractfile("chain.jsonl.zst").read()  # type: ignore[union-attr]  # it is there
    lines = (
        zstandard.ZstdDecompressor().decompressobj().decompress(packed).splitlines(keepends=True)
    )
    change(manifest, lines)
    part = zstandard.compress(b"".join(lines))
    size, digest = archive._digest(io.BytesIO(part))  # noqa: SLF001  as a forger would compute it
    manifest["parts"] = [
        {"name": "chain.jsonl.zst", "bytes": size, "sha256": digest, "lines": len(lines)}
    ]
    with tarfile.open(to, "w", format=tarfile.USTAR_FORMAT) as tar:
        for name, data in (
            ("manifest.json", json.dumps(manifest).encode()),
            ("chain.jsonl.zst", part),
        ):
            told = tarfile.TarInfo(name)
            told.size = len(data)
            tar.addfile(told, io.BytesIO(data))
    return to


def test_an_archive_is_checked_from_itself_alone(made: Path) -> None:
    """Commits, events and head, as the ledger has them."""
    with Ledger.open(made.parent / "ledger") as ledger:
        assert verify_archive(made).head == ledger.head


def test_it_gives_every_byte_back(made: Path) -> None:
    """Each commit as it lies in the ledger."""
    with origin(made.parent / "ledger") as found:
        assert list(Archive(made).commits(0)) == list(found.commits(0))
        assert list(Archive(made).commits(7)) == list(found.commits(7))


@given(st.lists(st.tuples(st.binary(max_size=40), st.binary(max_size=40)), min_size=1, max_size=5))
def test_any_bytes_of_an_event_come_back(events: list[tuple[bytes, bytes]]) -> None:
    """Also those that are no text."""
    data, _ = seal(START, 1, [EventBytes(*event) for event in events], "l-1")
    assert archive._packed(archive._line(data), Path("x"), 1) == data  # noqa: SLF001  the pair of them


def test_cut_off_anywhere_it_is_refused(made: Path, tmp_path: Path) -> None:
    """Every length but its own."""
    whole, cut = made.read_bytes(), tmp_path / "cut.tar"
    for size in {0, 1, 511, 512, 1023, 1024, 1100, 2048, len(whole) // 2, len(whole) - 1}:
        cut.write_bytes(whole[:size])
        with pytest.raises(AttributionError):
            verify_archive(cut)
    cut.write_bytes(whole + b"\0")
    with pytest.raises(DamagedError):
        verify_archive(cut)


def test_a_byte_changed_anywhere_is_noticed(made: Path, tmp_path: Path) -> None:
    """In what is said and what is kept; the padding between says nothing."""
    whole, changed = bytearray(made.read_bytes()), tmp_path / "changed.tar"
    with tarfile.open(made) as tar:
        spans = [(it.offset_data, it.offset_data + it.size) for it in tar.getmembers()]
    manifest, chain = (range(*span) for span in spans)
    for at in [*chain][:: len(chain) // 60]:
        damaged = bytearray(whole)
        damaged[at] ^= 1
        changed.write_bytes(damaged)
        with pytest.raises(DamagedError):
            verify_archive(changed)
    assert b'"position": 41' in whole[manifest.start : manifest.stop]
    changed.write_bytes(whole.replace(b'"position": 41', b'"position": 40'))
    with pytest.raises(DamagedError):
        verify_archive(changed)


@pytest.mark.parametrize(
    "change",
    [
        lambda _, lines: lines.pop(),
        lambda _, lines: lines.pop(3),
        lambda _, lines: lines.insert(5, lines[4]),
        lambda _, lines: lines.append(b'{"first": 1}\n'),
        lambda _, lines: lines.append(b"[]\n"),
        lambda _, lines: lines.append(b"no end of line"),
        lambda _, lines: lines.__setitem__(2, lines[2].replace(b"Alfa", b"Beta")),
        lambda manifest, _: manifest.__setitem__("head_hash", "00" * 32),
        lambda manifest, _: manifest.__setitem__("position", 7),
        lambda manifest, _: manifest.__setitem__("more", 7),
        lambda manifest, _: manifest.pop("ledger"),
    ],
)
def test_a_forger_who_fits_the_hashes_is_noticed(
    made: Path, tmp_path: Path, change: Callable[[dict[str, object], list[bytes]], None]
) -> None:
    """Lines left out, doubled, added or changed; a manifest that says something else."""
    with pytest.raises(DamagedError) as refused:
        verify_archive(again(made, tmp_path / "forged.tar", change))
    assert (refused.value.code, refused.value.exit_code) == ("archive_damaged", 4)


def test_one_of_a_newer_version_is_refused(made: Path, tmp_path: Path) -> None:
    """Before anything else of it is read."""
    newer = again(made, tmp_path / "new.tar", lambda manifest, _: manifest.update(format=3, more=1))
    with pytest.raises(DamagedError) as refused:
        verify_archive(newer)
    assert refused.value.code == "newer_version"


def test_what_is_no_archive_is_said(made: Path, tmp_path: Path) -> None:
    """A missing file, another file; and none is written over."""
    with pytest.raises(BadInputError, match="no file"):
        verify_archive(tmp_path / "nowhere.tar")
    (tmp_path / "text").write_text("hello\n")
    with pytest.raises(BadInputError, match="no archive"):
        verify_archive(tmp_path / "text")
    with (
        origin(made.parent / "ledger") as found,
        pytest.raises(BadInputError, match="there already"),
    ):
        write_archive(made, found)
    assert {it.name for it in made.parent.iterdir()} == {"ledger", "log.tar"}
