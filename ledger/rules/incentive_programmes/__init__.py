"""Incentive programmes as dated data files: what associations earn, every number with its source.

The files that ship lie beside; ``programme`` is their format, ``files`` reads and checks them. What
a partner must have before it earns stands in ``ledger.rules.incentives``.
"""
