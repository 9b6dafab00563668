-- Every increment row of the usage log, counted or not: which attempts count, `attempts` says.
--
-- MergeTree, only ever inserted into. One table partition a log partition, so that an insert, which
-- covers offsets of one log partition, is one part: in whole or not at all. The deduplication window
-- makes an insert repeated under its token (the expected next offset) add nothing; fsync, because the
-- highest offset is the checkpoint and a part lost in the middle would not be noticed by it. Every insert
-- ends with a row of mark 'batch' and no metric: `offset` is its last one, `delta_micro` its first. It lies
-- first in the order, so the checkpoint is read without the rows, and the last insert can be made again.
-- Order: questions pick metrics and workloads, then add up each key and month, which in this order
-- needs no memory.
CREATE TABLE IF NOT EXISTS increments_raw
(
    partition UInt16,
    offset UInt64 CODEC(Delta, ZSTD(1)),
    attempt LowCardinality(String),
    metric LowCardinality(String),
    tenant String,
    subscription String,
    workload LowCardinality(String),
    resource String,
    partner LowCardinality(String),
    attribution LowCardinality(String),
    month Date,                                     -- first of month, the date of the increment
    mark Enum8('opening' = 1, 'growth' = 2, 'gap' = 3, 'batch' = 4),
    delta_micro Int64,                              -- millionths of the metric's unit
    level_micro Nullable(Int64),                    -- NULL: a flow, or no longer stated
    gap_from Nullable(Date),
    row UInt32,                                     -- line of the report
    delta Decimal(38, 6) ALIAS toDecimal128(delta_micro, 6) / 1000000,
    level Nullable(Decimal(38, 6)) ALIAS toDecimal128(level_micro, 6) / 1000000
)
ENGINE = MergeTree
PARTITION BY partition
ORDER BY (metric, workload, tenant, subscription, month)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1
