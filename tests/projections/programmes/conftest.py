"""Scores are measured on growth: the same engines and estates."""

from __future__ import annotations

from tests.projections.growth.conftest import analytics, engine, estate, new_engine

__all__ = ["analytics", "engine", "estate", "new_engine"]
