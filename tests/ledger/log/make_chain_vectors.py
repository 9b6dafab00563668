"""Writes the golden vectors of the chain: commits, verdicts and heads for any language to check.

Run ``python -m tests.ledger.log.make_chain_vectors`` only when a new format adds vectors; those
that stand are released and never change.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ledger.log.chain import START, Accepted, Head, judge, seal
from ledger.log.frame import EventBytes
from schemas.envelope import Attributes

GOLDEN = Path(__file__).parents[2] / "golden" / "chain.json"


def event(text: str, *tags: str, **attributes: Any) -> EventBytes:
    """An event with attributes in the one encoding."""
    kept = Attributes("test.happened.v1", tags, **attributes)
    return EventBytes(kept.to_bytes(), text.encode())


def vectors() -> list[dict[str, Any]]:
    """Named sequences of commits with the verdict and head that each must give."""
    genesis, one = seal(START, 1_593_561_600_000_000, [event("{}", "ledger:l-1")], "l-1")
    several = [
        event('{"name":"Příliš žluťoučký"}', "claim:C-1", actor="a.anna", command_id="c-1"),
        event("", effective_at_us=1_593_475_200_000_000, causation=1),
        event("\x00\xff", "tag with spaces", "другое"),
    ]
    second, three = seal(one, 1_593_561_600_000_000, several)
    third, _ = seal(three, 1_593_561_601_500_000, [event("x" * 300)])
    rival, _ = seal(one, 1_593_561_600_000_000, [event('{"rival":true}')])
    ahead, _ = seal(Head(5, one.hash, 0), 1, [event("{}")])
    return [
        _run("accepted one after another", [genesis, second, third]),
        _run("a rival for a taken position is void", [genesis, second, rival, third]),
        _run("a repeat is void", [genesis, genesis, second, second, third]),
        _run("a position ahead is void", [genesis, ahead, second]),
        _run("another history is void", [genesis, rival, second, third]),
        _run("torn, grown and foreign bytes are void", [b"", b"{}", genesis[:-1], genesis + b"\0"]),
        _run("wrong magic is void", [b"ATL2" + genesis[4:], genesis]),
        _run(
            "position zero and no events are void",
            [genesis[:4] + bytes(8) + genesis[12:], genesis[:12] + bytes(4) + genesis[16:]],
        ),
        _run("a length beyond the end is void", [genesis[:48] + b"\xff" * 4 + genesis[52:]]),
    ]


def _run(name: str, commits: list[bytes]) -> dict[str, Any]:
    head, steps = START, []
    for commit in commits:
        verdict = judge(head, commit)
        if isinstance(verdict, Accepted):
            head, told = verdict.head, "accepted"
        else:
            told = str(verdict.reason)
        steps.append(
            {
                "commit": commit.hex(),
                "verdict": told,
                "position": head.position,
                "hash": head.hash.hex(),
            }
        )
    return {"name": name, "steps": steps}


if __name__ == "__main__":
    GOLDEN.write_text(json.dumps(vectors(), indent=1) + "\n", "utf-8")
