"""Lines are the same however their bytes arrive, and never larger than memory allows."""

from __future__ import annotations

import io

from hypothesis import given
from hypothesis import strategies as st

from interfaces.bulk import lines
from interfaces.bulk.lines import Line, lots


class Dripping(io.BytesIO):
    """A pipe that gives at most so many bytes at once."""

    def __init__(self, content: bytes, most: int) -> None:
        super().__init__(content)
        self._most = most

    def read1(self, size: int | None = -1, /) -> bytes:
        """The next few bytes."""
        return super().read1(min(self._most, size or self._most))


@given(st.lists(st.binary(max_size=20).filter(lambda text: b"\n" not in text)), st.integers(1, 50))
def test_lines_are_numbered_the_same_however_they_arrive(texts: list[bytes], most: int) -> None:
    """Every line that is not blank, with its number, in order."""
    content = b"".join(text + b"\n" for text in texts)
    found = [line for lot in lots(Dripping(b"\xef\xbb\xbf" + content, most)) for line in lot]
    assert found == [Line(n, text) for n, text in enumerate(texts, start=1) if text.strip()]


def test_the_last_line_needs_no_end() -> None:
    """A file that ends without a line break loses nothing."""
    assert [line.text for lot in lots(io.BytesIO(b"a\nb")) for line in lot] == [b"a", b"b"]


def test_no_lot_is_larger_than_a_group() -> None:
    """However much can be read at once."""
    sizes = [len(lot) for lot in lots(io.BytesIO(b"x\n" * 1201))]
    assert sum(sizes) == 1201
    assert max(sizes) == lines.LOT


def test_a_line_too_long_is_passed_over_and_the_next_is_read() -> None:
    """Its number is told, its bytes are not kept."""
    content = b"a\n" + b"x" * (lines.LONGEST_LINE + 1) + b"\nb\n" + b"y" * (lines.LONGEST_LINE + 9)
    found = [line for lot in lots(Dripping(content, 1 << 20)) for line in lot]
    assert found == [Line(1, b"a"), Line(2, None), Line(3, b"b"), Line(4, None)]
