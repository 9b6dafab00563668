"""Tracking ids and what was deployed with them (CUA, domain.md §6.4)."""

from __future__ import annotations

from typing import NamedTuple

from ledger.decision import Fact, Model
from schemas.time import FOREVER_US
from schemas.tracking import (
    DeploymentEnded,
    DeploymentReported,
    TrackingIdRegistered,
    TrackingIdRemoved,
    TrackingKind,
)


class Tracking(NamedTuple):
    """A registered tracking id; instants in microseconds UTC."""

    tracking_id: str
    location: str
    kind: TrackingKind
    registered_us: int
    removed_us: int = FOREVER_US


def _tracking(state: Tracking | None, fact: Fact) -> Tracking | None:
    event, at_us = fact.event, fact.effective_at_us
    match event:
        case TrackingIdRegistered():
            return Tracking(event.tracking_id, event.location, event.kind, at_us)
        case TrackingIdRemoved() if state:
            return state._replace(removed_us=at_us)
    return state


TRACKING: Model[Tracking | None] = Model(
    name="tracking_id",
    tag="tracking",
    types=(TrackingIdRegistered, TrackingIdRemoved),
    start=None,
    apply=_tracking,
)
"""The tracking id, or None while nobody registered it; key: the id without ``pid-``."""


class Deployment(NamedTuple):
    """A deployment reported with a tracking id; instants in microseconds UTC."""

    deployment: str
    tracking_id: str
    location: str
    tenant: str
    deployed_us: int
    ended_us: int = FOREVER_US


def _deployment(state: Deployment | None, fact: Fact) -> Deployment | None:
    event, at_us = fact.event, fact.effective_at_us
    match event:
        case DeploymentReported():
            return Deployment(
                event.deployment, event.tracking_id, event.location, event.tenant, at_us
            )
        case DeploymentEnded() if state:
            return state._replace(ended_us=at_us)
    return state


DEPLOYMENT: Model[Deployment | None] = Model(
    name="deployment",
    tag="deployment",
    types=(DeploymentReported, DeploymentEnded),
    start=None,
    apply=_deployment,
)
"""The deployment, or None while nobody reported it; key: the deployment id."""
