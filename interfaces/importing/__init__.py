"""An estate that was there before the ledger: what its files tell, as commands, and compared."""
