"""The table of association kinds: no name of the sources is missing, none means two things."""

from __future__ import annotations

from datetime import date

import pytest

from ledger.commands import catalogue
from ledger.rules import kinds, products
from ledger.rules.kinds import NOT_DOCUMENTED, Cardinality

NAMES = """
TPOR; TPOR distributor; TPOR reseller; TPOR software advisor; DPOR; POR; DPOR / POR; CPOR; CPOR
M365 usage; CPOR pre-sales; CPOR Business Applications usage; CPOR revenue association;
CPOR-Competency; CPOR-FRP; CPOR OSA; CPOR OSU; CPOR RevRec; RevRec Performance; MPN CPOR; MPN
DPOR; MPN Pipe; Pipe; PAL; CSP Tier 1; CSP Tier 2; Indirect provider; Indirect reseller;
DPOR/CSP; Dual Credit; CUA; ARM Template; Tracked template; Marketplace; Advisor; Subscription
Advisor; Channel Partner; Deal Registration; Delegated Admin Privilege; DAP; GDAP; Distributor;
Reseller; Syndication; Hosting Partner; FastTrack; FastTrack Ready; Partner As End Customer;
PEAT; Partner of Record
"""
"""Every kind the project promises a row for, written down a second time by hand."""

SEED = """
Advisor; ARM Template; Channel Partner; CPOR - Competency; CPOR - FRP; CPOR OSA; CPOR RevRec;
CSP Tier1; CSP Tier2; Deal Registration; Delegated Admin Privilege; Distributor; DPOR/CSP; Dual
Credit; FastTrack; Hosting Partner; Marketplace; MPN CPOR; MPN DPOR; MPN Pipe; Partner As End
Customer; PEAT; Pipe; Reseller; Syndication; CPOR RevRec Performance; CPOR OSU; Deal
registration; Partner as end-customer
"""
"""The labels of domain.md §6.6, as spelled there."""

PRIORITY = ["PAL", "TPOR", "DPOR", "CSP_T1", "CSP_T2", "PARTNER_AS_END_CUSTOMER"]
"""The order of domain.md §7.1."""

ROWS = list(kinds.table().values())


def spelled(text: str) -> list[str]:
    """The names of a list."""
    return [" ".join(name.split()) for name in text.split(";")]


@pytest.mark.parametrize("name", [*spelled(NAMES), *spelled(SEED)])
def test_every_name_of_the_sources_has_a_row(name: str) -> None:
    """Under whatever spelling of case, spaces and marks."""
    found = kinds.kind(name)
    assert found is not None
    assert found == kinds.kind(name.upper().replace(" ", "_")) == kinds.kind(f" {name.lower()} ")


def test_each_of_the_promised_names_is_a_row_of_its_own() -> None:
    """But for those that are other names of one thing."""
    rows = [row.kind for name in spelled(NAMES) if (row := kinds.kind(name))]
    twice = {row for row in rows if rows.count(row) > 1}
    assert twice == {"DPOR", "CPOR_OSA", "CPOR_OSU", "CPOR_REVREC", "ARM_TEMPLATE", "DAP"}


def test_no_spelling_means_two_kinds() -> None:
    """Else a file would say one thing and the ledger record another."""
    named = [
        (text.lower().translate(str.maketrans("", "", " -_/()")), row.kind)
        for row in ROWS
        for text in (row.kind, row.title, *row.aliases)
    ]
    spellings = {text for text, _ in named}
    assert len(spellings) == len(set(named))


def test_what_is_not_documented_earns_nothing_and_can_be_recorded() -> None:
    """The sources give a name only (domain.md §6.6): no rule is made up."""
    bare = [row for row in ROWS if not row.documented]
    assert len(bare) == 16
    for row in bare:
        assert (row.earns, row.priority, row.commands) == ((), None, ())
        assert row.place is not None
        assert row.says == f"nothing ({NOT_DOCUMENTED})"


def test_a_kind_is_recorded_by_commands_of_its_own_or_by_hand() -> None:
    """Never by both, never by none; the commands exist."""
    for row in ROWS:
        assert bool(row.commands) != (row.place is not None), row.kind
        assert set(row.commands) <= set(catalogue.names()), row.kind


def test_a_label_is_a_kind_that_is_recorded() -> None:
    """And is exclusive or not just as that is."""
    for row in ROWS:
        if row.label_of:
            of = kinds.table()[row.label_of]
            assert of.label_of is None
            assert row.cardinality == of.cardinality


def test_the_order_inside_one_organisation_is_that_of_the_usage_report() -> None:
    """Lower wins; a name for the same thing has the same place (domain.md §7.1)."""
    ranked = sorted((row.priority, row.kind) for row in ROWS if row.priority is not None)
    assert [kind for _, kind in ranked if kinds.table()[kind].label_of is None] == PRIORITY
    for row in ROWS:
        if row.label_of:
            assert row.priority == kinds.table()[row.label_of].priority


