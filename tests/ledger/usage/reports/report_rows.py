"""A usual row of every kind of report, in the columns of its documentation, to be bent by tests."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping

from ledger.usage.reports.parse import parse_report
from ledger.usage.reports.parsed import ParsedReport
from ledger.usage.reports.read import ReportFile
from tests.ledger.usage.builders import T1

_SEATS = {
    "PGAMpnID": "100",
    "SubscriptionId": "S-1",
    "SubscriptionStartDate": "2023-01-01",
    "SubscriptionEndDate": "2024-01-01",
    "SubscriptionStatus": "Active",
    "Month": "2023-09-01",
    "SKU": "Sales Enterprise",
    "SKUId": "sku-1",
    "FreeVsPaidSKU": "Paid",
    "SalesModel": "Direct",
    "DetailedSalesModel": "Direct",
    "CustomerName": "Žižkov, s.r.o.",
    "CustomerTenantId": T1,
    "CustomerTpid": "7",
    "CustomerSegment": "SMB",
    "CustomerMarket": "CZ",
    "MPNID": "101",
    "PartnerName": "Alfa",
    "PartnerLocation": "CZ",
    "PartnerAttachType": "DPOR",
    "AvailableSeats": "50",
    "AssignedSeats": "40",
    "ActiveSeats": "30",
    "DeploymentOpportunity": "10",
    "ActiveUsagePercent": "60",
}

_BUSINESS = {
    "FiscalMonthName": "September, 2023",
    "GlobalPartnerID": "100",
    "PartnerName": "Alfa",
    "PartnerAssociationType": "PAL",
    "CustomerID": "7",
    "CustomerName": "Žižkov, s.r.o.",
    "CustomerTenantID": T1,
    "CustomerTenantName": "zizkov",
    "SubscriptionID": "S-1",
    "SubscriptionStartDate": "2023-01-01",
}

USUAL: Mapping[str, Mapping[str, str]] = {
    "cpor_m365": {
        "CustomerTenantId": T1,
        "CustomerName": "Žižkov, s.r.o.",
        "WorkloadName": "Teams",
        "MonthlyActiveUsers": "5",
        "PaidAvailableUnits": "9",
        "ClaimId": "C-1",
        "MpnId": "101",
        "DateAssociated": "2023-01-01",
        "PartnerAttributionType": "CPOR",
        "Date": "2023-09-01",
    },
    "office365": {
        "PGAPartnerID": "100",
        "CustomerTenantId": T1,
        "CustomerTpid": "7",
        "WorkloadName": "Microsoft Teams",
        "Month": "2023-09-01",
        "PaidAvailableUnits": "9",
        "MonthlyActiveUsers": "5",
        "CustomerName": "Žižkov, s.r.o.",
        "CustomerMarket": "CZ",
        "CustomerSegment": "SMB",
        "IndustryName": "Retail",
        "VerticalName": "Retail",
        "EOU": "CZ",
        "PartnerID": "101",
        "PartnerName": "Alfa",
        "PartnerLocation": "CZ",
        "PartnerAttributionType": "CSP Tier 1",
        "IsDuplicateRowForPGA": "0",
    },
    "dynamics365": _SEATS,
    "power_bi": {**_SEATS, "SKU": "Power BI Pro", "PartnerHierarchy": "Location"},
    "bizapps_usage": {
        **_BUSINESS,
        "MetricType": "Paid",
        "WorkloadCategory": "Service",
        "Workload": "Field Service",
        "SkuGroup": "Enterprise",
        "PAMAU": "4",
        "MAC": "",
        "MAU": "20",
    },
    "bizapps_revenue": {
        **_BUSINESS,
        "Country": "CZ",
        "WorkloadCategory": "Service",
        "Workloads": "Field Service",
        "AdjustedRevenueAmtCD": "100.5",
    },
    "azure": {
        "CustomerTenantId": T1,
        "SubscriptionId": "S-1",
        "Month": "2023-09-01",
        "ServiceLevel1": "Compute",
        **{f"ServiceLevel{level}": "" for level in (2, 3, 4)},
        **dict.fromkeys(
            ("ServiceGroup2", "ServiceGroup3", "ServiceInfluencer", "ComputeOS", "UsageUnits"), ""
        ),
        "PartnerID": "101",
        "PartnerAttributionType": "PAL",
        "AdminType": "Owner",
        "ACR_USD": "10",
    },
    "subscription_details": {
        "PGAMpnID": "100",
        "SubscriptionId": "S-1",
        "SubscriptionStartDate": "2023-01-01",
        "SubscriptionEndDate": "2024-01-01",
        "SubscriptionState": "Active",
        "Month": "2023-09-01",
        "IsAutoRenew": "Yes",
        "CustomerTenantId": T1,
        "Product": "Dynamics 365",
        "SKU": "Sales Enterprise",
        "SolutionArea": "Business Applications",
        "MPNID": "101",
        "PartnerAttributionType": "DPOR",
        "SalesChannel": "Direct",
        "EnrollmentNumber": "E-1",
        "ResellerID": "",
        "AvailableSeats": "-5",
        "AvailableSeatsEOP": "50",
        "BilledRevenueUSD": "1000",
    },
}
"""By kind: column of the file and what usually stands there."""


def content(kind: str, *bent: Mapping[str, str], separator: str = "\t") -> bytes:
    """A report of usual rows but for what each of ``bent`` says; its columns are the first's.

    With the dirt that every real file has: a byte order mark, CRLF, quoted names.
    """
    rows = [{**USUAL[kind], **it} for it in bent]
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), delimiter=separator, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def report(kind: str, *bent: Mapping[str, str], separator: str = "\t") -> ParsedReport:
    """What such a report says."""
    file = ReportFile.of(f"{kind}.csv", content(kind, *bent, separator=separator))
    return parse_report(kind, file)
