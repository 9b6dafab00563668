"""An archive of a log: one file that says everything needed to check it, or to build it again.

A tar file of ``manifest.json`` and ``chain.jsonl.zst``: a commit a line, as JSON that anybody can
read, and from which its bytes come back exactly. Where the ledger counts usage, ``usage.jsonl.zst``
holds the rows that count. The manifest names the ledger, the head and, for each part, its length
and SHA-256. No keys are in it: contacts stay sealed.
"""

from __future__ import annotations

import hashlib
import io
import os
import struct
import tarfile
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any, Literal, NamedTuple

import orjson
import zstandard
from pydantic import BaseModel, ConfigDict, ValidationError

from ledger.errors import BadInputError, DamagedError
from ledger.log.chain import START, Head, Void, judge
from ledger.log.frame import ZERO_HASH, EventBytes, Frame, Unparsable, pack, parse
from ledger.log.verify import ChainReport, read_all
from ledger.moving import archived_usage
from ledger.moving.copying import Commits, Origin, Progress
from ledger.moving.usage import Counted, bring
from ledger.usage.decisions import Decided
from ledger.usage.moved_log import MovedUsageLog
from schemas.time import from_iso, iso

FORMAT = 2
"""The newest layout: 1 holds a chain alone, 2 the usage that it counts, too."""

MANIFEST, CHAIN, USAGE = "manifest.json", "chain.jsonl.zst", "usage.jsonl.zst"
_PARTS = {1: [CHAIN], 2: [CHAIN, USAGE]}
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


class ArchiveReport(NamedTuple):
    """What was checked: the chain, the usage decisions in it, the rows that these count."""

    chain: ChainReport
    usage_decisions: int
    usage_rows: int

    @property
    def head(self) -> Head:
        """Where the log ends."""
        return self.chain.head


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
        for number, line in enumerate(self.lines(CHAIN), start=1):
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

    @contextmanager
    def counted(self) -> Iterator[Counted | None]:
        """The usage that it counts, in a file of its own meanwhile; None where it counts none."""
        decided = [
            it for _, accepted in self.commits(0) for it in archived_usage.decided_in(accepted)
        ]
        if not decided:
            yield None
            return
        with TemporaryDirectory() as folder:
            part = self._usage(decided)
            bring(Path(folder) / "usage.db", Counted(decided, part.read))
            part.rest()
            yield Counted(decided, MovedUsageLog(Path(folder) / "usage.db").read_attempt)

    def check_usage(self, decided: list[Decided]) -> int:
        """Check the usage part against the decisions of the chain; how many rows it holds."""
        return archived_usage.check(self.lines(USAGE), decided, self._fault)

    def _usage(self, decided: list[Decided]) -> archived_usage.Lines:
        return archived_usage.Lines(self.lines(USAGE), decided, self._fault)

    def _fault(self, why: str) -> DamagedError:
        return _damaged(self.file, why)

    def lines(self, name: str) -> Iterator[bytes]:
        """The lines of a part; none of one that it does not have."""
        part = next((it for it in self.manifest.parts if it.name == name), None)
        if part is None:
            return
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


def verify_archive(file: Path, progress: Progress = lambda _: None) -> ArchiveReport:
    """Check an archive from its own bytes: parts, chain, what events say of themselves, usage.

    Raises ``DamagedError`` with the first thing that does not fit, ``BadInputError`` for a file
    that is no archive.
    """
    archive = Archive(file)
    for part in archive.manifest.parts:
        with _member(file, part.name) as stream, _named(file):
            found = _digest(stream)
        if found != (part.bytes, part.sha256):
            raise _damaged(file, f"{part.name} is not what the manifest says: its hash differs")
    decided: list[Decided] = []

    def noted(commits: Commits) -> Commits:
        for data, accepted in commits:
            yield data, accepted
            decided.extend(archived_usage.decided_in(accepted))  # it can be read: it was checked

    report = read_all(noted(archive.commits(0)), progress)
    return ArchiveReport(report, len(decided), archive.check_usage(decided))


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
        chain, parts = Path(beside) / CHAIN, []
        lines, head = _write_chain(chain, origin, progress)
        parts.append(_part(chain, lines))
        with origin.counted() as counted:
            if counted is not None:
                lines = _write_lines(Path(beside) / USAGE, archived_usage.lines(counted))
                parts.append(_part(Path(beside) / USAGE, lines))
        manifest = Manifest(
            format=len(parts),
            ledger=origin.ledger,
            clock=origin.clock,
            position=head.position,
            head_hash=head.hash.hex(),
            recorded_at=iso(head.recorded_at_us),
            events=head.position,
            parts=tuple(parts),
        )
        whole = Path(beside) / file.name
        _pack(whole, manifest, Path(beside))
        whole.rename(file)
    return manifest


def _write_chain(chain: Path, origin: Origin, progress: Progress) -> tuple[int, Head]:
    head, ends = START, origin.head()

    def told() -> Iterator[bytes]:
        nonlocal head
        for data, verdict in origin.commits(0):
            if verdict.head.position > ends.position:
                break  # decided while this was written: another archive's
            yield _line(data)
            head = verdict.head
            progress(head)

    return _write_lines(chain, told()), head


def _write_lines(file: Path, lines: Iterable[bytes]) -> int:
    count = 0
    with file.open("wb") as out, zstandard.ZstdCompressor(level=9).stream_writer(out) as writer:
        for line in lines:
            writer.write(line)
            count += 1
    return count


def _part(file: Path, lines: int) -> Part:
    with file.open("rb") as stream:
        size, digest = _digest(stream)
    return Part(name=file.name, bytes=size, sha256=digest, lines=lines)


def _pack(whole: Path, manifest: Manifest, beside: Path) -> None:
    text = orjson.dumps(
        manifest.model_dump(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    )
    with whole.open("wb") as out:
        with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as tar:
            told = tarfile.TarInfo(MANIFEST)
            told.size = len(text)
            tar.addfile(told, io.BytesIO(text))
            for part in manifest.parts:
                member = tarfile.TarInfo(part.name)
                member.size = part.bytes
                with (beside / part.name).open("rb") as stream:
                    tar.addfile(member, stream)
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
    if [part.name for part in found.parts] != _PARTS.get(found.format):
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
        if tar.getnames() not in [[MANIFEST, *parts] for parts in _PARTS.values()]:
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
