"""The table that `python -m bench` prints: one row for each promise, and whether it is kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from bench.blocks import Compared, Side, Spread

HEADINGS = ("work", "ours", "peer or limit", "ratio", "floor", "met", "processor us each")


class Row(NamedTuple):
    """One measured promise; ``met`` is None where nothing was promised."""

    work: str
    ours: str
    peer: str = ""
    ratio: str = ""
    floor: str = ""
    met: bool | None = None
    cpu: str = ""
    """Processor time of one thing: ours, and the peer's."""

    def cells(self) -> tuple[str, ...]:
        """The texts of the row in the order of ``HEADINGS``."""
        met = {None: "", True: "yes", False: "NO"}[self.met]
        return (self.work, self.ours, self.peer, self.ratio, self.floor, met, self.cpu)


def compared(work: str, unit: str, found: Compared, peer: str, floor: float, which: int = 0) -> Row:
    """The row of work whose rate must be at least ``floor`` times that of a peer."""
    ratio = found.ratios[which]
    promised = f">= {floor:.0%}" if floor < 1 else f">= {floor:g} x"
    shown = "{:.0%}" if floor < 1 else "{:.1f} x"
    spread = " ({} .. {})".format(*(shown.format(each) for each in (ratio.low, ratio.high)))
    return Row(
        work,
        rates(found.ours.rate, unit),
        f"{rates(found.peers[which].rate, unit)} {peer}",
        shown.format(ratio.median) + spread,
        promised,
        ratio.median >= floor,
        f"{number(found.ours.cpu_us.median)} : {number(found.peers[which].cpu_us.median)}",
    )


def at_least(work: str, unit: str, found: Side, floor: float, aim: float | None = None) -> Row:
    """The row of work whose rate must reach ``floor``; ``aim`` is what we would like."""
    promised = f">= {number(floor)} {unit}" + (f", aim {number(aim)}" if aim else "")
    reached = found.rate.median
    ratio = f"{reached / floor:.2f} x floor"
    cpu = number(found.cpu_us.median)
    return Row(work, rates(found.rate, unit), "", ratio, promised, reached >= floor, cpu)


def at_least_ratio(work: str, ours: float, whole: float, peer: str, floor: float) -> Row:
    """The row of a count that must be at least so much of another one."""
    ratio = ours / whole if whole else 0.0
    met = ratio >= floor
    return Row(
        work, number(ours), f"{number(whole)} {peer}", f"{ratio:.0%}", f">= {floor:.0%}", met
    )


def at_most(work: str, unit: str, found: float, limit: float, detail: str = "") -> Row:
    """The row of a cost that may not exceed ``limit``."""
    ratio = f"{found / limit:.2f} of limit"
    promised = f"<= {number(limit)} {unit}"
    return Row(work, f"{number(found)} {unit}", detail, ratio, promised, found <= limit)


def rates(found: Spread, unit: str) -> str:
    """A rate with its least and greatest.

    >>> rates(Spread(12345.6, 900.0, 20000.0), "rows/s")
    '12,346 rows/s (900 .. 20,000)'
    """
    return f"{number(found.median)} {unit} ({number(found.low)} .. {number(found.high)})"


def number(value: float) -> str:
    """A number as short as it can be read.

    >>> number(0.1234), number(3.14159), number(250_000.4)
    ('0.12', '3.1', '250,000')
    """
    if value < 1:
        return f"{value:.2f}"
    return f"{value:.1f}" if value < 100 and value != int(value) else f"{value:,.0f}"


def lines(rows: Iterable[Row]) -> Iterator[str]:
    """The table as text, columns aligned."""
    cells = [HEADINGS, *(row.cells() for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        texts = (text.ljust(width) for text, width in zip(row, widths, strict=True))
        yield " | ".join(texts).rstrip()
        if row is HEADINGS:
            yield "-+-".join("-" * width for width in widths)


def plain(row: Row) -> dict[str, Any]:
    """The row as one JSON object."""
    return row._asdict()
