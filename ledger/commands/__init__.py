"""What can be asked of the ledger: one file a command, with its input, the models it reads, its rule."""
