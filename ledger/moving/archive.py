"""An archive of a log: one file that says everything needed to check it, or to build it again.

A tar file of ``manifest.json`` and ``chain.jsonl.zst``: a commit a line, as JSON that anybody can
read, and from which its bytes come back exactly. The manifest names the ledger, the head and, for
each part, its length and SHA-256. No keys are in it: contacts stay sealed.
"""

from __future__ import annotations

import hashlib
import io
import os
import struct
import tarfile
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any, Literal

import orjson
import zstandard
from pydantic import BaseModel, ConfigDict, ValidationError

from ledger.errors import BadInputError, DamagedError
from ledger.log.chain import START, Head, Void, judge
from ledger.log.frame import ZERO_HASH, EventBytes, Frame, Unparsable, pack, parse
from ledger.log.verify import ChainReport, read_all
from ledger.moving.copying import Commits, Origin, Progress
from schemas.time import from_iso, iso

FORMAT = 1
MANIFEST, CHAIN = "manifest.json", "chain.jsonl.zst"
_LONGEST_LINE = 4 * 2**20
"""A commit has at most 512 KiB; escaped as JSON it stays far below this."""

_MANIFEST_BYTES = 2**20


class Part(BaseModel):
    """One file in an archive."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str
    bytes: int
    sha256: str
    lines: int


class Manifest(BaseModel):
    """What an archive says it holds."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: Literal["attribution-log"] = "attribution-log"
    format: int = FORMAT
    ledger: str
    clock: Literal["real", "told"]
    position: int
    head_hash: str
    recorded_at: str
    events: int
    parts: tuple[Part, ...]


