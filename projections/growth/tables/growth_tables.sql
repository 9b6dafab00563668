-- Which ledger these tables are of, and in which format they are.
--
-- MergeTree with one row, written when the tables are made; a second one is the same and does no harm.
CREATE TABLE IF NOT EXISTS growth_tables
(
    ledger String,
    format UInt16
)
ENGINE = MergeTree
ORDER BY ledger
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1
