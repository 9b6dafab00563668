"""The one place where an error becomes a message, a hint and an exit code."""

from __future__ import annotations

import json
import sys
from typing import Any

from interfaces.cli.output import write
from interfaces.cli.safe_text import safe_json, safe_text
from ledger.errors import AttributionError, RefusedError

DONE, FAULT, WRONG_USE, REFUSED, DAMAGED, BUSY = 0, 1, 2, 3, 4, 5
INTERRUPTED, PIPE_CLOSED = 130, 141

EXIT_CODES = {
    DONE: "done",
    FAULT: "a fault of the program itself; run again with --debug and report it",
    WRONG_USE: "wrong use, or input that can't be read",
    REFUSED: "a rule of the ledger refused something; nothing of that was written",
    DAMAGED: "damaged, torn or tampered with, of a newer version, or the disk refused",
    BUSY: "another process holds what is needed, and did not let go in time",
    INTERRUPTED: "stopped from the keyboard",
    PIPE_CLOSED: "whoever read the output closed it",
}
"""Every exit code of the command line, for the reference."""


def report(error: AttributionError, *, as_json: bool) -> int:
    """Tell the user what went wrong and what to do next; the exit code."""
    told: dict[str, Any] = {"error": error.code, "message": error.message, "hint": error.hint}
    if isinstance(error, RefusedError) and error.as_of:
        told["as_of"] = error.as_of
    return _tell(told, error.exit_code, as_json=as_json)


def report_wrong_use(message: str, hint: str, *, as_json: bool) -> int:
    """Tell the user that the command line itself is wrong; the exit code."""
    told = {"error": "wrong_use", "message": message, "hint": hint}
    return _tell(told, WRONG_USE, as_json=as_json)


def report_fault(error: BaseException, *, as_json: bool) -> int:
    """Tell the user that the program failed, without a trace of its inside; the exit code."""
    told = {
        "error": "fault",
        "message": f"The program failed: {type(error).__name__}: {error}.",
        "hint": "Nothing acknowledged is lost. Run it again with --debug to see where.",
    }
    return _tell(told, FAULT, as_json=as_json)


def _tell(told: dict[str, Any], exit_code: int, *, as_json: bool) -> int:
    if as_json:
        write(sys.stderr, safe_json(json.dumps(told, ensure_ascii=False)))
    else:
        write(sys.stderr, f"{told['error']}: {safe_text(told['message'])}")
        if told["hint"]:
            write(sys.stderr, f"  {safe_text(told['hint'])}")
    return exit_code
