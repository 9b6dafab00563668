"""Large reports from a seed, made quickly: the same arguments give the same bytes."""

from __future__ import annotations

import io
from datetime import date

import numpy as np
import polars as pl

_WORKLOADS = ["Exchange", "SharePoint", "Teams", "Teams Meetings", "Intune", "Viva Insights"]


def cpor_m365_tsv(rows: int, *, month: date = date(2023, 9, 1), seed: int = 1) -> bytes:
    """A CPOR-M365 usage report with ``rows`` rows of one month, each of a key of its own.

    Tenants are the same for every month and seed, so that several months continue each other;
    ``seed`` moves the numbers.
    """
    numbers = np.random.default_rng(seed)
    place = pl.int_range(rows, eager=True).alias("place")
    tenant = place // len(_WORKLOADS)
    paid = pl.Series(numbers.integers(100, 5_000, rows))
    active = (paid * pl.Series(numbers.random(rows))).floor().cast(pl.Int64)
    workloads = pl.Series(_WORKLOADS).gather(place % len(_WORKLOADS))
    frame = pl.DataFrame({"tenant": tenant}).select(
        CustomerTenantId=_guid(pl.col("tenant")),
        CustomerName=pl.format("Customer {}, Ltd", "tenant"),
        WorkloadName=workloads,
        MonthlyActiveUsers=active,
        PaidAvailableUnits=paid,
        ClaimId=pl.format("C-{}", place),
        MpnId=pl.lit(101),
        DateAssociated=pl.lit("2022-01-01"),
        PartnerAttributionType=pl.lit("CPOR"),
        Date=pl.lit(month.isoformat()),
    )
    text = io.BytesIO()
    frame.write_csv(text, separator="\t", quote_style="necessary")
    return text.getvalue()


def _guid(number: pl.Expr) -> pl.Expr:
    digits = number.cast(pl.String).str.zfill(12)
    return pl.concat_str(pl.lit("00000000-0000-4000-8000-"), digits)
