"""What decisions read: small folds over the events of one tag, shared by the commands."""