class Archive:
    """An archive that is read, as the origin of a copy.

    Raises ``DamagedError`` where it is not whole, ``BadInputError`` where it is none.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self.manifest = _manifest(file)
        self.ledger, self.clock = self.manifest.ledger, self.manifest.clock

    def head(self) -> Head:
        """Where its log ends, as its manifest says."""
        told = self.manifest
        return Head(told.position, bytes.fromhex(told.head_hash), from_iso(told.recorded_at))

    def commits(self, after: int) -> Commits:
        """Its commits beyond a position, each judged; all before them are, too."""
        head = START
        for number, line in enumerate(self._lines(), start=1):
            data = _packed(line, self.file, number)
            verdict = judge(head, data)
            if isinstance(verdict, Void):
                raise _damaged(self.file, f"commit {number} is {verdict.reason}: {verdict.detail}")
            head = verdict.head
            if head.position > after:
                yield data, verdict
        if head != self.head():
            raise _damaged(
                self.file, f"its log ends at position {head.position}, not where it says"
            )

    def _lines(self) -> Iterator[bytes]:
        (part,) = self.manifest.parts
        with _member(self.file, part.name) as stream, _named(self.file):
            text = io.BufferedReader(
                zstandard.ZstdDecompressor().stream_reader(stream),
                2**20,
            )
            count = 0
            while line := text.readline(_LONGEST_LINE):
                if not line.endswith(b"\n"):
                    raise _damaged(self.file, f"line {count + 1} of {part.name} does not end")
                count += 1
                yield line
            if count != part.lines:
                raise _damaged(self.file, f"{part.name} has {count} lines, not {part.lines}")


def is_archive(path: Path) -> bool:
    """Whether a path is a file, as archives are; ledgers are folders."""
    return path.is_file()


def verify_archive(file: Path, progress: Progress = lambda _: None) -> ChainReport:
    """Check an archive from its own bytes: parts, chain, and what the events say of themselves.

    Raises ``DamagedError`` with the first thing that does not fit, ``BadInputError`` for a file
    that is no archive.
    """
    archive = Archive(file)
    for part in archive.manifest.parts:
        with _member(file, part.name) as stream, _named(file):
            found = _digest(stream)
        if found != (part.bytes, part.sha256):
            raise _damaged(file, f"{part.name} is not what the manifest says: its hash differs")
    return read_all(archive.commits(0), progress)


def write_archive(file: Path, origin: Origin, progress: Progress = lambda _: None) -> Manifest:
    """Write a log to a new file, whole or not at all.

    Raises ``BadInputError`` (``file_exists``) where something is already.
    """
    if file.exists():
        raise BadInputError(
            f"{file} is there already.", hint="Name a new file.", code="file_exists"
        )
    file.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=f".{file.name}.", dir=file.parent) as beside:
        chain = Path(beside) / CHAIN
        lines, head = _write_chain(chain, origin, progress)
        with chain.open("rb") as stream:
            size, digest = _digest(stream)
        manifest = Manifest(
            ledger=origin.ledger,
            clock=origin.clock,
            position=head.position,
            head_hash=head.hash.hex(),
            recorded_at=iso(head.recorded_at_us),
            events=head.position,
            parts=(Part(name=CHAIN, bytes=size, sha256=digest, lines=lines),),
        )
        whole = Path(beside) / file.name
        _pack(whole, manifest, chain)
        whole.rename(file)
    return manifest


def _write_chain(chain: Path, origin: Origin, progress: Progress) -> tuple[int, Head]:
    head, ends, lines = START, origin.head(), 0
    with chain.open("wb") as out, zstandard.ZstdCompressor(level=9).stream_writer(out) as writer:
        for data, verdict in origin.commits(0):
            if verdict.head.position > ends.position:
                break  # decided while this was written: another archive's
            writer.write(_line(data))
            lines, head = lines + 1, verdict.head
            progress(head)
    return lines, head


def _pack(whole: Path, manifest: Manifest, chain: Path) -> None:
    text = orjson.dumps(
        manifest.model_dump(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    )
    with whole.open("wb") as out:
        with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as tar:
            told = tarfile.TarInfo(MANIFEST)
            told.size = len(text)
            tar.addfile(told, io.BytesIO(text))
            part = tarfile.TarInfo(CHAIN)
            part.size = chain.stat().st_size
            with chain.open("rb") as stream:
                tar.addfile(part, stream)
        out.flush()
        os.fsync(out.fileno())


def _shown(name: str, data: bytes) -> dict[str, str]:
    try:
        return {name: data.decode()}
    except UnicodeDecodeError:
        return {f"{name}_base64": b64encode(data).decode()}


def _line(data: bytes) -> bytes:
    frame = parse(data)
    assert isinstance(frame, Frame), "an accepted commit can be read"
    told: dict[str, Any] = {"first": frame.first, "prev": frame.prev.hex()}
    told |= _shown("header", frame.header)
    told["events"] = [
        {**_shown("attributes", event.attributes), **_shown("data", event.data)}
        for event in frame.events
    ]
    return orjson.dumps(told, option=orjson.OPT_APPEND_NEWLINE)


def _packed(line: bytes, file: Path, number: int) -> bytes:
    try:
        told = orjson.loads(line)
        events = tuple(
            EventBytes(_bytes("attributes", it), _bytes("data", it)) for it in told["events"]
        )
        data = pack(Frame(told["first"], _hash(told["prev"]), _bytes("header", told), events))
    except (ValueError, KeyError, TypeError, AttributeError, struct.error) as error:
        raise _damaged(file, f"line {number} of {CHAIN} is no commit ({error})") from error
    if isinstance(parse(data), Unparsable):
        raise _damaged(file, f"line {number} of {CHAIN} is no commit")
    return data


def _hash(text: str) -> bytes:
    found = bytes.fromhex(text)
    if len(found) != len(ZERO_HASH):
        raise ValueError("prev is no hash")
    return found


def _bytes(name: str, told: dict[str, str]) -> bytes:
    if name in told:
        return told[name].encode()
    return b64decode(told[f"{name}_base64"], validate=True)


def _manifest(file: Path) -> Manifest:
    with _member(file, MANIFEST) as stream, _named(file):
        text = stream.read(_MANIFEST_BYTES)
    try:
        told = orjson.loads(text)
        layout = int(told["format"])
    except (ValueError, KeyError, TypeError) as error:
        raise _damaged(file, "its manifest can't be read") from error
    if layout > FORMAT:
        raise DamagedError(
            f"{file} was made by a newer version: its format is {layout}, ours {FORMAT}.",
            hint="Upgrade, then repeat.",
            code="newer_version",
        )
    try:
        found = Manifest.model_validate(told)
        bytes.fromhex(found.head_hash), from_iso(found.recorded_at)
    except (ValidationError, ValueError) as error:
        raise _damaged(file, "its manifest says something that can't be") from error
    if [part.name for part in found.parts] != [CHAIN]:
        raise _damaged(file, "its manifest names other parts than a log has")
    return found


@contextmanager
def _member(file: Path, name: str) -> Iterator[IO[bytes]]:
    """A part of the archive, as a stream; nothing is ever unpacked to a disk."""
    try:
        opened = tarfile.open(file, "r:")  # noqa: SIM115  closed below
    except FileNotFoundError as error:
        raise BadInputError(
            f"There is no file {file}.", hint="Name an archive of a log.", code="no_archive"
        ) from error
    except (tarfile.TarError, OSError) as error:
        raise BadInputError(
            f"{file} is no archive of a log: {error}.",
            hint="Make one with `attribution export log FILE`.",
            code="no_archive",
        ) from error
    with closing(opened) as tar, _named(file):
        if tar.getnames() != [MANIFEST, CHAIN]:
            raise _damaged(file, "its files are not those of an archive")
        if file.stat().st_size != _size(tar):
            raise _damaged(file, "it was cut off, or something was added to it")
        stream = tar.extractfile(name)
        if stream is None:
            raise _damaged(file, f"{name} is no file")
        with stream:
            yield stream


def _size(tar: tarfile.TarFile) -> int:
    """What a tar file of these members takes: a header and whole blocks each, and an end."""
    blocks = sum(1 + -(-it.size // tarfile.BLOCKSIZE) for it in tar.getmembers()) + 2
    return -(-blocks * tarfile.BLOCKSIZE // tarfile.RECORDSIZE) * tarfile.RECORDSIZE


@contextmanager
def _named(file: Path) -> Iterator[None]:
    """Within it, what a torn file makes the libraries say is said plainly."""
    try:
        yield
    except (tarfile.TarError, zstandard.ZstdError, EOFError, OSError) as error:
        raise _damaged(file, f"it is torn or cut off ({error})") from error


def _digest(stream: IO[bytes]) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    while block := stream.read(2**20):
        digest.update(block)
        size += len(block)
    return size, digest.hexdigest()


def _damaged(file: Path, why: str) -> DamagedError:
    return DamagedError(
        f"{file} is not a whole archive: {why}.",
        hint="Get it again from where it was made; nothing was imported.",
        code="archive_damaged",
    )
