"""What would have come of other acts: the log decided again in a scratch ledger, never the real."""
