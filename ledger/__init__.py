"""The write side: what may become an event, and how it is kept.

Here live the commands (one decision a file), the decision models they read, rules and policies as
data, the log (chain, journal, index, writer, recorder), usage reconciliation, keys per person.
Never here: SQL of views, HTTP. This room imports `schemas` only.
"""
