"""The rules by which partners hold, as the ``rule`` column names them, each with its source."""

from __future__ import annotations

RULES = {
    "opt_out_window": "approval starts it, silence confirms (domain.md 4.2 rows 4, 7-8)",
    "decline_any_time": "approval starts it, declining is open (domain.md 4.2 row 7, 4.3)",
    "explicit": "the customer's yes starts it (domain.md 4.3)",
    "imported": "approved elsewhere, taken over with its source (domain.md 11.1)",
    "arbitration": "won by arbitration (domain.md 5)",
    "migrated": "followed its customer's users to another tenant (domain.md 14.9)",
    "dpor": "set by the customer's admin (domain.md 6.1)",
    "dpor_imported": "set by the customer before, taken over with its source (domain.md 6.1, 11.1)",
    "dpor_at_purchase": "entered at purchase (domain.md 6.1)",
    "tpor": "named on the agreement (domain.md 6)",
    "tpor_amended": "put on the agreement by an amendment (domain.md 6)",
    "csp_direct": "transacting partner of the order, tier 1 (domain.md 6.3)",
    "csp_indirect": "provider or reseller of the order, tier 2 (domain.md 6.3)",
    "pal": "linked, measured within the role's scope (domain.md 6.2)",
    "pal_without_role": "linked without a role, measures nothing (domain.md 6.2)",
    "pal_home": "linked at home, measures what Azure Lighthouse delegates (domain.md 6.2)",
    "gdap": "approved by the customer, for its term (domain.md 6.3)",
    "cua": "deployed with the publisher's tracking id (domain.md 6.4)",
    "recorded": "recorded with its source (domain.md 6.6)",
    "dap": "administration delegated by the customer (domain.md 6.3)",
}
