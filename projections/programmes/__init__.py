"""Programmes: dated data files that say what growth earns, and the formulas they name."""
