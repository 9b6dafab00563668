"""Thin faces that parse, call and render.

Here lives the command line; HTTP and the explorer will stand beside it. Never here: decisions; what
a face shows was decided in `ledger` and folded in `projections`. No other room imports this one.
"""
