"""The cluster of a ledger on many machines: its address, its topics and what they must promise."""
