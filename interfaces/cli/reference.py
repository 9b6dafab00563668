"""docs/cli.md, written from the command line itself; `--check` notices when it has drifted.

python -m interfaces.cli.reference [--check]
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from interfaces.cli import faults
from interfaces.cli.main import command
from interfaces.cli.settings import DEFAULT_FOLDER, VARIABLE

PATH = Path(__file__).parents[2] / "docs" / "cli.md"

_SHARED = ("--ledger", "--json", "--debug", "--help")

_HEAD = f"""\
# The command line

<!-- Written by `python -m interfaces.cli.reference`; change the commands, then run it again. -->

`attribution` answers people in tables, and programs in JSON with `--json`: one object a line for a
list. Answers go to standard output; notes, progress and errors to standard error. In a pipe there
is no colour, no progress and no cut line.

Every command takes `--ledger PATH` (else `${VARIABLE}`, else `./{DEFAULT_FOLDER}`), `--json`,
`--debug` (show a trace when something fails) and `--help`. These may also stand before the
command's name.

Whoever owns the ledger's folder is trusted as its operator: `--as ACTOR` says who acts, and without
it the operator named when the ledger was made does. On a ledger whose clock is *told*, each command
that acts says when with `--at`, never going back.

A question with `--as ACTOR` is answered with what that actor's roles let it see, by the table
`projections/visibility.toml`: rivals' claims are left out; of a slot that it asks for it sees
that another holds it, contacts and revenue are for few. Without `--as` everything is shown.

Where a date is asked for (`--effective`, `--known`, `--until`), a date alone means its end in UTC,
so that what happened on that day is included; an instant such as `2020-07-01T09:00:00Z` means
itself. `--known` also takes a position. Every answer says the position it was resolved to.
"""

_BULK = """\
## Lines of commands

`attribution submit` reads one JSON object a line:

```json
{"command": "claim.approve", "id": "c-17", "actor": "r.rita", "data": {"claim": "C-1"}}
```

| field | meaning |
|---|---|
| `command` | its name; `attribution commands` lists them, `attribution commands NAME` shows one |
| `id` | its own id, of this actor: repeated unchanged it is harmless, for another command refused |
| `data` | the command's fields |
| `actor` | who acts; else `--as`, else the operator |
| `at` | when, on a told clock; else `--at` |
| `correlation` | an id that belonging commands share; optional |

Files are named relative to the file of commands and lie in or below its folder: `"file"` of
`usage.load` and `usage.withdraw`, and, in place of `content`, of `policy.adopt`, `calendar.adopt`,
`programme.adopt`, `roles.adopt` and `incentive.adopt` (TOML, or JSON where the name ends in
`.json`). What ships is named with `"builtin"`.

Each line is answered with its outcome: `accepted` or `repeated` with position and event type,
`refused` by a rule, or `unreadable`; the last two with code, field, value, what is wrong and what
to do. A line that fails does not keep the others from being decided. An outcome that was written is
durable. `submit` ends with 2 when a line was unreadable, else with 3 when one was refused.
"""


def reference() -> str:
    """The text of docs/cli.md."""
    parts = [_HEAD, _exit_codes(), _BULK, "## Commands\n"]
    return "\n".join([*parts, *(_section(*each) for each in _commands())])


def commands() -> list[str]:
    """Every command as a user types it, such as ``claim list``."""
    return [path for path, _ in _commands()]


def _commands() -> Iterator[tuple[str, Any]]:
    for name, found in command().commands.items():
        if hasattr(found, "commands"):
            yield from ((f"{name} {verb}", each) for verb, each in found.commands.items())
        else:
            yield name, found


def _exit_codes() -> str:
    lines = [f"| {code} | {meaning} |" for code, meaning in faults.EXIT_CODES.items()]
    return "\n".join(["## Exit codes\n", "| code | meaning |", "|---|---|", *lines, ""])


def _section(path: str, found: Any) -> str:
    context = found.make_context(path, [], resilient_parsing=True)
    usage = " ".join(each for each in found.collect_usage_pieces(context) if each != "[OPTIONS]")
    text = [f"### {path}\n", f"`attribution {path} {usage}".rstrip() + "`\n"]
    text += [_plain(found.help), ""]
    rows = [row for each in found.params if (row := _row(each, context))]
    if rows:
        text += ["| argument or option | meaning |", "|---|---|", *rows, ""]
    return "\n".join(text)


def _row(parameter: Any, context: Any) -> str | None:
    """The line of one parameter; None for those that every command has."""
    if any(name in _SHARED for name in parameter.opts):
        return None
    record = parameter.get_help_record(context)
    if record is None:  # an argument without help
        return f"| `{parameter.human_readable_name}` | |"
    name, meaning = record
    return f"| `{_cell(name)}` | {_cell(meaning)} |"


def _plain(help_text: str | None) -> str:
    paragraphs = (help_text or "").split("\n\n")
    return "\n\n".join(" ".join(each.split()) for each in paragraphs)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def main(arguments: list[str]) -> int:
    """Write the reference, or say with ``--check`` whether it is the one there is."""
    if arguments == ["--check"]:
        if PATH.is_file() and PATH.read_text("utf-8") == reference():
            return 0
        sys.stderr.write(f"{PATH} has drifted; run `python -m interfaces.cli.reference`.\n")
        return 1
    PATH.write_text(reference(), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
