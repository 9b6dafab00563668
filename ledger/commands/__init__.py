"""What can be asked of the ledger: a file a command, with input, models it reads, its rule."""
