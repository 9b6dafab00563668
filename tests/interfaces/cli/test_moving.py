"""Moving a ledger that counts usage: from folder to folder, and through an archive."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path

import zstandard

from tests.interfaces.conftest import Run

GROWTH = ("growth", "--by", "partner", "--json")


def test_a_copy_answers_as_the_ledger_it_is_of(run: Run, ledger: Path, tmp_path: Path) -> None:
    """Holders and growth the same; whole by `verify`; its keys are its owner's alone."""
    made = run("copy", str(ledger), str(tmp_path / "copy"), "--json")
    assert made.code == 0, made.err
    assert run("verify", "--ledger", str(tmp_path / "copy")).code == 0
    for question in (("holders", "--json"), GROWTH):
        there = run(*question, "--ledger", str(tmp_path / "copy"))
        assert there.code == 0
        assert there.out == run(*question, "--ledger", str(ledger)).out
    assert (tmp_path / "copy" / "keys.db").stat().st_mode & 0o077 == 0


def test_through_an_archive_it_counts_the_same(run: Run, ledger: Path, tmp_path: Path) -> None:
    """Checked, imported, whole, the same growth; it goes on, and is archived again the same."""
    archive, there = str(tmp_path / "log.tar"), str(tmp_path / "there")
    made = run("export", "log", archive, "--ledger", str(ledger), "--json")
    assert made.code == 0, made.err
    checked = run("verify", archive, "--json")
    assert (checked.code, '"usage_rows"' in checked.out) == (0, True), checked.err
    came = run("import-log", archive, there, "--keys", str(ledger / "keys.db"), "--json")
    assert came.code == 0, came.err
    assert run("verify", "--ledger", there).code == 0
    before = run(*GROWTH, "--ledger", str(ledger)).out
    assert run(*GROWTH, "--ledger", there).out == before
    again = str(tmp_path / "again.tar")
    assert run("export", "log", again, "--ledger", there).code == 0
    assert _parts(Path(again)) == _parts(Path(archive))


def test_what_came_by_an_archive_withdraws_and_loads(
    run: Run, ledger: Path, tmp_path: Path
) -> None:
    """The new house needs the statements that came, and appends beside them."""
    archive, there = str(tmp_path / "log.tar"), str(tmp_path / "there")
    run("export", "log", archive, "--ledger", str(ledger))
    run("import-log", archive, there, "--keys", str(ledger / "keys.db"))
    listed = run("usage", "list", "--ledger", there, "--json").out.splitlines()
    for house in (there, str(ledger)):
        name = json.loads(listed[0])["report"]
        words = ("--reason", "by mistake", "--at", "2024-07-01T09:00:00Z", "--ledger", house)
        gone = run("usage", "withdraw", name, *words)
        assert gone.code == 0, gone.err
    assert run(*GROWTH, "--ledger", there).out == run(*GROWTH, "--ledger", str(ledger)).out
    assert run("verify", "--ledger", there).code == 0
    # What the new house appended itself moves on as what came.
    moved = run("copy", there, str(tmp_path / "third"))
    assert moved.code == 0, moved.err
    assert run("verify", "--ledger", str(tmp_path / "third")).code == 0


def test_usage_rows_that_were_changed_in_an_archive_are_refused(
    run: Run, ledger: Path, tmp_path: Path
) -> None:
    """The hashes of its parts made to fit: the decision's digest does not."""
    archive = tmp_path / "log.tar"
    run("export", "log", str(archive), "--ledger", str(ledger))
    for change in (
        lambda lines: lines.pop(),
        lambda lines: lines.append(lines[0]),
        lambda lines: lines.reverse(),
        lambda lines: lines.__setitem__(0, lines[0].replace(b"0000000\\t", b"1000000\\t", 1)),
    ):
        forged = tmp_path / "forged.tar"
        _forge(archive, forged, change)
        checked = run("verify", str(forged), "--json")
        assert (checked.code, "archive_damaged" in checked.out + checked.err) == (4, True)
        there = tmp_path / "there"
        came = run("import-log", str(forged), str(there), "--keys", str(ledger / "keys.db"))
        assert (came.code, there.exists()) == (4, False)


def _parts(archive: Path) -> list[tuple[str, bytes]]:
    with tarfile.open(archive) as tar:
        return [(it.name, tar.extractfile(it).read()) for it in tar.getmembers()]  # type: ignore[union-attr]  # they are files


def _forge(archive: Path, to: Path, change: Callable[[list[bytes]], object]) -> None:
    """The archive with the lines of its usage changed, and its manifest made to fit."""
    (_, text), chain, (name, packed) = _parts(archive)
    lines = zstandard.ZstdDecompressor().decompressobj().decompress(packed).splitlines(True)
    change(lines)
    part = zstandard.compress(b"".join(lines))
    manifest = json.loads(text)
    manifest["parts"][1] |= {
        "bytes": len(part),
        "sha256": hashlib.sha256(part).hexdigest(),
        "lines": len(lines),
    }
    with tarfile.open(to, "w", format=tarfile.USTAR_FORMAT) as tar:
        for each, data in (("manifest.json", json.dumps(manifest).encode()), chain, (name, part)):
            told = tarfile.TarInfo(each)
            told.size = len(data)
            tar.addfile(told, io.BytesIO(data))
