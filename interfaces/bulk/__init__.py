"""Bulk commands: JSON lines read, checked, decided in groups, one outcome a line."""
