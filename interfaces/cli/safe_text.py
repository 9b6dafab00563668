"""Text of other people made safe for a terminal: what could steer it is shown, never sent."""

from __future__ import annotations

import re

# C0, DEL and C1 controls; line and paragraph separators; what is invisible or turns the direction,
# and so can make a text look like another; lone surrogates, which no terminal can be sent.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e0fff]"
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
    return _UNSAFE.sub(lambda found: _escaped(ord(found.group())), text)


def _escaped(number: int) -> str:
    if number < 0x10000:
        return f"\\u{number:04x}"
    beyond = number - 0x10000  # JSON spells it as a pair of surrogates
    return f"\\u{0xD800 + (beyond >> 10):04x}\\u{0xDC00 + (beyond & 0x3FF):04x}"


def _spelled(number: int) -> str:
    if number < 256:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
