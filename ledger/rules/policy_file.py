"""A policy as a user writes it down: read from TOML or JSON, what is wrong named by its line."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError

from ledger.errors import BadInputError
from ledger.rules.key_lines import line_of
from ledger.rules.policy import Policy, wrong_value

LARGEST = 1 << 20
_MOST_SHOWN = 20


class BadPolicyFileError(BadInputError):
    """A file that holds no policy; says at which line and why, for all that is wrong."""

    code = "bad_policy"


def read(path: Path, laid_over: Mapping[str, Any] = MappingProxyType({})) -> dict[str, Any]:
    """The content of a policy file that is right; a name ending in .json is read as JSON.

    ``laid_over`` are values said elsewhere, which go before those of the file.
    """
    if path.stat().st_size > LARGEST:
        raise BadPolicyFileError(f"{path} is larger than 1 MiB.", hint="Name the right file.")
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadPolicyFileError(
            f"{path} can't be read: {error}.", hint="Write it as UTF-8 text."
        ) from error
    return checked(text, path.name, laid_over, as_json=path.suffix == ".json")


def checked(text: str, name: str, laid_over: Mapping[str, Any], *, as_json: bool) -> dict[str, Any]:
    """The content of the text; ``BadPolicyFileError`` names each line that is wrong, and why."""
    content = _loaded(text, name, as_json=as_json)
    try:
        Policy.model_validate({**content, **laid_over})
    except ValidationError as error:
        found = error.errors(include_url=False)
        said = [
            f"{name}, line {line_of(text, each['loc'], as_json=as_json)}: {wrong_value(each)}"
            for each in found[:_MOST_SHOWN]
        ]
        raise BadPolicyFileError(
            " ".join(said),
            hint="`attribution policy show P2023 --toml` writes a policy that is right.",
        ) from error
    return content


def _loaded(text: str, name: str, *, as_json: bool) -> dict[str, Any]:
    hint = "Mend the file; one ending in .json is read as JSON, any other as TOML."
    try:
        content = json.loads(text) if as_json else tomllib.loads(text)
    except json.JSONDecodeError as error:
        message = f"{name}, line {error.lineno}: {error.msg}."
        raise BadPolicyFileError(message, hint=hint) from error
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"line (\d+)", str(error))
        line = int(at[1]) if at else text.count("\n") + 1
        message = f"{name}, line {line}: {error}."
        raise BadPolicyFileError(message, hint=hint) from error
    if not isinstance(content, dict):
        raise BadPolicyFileError(f"{name}, line 1: it holds no object.", hint=hint)
    return content