def test_promises_and_own_consumption_are_left_out_of_sums() -> None:
    """Deal registration and partner as end-customer (domain.md §7.1, §14.10), and no other."""
    left_out = {row.kind for row in ROWS if row.left_out}
    assert left_out == {"DEAL_REGISTRATION", "PARTNER_AS_END_CUSTOMER"}


@pytest.mark.parametrize(
    "kind, cardinality",
    [
        ("CPOR", "exclusive"),
        ("DPOR", "exclusive"),
        ("TPOR", "roles"),
        ("PAL", "set"),
        ("CSP_T1", "chain"),
        ("CSP_T2", "chain"),
        ("CUA", "set"),
    ],
)
def test_cardinality_is_that_of_the_comparison(kind: str, cardinality: str) -> None:
    """As the row *Cardinality* of domain.md §6 says."""
    assert kinds.table()[kind].cardinality is Cardinality(cardinality)


def test_only_what_follows_from_a_sale_is_automatic() -> None:
    """The row *Automatic?* of domain.md §6; a label is as its kind."""
    automatic = {row.label_of or row.kind for row in ROWS if row.automatic}
    assert automatic == {"TPOR", "CSP_T1", "CSP_T2", "MARKETPLACE", "PARTNER_AS_END_CUSTOMER"}


@pytest.mark.parametrize(
    "product, on, ended",
    [
        ("dynamics365", date(2019, 2, 28), []),
        ("dynamics365", date(2019, 3, 1), ["OSA Sell incentive"]),
        ("dynamics365", date(2019, 10, 1), ["OSA Sell incentive", "usage incentive"]),
        ("m365", date(2019, 9, 30), []),
        ("m365", date(2019, 10, 1), ["usage incentive"]),
        ("power_bi", date(2023, 10, 1), []),
        ("azure", date(2021, 9, 30), []),
        ("azure", date(2021, 10, 1), ["usage incentive"]),
    ],
)
def test_dpor_stopped_earning_product_by_product(product: str, on: date, ended: list[str]) -> None:
    """The deprecation path of domain.md §6.1, day by day; Power BI stayed."""
    assert product in products.table()
    assert [step.ends for step in kinds.table()["DPOR"].ended(product, on)] == ended


def test_steps_name_products_of_the_table_in_order_of_their_day() -> None:
    """A product spelled otherwise would never be found."""
    for row in ROWS:
        assert [step.on for step in row.steps] == sorted(step.on for step in row.steps)
        assert {one for step in row.steps for one in step.products} <= set(products.table())


@pytest.mark.parametrize(
    "held, slot, activity, role, frp, label",
    [
        ("CPOR", "cpor:m365:t:teams", "usage", None, False, "CPOR_M365"),
        ("CPOR", "cpor:m365:t:teams", "usage", None, True, "CPOR_FRP"),
        ("CPOR", "cpor:bizapps:S-1:usage", "usage", None, False, "CPOR_OSU"),
        ("CPOR", "cpor:bizapps:S-1:pre_sales", "pre_sales", None, False, "CPOR_OSA"),
        ("CPOR", "cpor:bizapps:S-1:revenue", "revenue", None, False, "CPOR_REVREC"),
        ("TPOR", "tpor:E:reseller:101", None, "reseller", False, "TPOR_RESELLER"),
        ("CSP_T2", "csp:S-1", None, "indirect_reseller", False, "CSP_T2_RESELLER"),
        ("CSP_T1", "csp:S-1", None, "direct", True, "CSP_T1"),
        ("DPOR", "dpor:S-1", None, None, True, "DPOR"),
        ("DAP", "dap:t:101", None, "GDAP", False, "GDAP"),
        ("PIPE", "association:pipe:tenant:t:101", None, None, False, "PIPE"),
    ],
)
def test_a_holding_goes_by_the_narrowest_name(
    held: str, slot: str, activity: str | None, role: str | None, *, frp: bool, label: str
) -> None:
    """A claim under the id of a FastTrack Ready Partner is CPOR-FRP first of all (§6.5)."""
    found = kinds.label(held, slot=slot, activity=activity, role=role, frp=frp)
    assert found is not None
    assert found.kind == label


@pytest.mark.parametrize(
    "spelling, attribution",
    [
        ("Partner of Record", "DPOR"),
        ("Digital Partner of Record", "DPOR"),
        ("CSP Tier1", "CSP_T1"),
        ("Transacting Partner", "TPOR"),
        ("CPOR OSU", "CPOR_OSU"),
        ("Deal registration", "DEAL_REGISTRATION"),
        ("Something New", None),
    ],
)
def test_usage_is_kept_under_the_id_of_its_attribution(
    spelling: str, attribution: str | None
) -> None:
    """Files spell them differently; another name of a kind is that kind."""
    assert kinds.attribution(spelling) == attribution
