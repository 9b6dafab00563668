"""Dated policies, roles and refusals as data, and the pure functions that read them."""
