"""The broker of this run, for what is measured on Kafka."""

from __future__ import annotations

from tests.integration.conftest import kafka_servers

__all__ = ["kafka_servers"]
