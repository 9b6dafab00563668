"""The resource of a usage key: columns that say what was used and are no dimension themselves."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

SEPARATOR = " > "


def joined(parts: Sequence[pl.Expr]) -> pl.Expr:
    """The parts as one text: places kept, empty ends cut, ``>`` escaped."""
    escaped = [part.fill_null("").str.replace_all(">", r"\>", literal=True) for part in parts]
    return pl.concat_str(escaped, separator=SEPARATOR).str.replace(r"(?: > )+$", "")


def split(resource: str, width: int) -> tuple[str, ...]:
    r"""The ``width`` parts that one text stands for, empty ones at its end too.

    >>> split(r"Azure > App Service > a \> b", 4)
    ('Azure', 'App Service', 'a > b', '')
    """
    parts = [part.replace(r"\>", ">") for part in resource.split(SEPARATOR)]
    return (*parts, *[""] * (width - len(parts)))
