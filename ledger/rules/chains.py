"""Which partners an order names: each sales channel has its own (domain.md §3.2, §6.3)."""

from __future__ import annotations

from schemas.subscriptions import Channel

CSP = frozenset({Channel.CSP_DIRECT, Channel.CSP_INDIRECT})
"""The channels in which a partner sells and bills."""

UNDER_AGREEMENT: dict[Channel, frozenset[str]] = {
    Channel.EA: frozenset({"EA"}),
    Channel.VOLUME_LICENSING: frozenset({"MPSA", "OPEN"}),
}
"""The channels that stand under an agreement, and the kinds of agreement each is sold under."""


def check_chain(channel: Channel, transacting_partner: str | None, reseller: str | None) -> None:
    """Raise ``ValueError`` unless the partners named are those of the channel and no others."""
    wanted = {
        "transacting_partner": (transacting_partner, channel in CSP),
        "indirect_reseller": (reseller, channel is Channel.CSP_INDIRECT),
    }
    for name, (given, needed) in wanted.items():
        if needed and given is None:
            raise ValueError(f"channel {channel} needs {name}")
        if not needed and given is not None:
            raise ValueError(f"channel {channel} has no {name}; leave it out")
