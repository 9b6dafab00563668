"""Programmes as dated data files: what a score is made of, every number with its source.

The files that ship lie beside; ``programme`` is their format, ``files`` reads and checks them.
"""
