"""The log: frames and the chain (pure), the index, the journal, and the one writer over them."""
