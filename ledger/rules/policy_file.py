"""A policy as a user writes it down: read from TOML or JSON, what is wrong named by its line."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ledger.errors import BadInputError
from ledger.rules import data_file
from ledger.rules.policy import Policy


class BadPolicyFileError(BadInputError):
    """A file that holds no policy; says at which line and why, for all that is wrong."""

    code = "bad_policy"


def read(path: Path, laid_over: Mapping[str, Any] = MappingProxyType({})) -> dict[str, Any]:
    """The content of a policy file that is right; a name ending in .json is read as JSON.

    ``laid_over`` are values said elsewhere, which go before those of the file.
    """
    return data_file.read(
        path,
        lambda content: Policy.model_validate({**content, **laid_over}),
        wrong=BadPolicyFileError,
        hint="`attribution policy show P2023 --toml` writes a policy that is right.",
    )
