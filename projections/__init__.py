"""The read side: pure folds over accepted events, each with a store that can be thrown away.

Here live holdings in two times, claims, parties, and growth with its ClickHouse tables and
questions as `.sql` files and programme definitions as data. Never here: commands, or any fact that
the log does not hold. This room imports `schemas` and `ledger`.
"""
