"""Which column of a file holds which field: by alias, without case, or a refusal up front."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files

from ledger.errors import BadInputError

_IGNORED_IN_NAMES = re.compile(r"[\s_\-()\[\]]+")


class MissingColumnError(BadInputError):
    """A report lacks a column without which no row can be read; nothing was read."""

    code = "report_missing_column"


class RepeatedColumnError(BadInputError):
    """A report has one column name twice, so it is unclear which to read; nothing was read."""

    code = "report_repeated_column"


def folded(name: str) -> str:
    """``name`` as it is compared: lower case, without spaces, underscores, hyphens and brackets.

    >>> folded(" Teams_Meetings ")
    'teamsmeetings'
    """
    return _IGNORED_IN_NAMES.sub("", name).casefold()


def names_of(table: str) -> dict[str, tuple[str, ...]]:
    """An alias table beside this module: our name -> every spelling seen, the preferred first."""
    text = files("ledger.usage.reports").joinpath(f"{table}.toml").read_text(encoding="utf-8")
    return {ours: tuple(spellings) for ours, spellings in tomllib.loads(text).items()}


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the fields of one file stand.

    ``index`` and ``name`` go from our field to the column's place (from 0) and its name in the
    file; ``ignored`` are the columns nothing is read from and no table knows.
    """

    width: int
    index: Mapping[str, int]
    name: Mapping[str, str]
    ignored: tuple[str, ...]


def find_columns(
    file_name: str, header: Sequence[str], needed: Iterable[str], optional: Iterable[str]
) -> Layout:
    """The layout of a file whose first line is ``header``.

    Raises:
        MissingColumnError: a needed field has no column under any of its aliases.
        RepeatedColumnError: a column name stands twice.
    """
    places = _places(file_name, header)
    aliases = names_of("columns")
    index: dict[str, int] = {}
    for field in (*needed, *optional):
        found = [places[folded(alias)] for alias in aliases[field] if folded(alias) in places]
        if found:
            index[field] = found[0]
    _refuse_missing(file_name, header, [field for field in needed if field not in index], aliases)
    known = {folded(alias) for spellings in aliases.values() for alias in spellings}
    return Layout(
        width=len(header),
        index=index,
        name={field: header[place] for field, place in index.items()},
        ignored=tuple(name for name in header if folded(name) not in known),
    )


def _places(file_name: str, header: Sequence[str]) -> dict[str, int]:
    places: dict[str, int] = {}
    for place, name in enumerate(header):
        if places.setdefault(folded(name), place) != place:
            raise RepeatedColumnError(
                f"{file_name}: the column {name!r} stands twice in line 1.",
                hint="Remove or rename one of the two and load the file again.",
            )
    return places


def _refuse_missing(
    file_name: str,
    header: Sequence[str],
    missing: Sequence[str],
    aliases: Mapping[str, tuple[str, ...]],
) -> None:
    if not missing:
        return
    wanted = "; ".join(
        f"{aliases[field][0]} (accepted: {', '.join(aliases[field])})" for field in missing
    )
    raise MissingColumnError(
        f"{file_name}: no row was read, because line 1 has no column {wanted}.",
        hint=f"Columns found: {', '.join(header) or 'none'}. Check that this is the right kind of "
        "report, or add the column and load the file again.",
    )
