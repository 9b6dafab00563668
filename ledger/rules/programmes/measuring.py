"""How a metric's figure comes about: a small set of named ways, which files combine.

What each does is in ``projections.programmes.measures``; here is what a file may say about it.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from ledger.rules.programmes.values import Months, Name, Number, Table, Title
from ledger.usage.metrics import METRICS


class _Way(Table):
    """A way to measure; ``type`` limits it to one type of association."""

    type: Name | None = None


class Recorded(_Way):
    """A figure that people record with ``metric.record``: the latest, or the sum of some months."""

    function: Literal["recorded"]
    sort: Literal["snapshot", "flow"] = "snapshot"
    months: Months = 12


class RecordedGrowth(_Way):
    """A recorded figure ``of`` another name, now and some months before."""

    function: Literal["recorded_growth"]
    of: Name
    months: Months = 12


class _OfUsage(_Way):
    """Measured from usage. ``family`` says on which products, where the metric's name does not."""

    metric: Name
    family: Name | None = None

    @property
    def products(self) -> str:
        """The family of products that associations must be on."""
        return self.family or self.metric.split(".", maxsplit=1)[0]

    @model_validator(mode="after")
    def _known_metric(self) -> Self:
        if self.metric not in METRICS:
            raise ValueError(f"metric: {self.metric!r} is none of {', '.join(METRICS)}")
        if self.metric.endswith(".attributed"):
            raise ValueError(f"metric: {self.metric!r} is attributed by files, not by holders")
        return self


class CreditedGrowth(_OfUsage):
    """What usage grew in the last months while the partner held what reaches it (§7.3)."""

    function: Literal["credited_growth"]
    months: Months = 12
    window: Literal["months", "anniversary_year"] = "months"


class CreditedSum(_OfUsage):
    """Revenue or consumption of the last months on what the partner held then."""

    function: Literal["credited_sum"]
    months: Months = 12
    agreement_months: Months | None = None
    channels: tuple[str, ...] = ()


class SumGrowth(_OfUsage):
    """Consumption credited in the last months, and in as many months before them."""

    function: Literal["sum_growth"]
    months: Months = 12


class LevelGrowth(_OfUsage):
    """A level now and some months before, of the customers associated in each of the two.

    ``rates`` weigh each workload's users (§8.3, monthly consumption value). With ``credited`` what
    grew is only what grew while associated.
    """

    function: Literal["level_growth"]
    months: Months = 12
    rates: dict[str, Number] = Field(default_factory=dict)
    credited: Annotated[bool, Field(strict=True)] = False


class TenantsGained(_OfUsage):
    """Customers that fulfil a condition and are associated, now minus some months before.

    The condition is on a level, on its share of another (``share_of``), on a sum of months or on
    any of them. ``at_least`` is the size asked for; a size of its own for each class stands with
    the thresholds. ``left_out_months``: who fulfilled it when the association began is left out of
    "now" for so long.
    """

    function: Literal["tenants_gained"]
    months: Months = 12
    over: Literal["level", "sum", "any_month"] = "level"
    over_months: Months = 1
    at_least: Number | None = None
    share_of: Name | None = None
    of_at_least: Number | None = None
    left_out_months: Annotated[int, Field(strict=True, ge=0, le=120)] = 0
    rates: dict[str, Number] = Field(default_factory=dict)
    each: Literal["tenant", "workload"] = "tenant"


class Crossings(_OfUsage):
    """Places that were below a size some months before and reached it since (§8.2).

    A place is what reports tell apart: a customer's subscription, or the customer.
    """

    function: Literal["crossings"]
    months: Months = 12
    each: Literal["subscription", "tenant"] = "subscription"


class CustomerAdds(_OfUsage):
    """Customers won minus customers lost, credited by §7.2 from the paid seats of each month."""

    function: Literal["customer_adds"]
    months: Months = 12
    losers: Literal["credited", "associated"] = "credited"


class Services(_OfUsage):
    """Different services that the associated customers consume in the month."""

    function: Literal["services"]
    level: Annotated[int, Field(strict=True, ge=1, le=4)] = 2


Way = Annotated[
    Recorded
    | RecordedGrowth
    | CreditedGrowth
    | CreditedSum
    | SumGrowth
    | LevelGrowth
    | TenantsGained
    | Crossings
    | CustomerAdds
    | Services,
    Field(discriminator="function"),
]

Words = Title
"""What is measured, in the words of the source."""
