"""Which partition of the usage topic a key belongs to: murmur2, as every Kafka client has it.

The same as Java's default partitioner, kafka-python's, and librdkafka's ``murmur2_random``, but for
a column of keys at once: a loop over a million keys would take longer than sending them.
"""

from __future__ import annotations

import polars as pl

_SEED = 0x9747B28C
_MULTIPLIER = 0x5BD1E995
_WORD = 0xFFFFFFFF
_POSITIVE = 0x7FFFFFFF

_KNOWN = pl.Schema({"key": pl.String(), "partition": pl.UInt16()})


def partitions_of(keys: pl.Series, count: int) -> pl.Series:
    """The partition of each key (text, hashed as UTF-8) among ``count``.

    >>> partitions_of(pl.Series(["", "a", "abc", "21e74b1b-dcd6-4d2f-b0b6"]), 6).to_list()
    [3, 4, 3, 4]
    """
    different = pl.DataFrame({"key": keys.unique()}).with_columns(
        pl.col("key").str.len_bytes().alias("length")
    )
    known = [_KNOWN.to_frame()]
    for (length,), part in different.partition_by("length", as_dict=True).items():
        hashed = _hashes(part.get_column("key").cast(pl.Binary), int(length))
        known.append(part.select("key", partition=(hashed & _POSITIVE) % count).cast(_KNOWN))
    asked = pl.DataFrame({"key": keys})
    found = asked.join(pl.concat(known), on="key", how="left", maintain_order="left")
    return found.get_column("partition")


def _hashes(keys: pl.Series, length: int) -> pl.Series:
    """The hash of each key, all of one length; 32-bit arithmetic in a 64-bit column."""
    found = pl.repeat(_SEED ^ length, len(keys), dtype=pl.UInt64, eager=True)
    whole = length - length % 4
    for begin in range(0, whole, 4):
        word = _times(_number(keys, begin, 4))
        found = _times(found) ^ _times(word ^ word // (1 << 24))
    if length > whole:
        found = _times(found ^ _number(keys, whole, length - whole))
    found = _times(found ^ found // (1 << 13))
    return found ^ found // (1 << 15)


def _number(keys: pl.Series, begin: int, size: int) -> pl.Series:
    """The little-endian number in some of the bytes of each key."""
    part = keys.bin.slice(begin, size) + pl.Series([bytes(8 - size)])
    return part.bin.reinterpret(dtype=pl.UInt64, endianness="little")


def _times(numbers: pl.Series) -> pl.Series:
    return (numbers * _MULTIPLIER) & _WORD
