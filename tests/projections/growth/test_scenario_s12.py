"""Scenario S12 of domain.md §15, number by number, on ClickHouse."""
