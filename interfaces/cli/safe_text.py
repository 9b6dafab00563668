"""Text of other people made safe for a terminal: what could steer it is shown, never sent."""

from __future__ import annotations

import re

# C0, DEL and C1 controls; line and paragraph separators; zero-width and direction marks, which can
# make a text look like another; lone surrogates, which no terminal can be sent.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)


def safe_text(text: str) -> str:
    r"""The text with every control, direction mark and surrogate spelled out.

    >>> safe_text("red \x1b[31m")
    'red \\x1b[31m'
    """
    return _UNSAFE.sub(lambda found: _spelled(ord(found.group())), text)


def safe_json(text: str) -> str:
    r"""JSON text that says the same, with every character that could steer a terminal escaped.

    >>> safe_json('"a\x9bb"')
    '"a\\u009bb"'
    """
    # Outside of strings JSON is plain ASCII, so such a character always stands inside one.
    return _UNSAFE.sub(lambda found: f"\\u{ord(found.group()):04x}", text)


def _spelled(number: int) -> str:
    return f"\\x{number:02x}" if number < 256 else f"\\u{number:04x}"
