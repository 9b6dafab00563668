-- Who holds what, as a list of changes: +1 where a row of the holdings view became known, -1 where it
-- ceased to be. A row stands at position P when its signs up to P add up to 1.
--
-- MergeTree, never collapsed: the history is the point. In order of position, so an answer pinned to P
-- reads a prefix. Every insert ends with a row of sign 0 at the position up to which the view was read:
-- the highest position in the table is its checkpoint.
CREATE TABLE IF NOT EXISTS holding_changes
(
    position UInt64,
    sign Int8,
    row_id UInt64,
    kind LowCardinality(String),
    slot String,
    tenant String,
    subscription String,
    workload LowCardinality(String),
    activity LowCardinality(String),
    scope String,
    role LowCardinality(String),
    partner LowCardinality(String),
    organisation LowCardinality(String),
    claim String,
    effective_from Int64,                           -- microseconds since 1970, UTC
    effective_to Int64,                             -- 9223372036854775807: open
    because UInt64,
    rule LowCardinality(String)
)
ENGINE = MergeTree
ORDER BY (position, row_id)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1
