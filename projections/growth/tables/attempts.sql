-- The attempts that count, each from the position of the decision that names it.
--
-- MergeTree in order of position: an answer pinned to P reads a prefix. Every insert ends with a row
-- of kind 'seen' (no attempt) at the position up to which decisions were read, so the highest position
-- in the table is its checkpoint, kept in the same part as the rows it vouches for.
CREATE TABLE IF NOT EXISTS attempts
(
    position UInt64,
    kind LowCardinality(String),                    -- loaded, withdrawn, seen
    attempt String,
    report String,
    report_kind String,                             -- '' when withdrawn
    file_name String,                               -- '' when withdrawn
    period_from Nullable(Date),
    period_to Nullable(Date),
    basis UInt64,
    increments UInt64
)
ENGINE = MergeTree
ORDER BY (position, attempt)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1
