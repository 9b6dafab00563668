"""Lines of commands as they come: bytes to numbered lines, bounded, in the lots a reader finds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

LONGEST_LINE = 4 << 20
"""Bytes a line may have; longer ones are passed over, so that memory stays flat."""

LOT = 500
"""Lines that are decided in one group, and so durable together."""

_CHUNK = 1 << 20
_BOM = b"\xef\xbb\xbf"


class Line(NamedTuple):
    """One line without its end; ``text`` is None when it was longer than ``LONGEST_LINE``."""

    number: int
    text: bytes | None


def lots(stream: BinaryIO) -> Iterator[list[Line]]:
    """The lines that are not blank, in order, in lots of at most ``LOT``.

    A lot is what could be read without waiting: whoever types commands, or sends them through a
    pipe one by one, gets each outcome before the next command.
    """
    number = 0
    for texts in _read(stream):
        lot = [Line(n, text) for n, text in enumerate(texts, start=number + 1)]
        number += len(texts)
        filled = [line for line in lot if line.text is None or line.text.strip()]
        for start in range(0, len(filled), LOT):
            yield filled[start : start + LOT]


def _read(stream: BinaryIO) -> Iterator[list[bytes | None]]:
    """All the lines that each read completes; a line that is too long as None."""
    rest, too_long = b"", False
    for chunk in _chunks(stream):
        *whole, rest = (rest + chunk).split(b"\n")
        texts: list[bytes | None] = [text if len(text) <= LONGEST_LINE else None for text in whole]
        if too_long and texts:
            texts[0], too_long = None, False
        if len(rest) > LONGEST_LINE:
            rest, too_long = b"", True
        yield texts
    if rest or too_long:
        yield [None if too_long else rest]


def _chunks(stream: BinaryIO) -> Iterator[bytes]:
    """The bytes as they come, without the mark that some programs begin a file with."""
    yield stream.read(len(_BOM)).removeprefix(_BOM)
    read_some = getattr(stream, "read1", stream.read)
    while chunk := read_some(_CHUNK):
        yield chunk
