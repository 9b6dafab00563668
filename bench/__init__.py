"""What the ledger costs: each row of the promise about speed and memory, measured beside its peer.

`python -m bench` prints the table; `docs/performance.md` explains it. Nothing imports this folder.
"""
