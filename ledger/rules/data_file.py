"""Rules that a user writes down in a file: read as TOML or JSON, every wrong line named.

Policies, programmes and whatever else a model of ours checks come in here, so that all of them
answer a mistake in one way: line, key, value, and what is allowed.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from ledger.errors import BadInputError
from ledger.rules.key_lines import line_of

LARGEST = 1 << 20
_MOST_SHOWN = 20


def read(
    path: Path, check: Callable[[dict[str, Any]], object], *, wrong: type[BadInputError], hint: str
) -> dict[str, Any]:
    """The content of a file that ``check`` finds right; a name ending in .json is read as JSON.

    ``check`` raises pydantic's ``ValidationError`` for what is wrong. Raises ``wrong``, with
    ``hint`` where the content is not right.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise wrong(f"{path} is larger than 1 MiB.", hint="Name the right file.")
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise wrong(f"{path} can't be read: {error}.", hint="Write it as UTF-8 text.") from error
    return checked(text, path.name, check, wrong=wrong, hint=hint, as_json=path.suffix == ".json")


def checked(
    text: str,
    name: str,
    check: Callable[[dict[str, Any]], object],
    *,
    wrong: type[BadInputError],
    hint: str,
    as_json: bool = False,
) -> dict[str, Any]:
    """The content of a text that ``check`` finds right; raises ``wrong`` as ``read`` does."""
    content = _loaded(text, name, wrong, as_json=as_json)
    try:
        check(content)
    except ValidationError as error:
        said = [
            f"{name}, line {line_of(text, each['loc'], as_json=as_json)}: {wrong_value(each)}"
            for each in error.errors(include_url=False)[:_MOST_SHOWN]
        ]
        raise wrong(" ".join(said), hint=hint) from error
    return content


def _loaded(text: str, name: str, wrong: type[BadInputError], *, as_json: bool) -> dict[str, Any]:
    hint = "Mend the file; one ending in .json is read as JSON, any other as TOML."
    try:
        content = json.loads(text) if as_json else tomllib.loads(text)
    except json.JSONDecodeError as error:
        raise wrong(f"{name}, line {error.lineno}: {error.msg}.", hint=hint) from error
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"line (\d+)", str(error))
        line = int(at[1]) if at else text.count("\n") + 1
        raise wrong(f"{name}, line {line}: {error}.", hint=hint) from error
    if not isinstance(content, dict):
        raise wrong(f"{name}, line 1: it holds no object.", hint=hint)
    return content


def wrong_value(found: ErrorDetails) -> str:
    """What is wrong with one value: its key, what it is, and what is allowed."""
    key = ".".join(str(part) for part in found["loc"]) or "the content"
    if found["type"] == "missing":
        shown = "is missing"
    elif found["type"] == "value_error" and isinstance(found["input"], Mapping):
        shown = "does not fit together"
    else:
        shown = f"is {_short(found['input'])}"
    return f"{key} {shown}: {found['msg'].removeprefix('Value error, ')}."


def _short(value: Any) -> str:
    text = value.isoformat() if isinstance(value, date) else repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
