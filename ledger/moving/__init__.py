"""Moving a ledger from house to house: between folders and Kafka, and through an archive."""
