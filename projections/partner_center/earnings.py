"""The earnings and the ineligible-usage file, as Partner Center names their columns.

The form is that of partner_center_files.md §3. When a payment is to be expected is not published,
so ``estimatedPaymentMonth`` is empty.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta

from projections.filters import Row
from projections.incentives.lines import Line
from projections.incentives.months import plus
from projections.incentives.statement import number

EARNINGS = (
    "claimId",
    "customerTenantId",
    "workload",
    "quantity",
    "quantityType",
    "quantityAlt",
    "quantityAltType",
    "baseline",
    "baselineType",
    "compensableUnits",
    "lever",
    "milestone",
    "bucketSize",
    "partnerAssociation",
    "partnerRole",
    "engagementName",
    "earningDate",
    "estimatedPaymentMonth",
    "reasonCode",
)
"""The columns of the earnings file."""

MONEY = ("earningAmount", "currency")
"""Further ones where a rate is given, for those who may see revenue."""

INELIGIBLE = (
    "engagementName",
    "customerId",
    "customerIdType",
    "partnerId",
    "partnerAssociation",
    "partnerRole",
    "subscriptionId",
    "workload",
    "quantity",
    "quantityType",
    "quantityAlt",
    "quantityAltType",
    "compensableUnits",
    "reason",
    "transactionDate",
)
"""The columns of the ineligible-usage file."""


def earnings(lines: Iterable[Line]) -> Iterator[Row]:
    """A row for each credited line, with ``MONEY`` where it has an amount."""
    for line in lines:
        if line.status == "credited":
            yield {
                **_usage(line),
                "claimId": line.tenure.claim,
                "customerTenantId": line.place.tenant,
                "baseline": number(line.mark),
                "baselineType": None if line.mark is None else "HWM",
                "lever": line.lever,
                "milestone": line.milestone,
                "bucketSize": line.bucket,
                "earningDate": _last_day(line),
                "estimatedPaymentMonth": None,
                "reasonCode": None,
                "earningAmount": number(line.amount),
                "currency": line.currency,
            }


def ineligible(lines: Iterable[Line]) -> Iterator[Row]:
    """A row for each line that is not credited, with its first reason."""
    for line in lines:
        if line.reason is not None:
            yield {
                **_usage(line),
                "customerId": line.place.tenant,
                "customerIdType": "Tenant",
                "partnerId": line.tenure.partner,
                "subscriptionId": line.place.subscription or None,
                "reason": line.reason.code,
                "transactionDate": _last_day(line),
            }


def _usage(line: Line) -> Row:
    return {
        "workload": line.place.workload or None,
        "quantity": number(line.quantity),
        "quantityType": line.quantity_type,
        "quantityAlt": number(line.beside),
        "quantityAltType": line.beside_type or None,
        "compensableUnits": number(line.units),
        "partnerAssociation": line.tenure.association,
        "partnerRole": line.tenure.role,
        "engagementName": line.programme,
    }


def _last_day(line: Line) -> str:
    return str(plus(line.month, 1) - timedelta(days=1))
