"""Growth: what usage increments add up to, and for whom they count, in ClickHouse."""
