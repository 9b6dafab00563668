"""Tells the story of the five partners on an embedded ledger, with the commands a user would type.

    python examples/five_partners/tell.py [FOLDER]

Makes the ledger anew in FOLDER (default ``demo-ledger``), submits the three files, then asks. Each
command is shown before its answer. Ends with 1 and the command that went wrong when one does.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import time
from argparse import ArgumentParser
from pathlib import Path

HERE = Path(__file__).parent
CONTOSO = "11111111-1111-4111-8111-111111111111"
SUBSCRIPTION = "36500000-0000-4000-8000-000000000001"
BIRTH = ("--clock", "told", "--at", "2022-06-01T08:00:00Z")
REFUSED = 3
"""The exit code of a file in which something was refused: Milan's claim, as the story wants it."""


class Teller:
    """Runs the command line on one ledger and shows what is typed, after ``prompt``."""

    def __init__(self, ledger: Path, prompt: str = "$") -> None:
        self.ledger = ledger
        self.prompt = prompt

    def chapter(self, title: str) -> None:
        """A heading between two parts of the story."""
        print(f"\n\033[1m{title}\033[0m" if sys.stdout.isatty() else f"\n{title}", flush=True)

    def run(self, *words: str, expect: int = 0) -> None:
        """Show and run one command; end the story when it does not end as it should."""
        shown = [
            min(os.path.relpath(word), word, key=len) if Path(word).is_absolute() else word
            for word in words
        ]
        print(f"{self.prompt} attribution {shlex.join(shown)}", flush=True)
        command = [sys.executable, "-m", "interfaces.cli.main", *words]
        ended = subprocess.run(command, env=self.environment(), check=False).returncode
        if ended != expect:
            sys.exit(f"The command above ended with {ended}, not {expect}: the story stops here.")

    def environment(self) -> dict[str, str]:
        """What a command finds around it: the ledger it is about."""
        environment = {**os.environ, "ATTRIBUTION_LEDGER": str(self.ledger)}
        # Sixteen short programs in a row: let the first compile for the others.
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        return environment

    def told(self, name: str, expect: int = 0) -> None:
        """Submit one file of the story."""
        self.run("submit", str(HERE / name), "--quiet", expect=expect)


def begin(folder: Path) -> None:
    """Make room: an earlier ledger of the story is thrown away, anything else is left alone."""
    if folder.exists():
        if not (folder / "ledger.toml").is_file():
            sys.exit(f"{folder} exists and is no ledger; name another folder.")
        shutil.rmtree(folder)


def main(folder: Path) -> None:
    """Tell it from the beginning to `verify: ok`."""
    began = time.monotonic()
    begin(folder)
    teller = Teller(folder)
    teller.chapter("A new ledger; its clock is told, because the story lies in the past")
    teller.run("init", str(folder), *BIRTH)
    tell(teller)
    teller.chapter("Is it whole?")
    teller.run("verify")
    where = os.path.relpath(folder)
    print(
        f"\nThe story took {time.monotonic() - began:.1f} s and left its ledger in {where}."
        f" Try on it:\n\n"
        f"  .venv/bin/attribution --ledger {where} claim history B-1\n"
        f"  .venv/bin/attribution --ledger {where} holders --partner 201 --effective 2022-10-01\n"
        f"  .venv/bin/attribution --ledger {where} growth --by month,kind --workload teams\n"
    )


def tell(teller: Teller) -> None:
    """The story itself: its three files, then the questions."""
    teller.chapter("Who there is: partners, Contoso, its agreement and subscriptions, roles")
    teller.told("1_who_there_is.jsonl")
    teller.chapter("Summer 2022: claims of A and D, E's links; Milan has no role and is refused")
    teller.told("2_summer_2022.jsonl", expect=REFUSED)
    teller.chapter("To winter 2024: a new DPOR, B contests Teams, usage, one month restated")
    teller.told("3_to_winter_2024.jsonl")
    ask(teller)


def ask(teller: Teller) -> None:
    """The questions of auditors, partners and analysts."""
    teller.chapter("Who holds what today?")
    teller.run("holders", "--tenant", CONTOSO)
    teller.chapter("Who was DPOR on 10 January 2023, as known on 12 January, and as known now?")
    slot = ("holders", "--slot", f"dpor:{SUBSCRIPTION}", "--effective", "2023-01-10")
    teller.run(*slot, "--known", "2023-01-12")
    teller.run(*slot)
    teller.chapter("What happened to the claim that B contested, and why?")
    teller.run("claim", "history", "D-1")
    teller.chapter("How did active usage grow, and to whom is it credited?")
    users = ("growth", "--metric", "m365.mau", "--tenant", CONTOSO)
    teller.run(*users, "--by", "month,workload,partner", "--kind", "CPOR")
    teller.run(*users, "--by", "kind,partner")
    teller.run("growth", "--by", "partner,kind", "--metric", "azure.acr.attributed")
    teller.chapter("What does that growth earn? Delta, December 2023; and before the restatement")
    level = ("level", "400", "--programme", "modern_work_2023", "--month", "2023-12")
    teller.run(*level)
    teller.run(*level, "--known", "2024-02-01")


if __name__ == "__main__":
    words = ArgumentParser(
        description="Tells the story of the five partners on an embedded ledger."
    )
    words.add_argument("folder", nargs="?", type=Path, default=Path("demo-ledger"))
    main(words.parse_args().folder.resolve())
