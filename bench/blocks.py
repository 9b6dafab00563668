"""Measuring in alternating blocks, so that a disk that drifts hits both sides alike."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from tempfile import mkdtemp
from typing import NamedTuple


class Spread(NamedTuple):
    """The median of several measurements, with the least and the greatest."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, found: Sequence[float]) -> Spread:
        """The spread of at least one measurement."""
        return cls(median(found), min(found), max(found))


class Plan(NamedTuple):
    """Where a measurement may write and how much it does: ``quick``, ``usual`` or ``large``."""

    folder: Path
    size: str = "usual"

    def pick(self, quick: int, usual: int, large: int | None = None) -> int:
        """The number for this size; ``large`` is as ``usual`` where none is given."""
        sizes = {"quick": quick, "usual": usual, "large": usual if large is None else large}
        return sizes[self.size]

    def new_folder(self, name: str) -> Path:
        """An empty folder of one's own on the disk that is measured."""
        return Path(mkdtemp(prefix=f"{name}-", dir=self.folder))


class Pace(NamedTuple):
    """How many things were done in a second, and the processor time of each in microseconds."""

    per_second: float
    cpu_us: float


Block = Callable[[], Pace]
"""Does some work and answers at which pace."""


def pace(count: int, work: Callable[[], object]) -> Pace:
    """The pace at which ``work`` does its ``count`` things."""
    began, began_cpu = time.perf_counter(), time.process_time()
    work()
    cpu_us = (time.process_time() - began_cpu) / count * 1e6
    return Pace(count / (time.perf_counter() - began), cpu_us)


class Side(NamedTuple):
    """One of those that were compared: things a second, and processor microseconds of each."""

    rate: Spread
    cpu_us: Spread

    @classmethod
    def of(cls, found: Sequence[Pace]) -> Side:
        """The spread of at least one pace."""
        rates, cpus = zip(*found, strict=True)
        return cls(Spread.of(rates), Spread.of(cpus))


class Compared(NamedTuple):
    """Ours and its peers in alternating blocks; a ratio is of two blocks that ran side by side."""

    ours: Side
    peers: tuple[Side, ...]
    ratios: tuple[Spread, ...]


def alternate(rounds: int, ours: Block, *peers: Block) -> Compared:
    """Measure ``ours`` and each peer ``rounds`` times in turn, after one round that only warms."""
    found: list[list[Pace]] = []
    for number in range(rounds + 1):
        measured = [block() for block in (ours, *peers)]
        if number:
            found.append(measured)
    mine, *others = ([one[place] for one in found] for place in range(1 + len(peers)))
    ratios = [
        Spread.of([a.per_second / b.per_second for a, b in zip(mine, other, strict=True)])
        for other in others
    ]
    return Compared(Side.of(mine), tuple(map(Side.of, others)), tuple(ratios))


def repeat(rounds: int, block: Block) -> Side:
    """Measure one block ``rounds`` times, after one that only warms."""
    return Side.of([block() for _ in range(rounds + 1)][1:])


def fsync_ms(folder: Path, times: int = 200) -> Spread:
    """What one small append with ``fsync`` costs here, in milliseconds."""
    found = []
    with (folder / "fsync").open("wb", buffering=0) as file:
        for _ in range(times):
            began = time.perf_counter()
            file.write(bytes(512))
            os.fsync(file.fileno())
            found.append((time.perf_counter() - began) * 1000)
    return Spread.of(found)
