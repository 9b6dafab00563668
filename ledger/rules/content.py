"""The hash by which adopted content is known."""

from __future__ import annotations

import hashlib
from typing import Any

import orjson


def digest(content: dict[str, Any]) -> str:
    """Hexadecimal SHA-256 of content as JSON with sorted keys, so that order does not matter.

    >>> digest({"b": 1, "a": 2}) == digest({"a": 2, "b": 1})
    True
    """
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()
