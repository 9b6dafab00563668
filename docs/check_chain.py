"""Check a chain of commits with nothing but the Python standard library.

    python check_chain.py COMMITS

COMMITS holds one commit a line, in hexadecimal. Written from the layout in docs/chain.md alone; it
shares no code with the ledger. Prints the head, or the line of the first commit that is void.
"""

import hashlib
import struct
import sys


def check(commit: bytes, position: int, prev: bytes) -> tuple[int, bytes]:
    """Return the next (position, hash); raise ValueError with the reason a commit is void."""
    if len(commit) < 52 or commit[:4] != b"ATL1":
        raise ValueError("unparsable")
    first, count = struct.unpack(">QI", commit[4:16])
    (length,) = struct.unpack(">I", commit[48:52])
    at = 52 + length
    if first == 0 or not 1 <= count <= 100_000 or at > len(commit):
        raise ValueError("unparsable")
    for _ in range(2 * count):  # attributes and data of each event
        if at + 4 > len(commit):
            raise ValueError("unparsable")
        (length,) = struct.unpack(">I", commit[at : at + 4])
        at += 4 + length
    if at != len(commit):
        raise ValueError("unparsable")
    if first != position + 1:
        raise ValueError("position_taken" if first <= position else "position_ahead")
    if commit[16:48] != prev:
        raise ValueError("prev_differs")
    return position + count, hashlib.sha256(commit).digest()


if __name__ == "__main__":
    at, before = 0, bytes(32)
    with open(sys.argv[1], encoding="ascii") as lines:  # noqa: PTH123  as anybody would write it
        for number, line in enumerate(lines, start=1):
            try:
                at, before = check(bytes.fromhex(line), at, before)
            except ValueError as error:
                sys.exit(f"line {number}: void, {error}")
    print(f"position {at}, hash {before.hex()}")
