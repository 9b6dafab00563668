-- What is credited at all, and to each kind of association: credited_holders, summed over partners. Small,
-- so that growth of everybody is answered at once. Only rows that stand for "all" or for "each kind" are here.
CREATE TABLE IF NOT EXISTS credited_totals
(
    position UInt64 CODEC(Delta, ZSTD(1)),
    rule LowCardinality(String),                    -- of credit_rules.toml; '' marks how far it is folded
    metric LowCardinality(String),                  -- of a mark: seen, or part
    workload LowCardinality(String),
    attribution LowCardinality(String),
    month Date CODEC(ZSTD(1)),
    gap_from Date CODEC(ZSTD(1)),
    held UInt8 CODEC(ZSTD(1)),
    kind LowCardinality(String),
    represents UInt8 CODEC(ZSTD(1)),
    opening_micro Int64 CODEC(ZSTD(1)),
    growth_micro Int64 CODEC(ZSTD(1)),              -- growth from one month to the next
    across_gap_micro Int64 CODEC(ZSTD(1)),          -- growth across a gap
    level_micro Int64 CODEC(ZSTD(1)),               -- summed over what is stated
    stated Int64 CODEC(ZSTD(1)),                    -- how many of the keys have a level
    keys Int64 CODEC(ZSTD(1))
)
ENGINE = SummingMergeTree((opening_micro, growth_micro, across_gap_micro, level_micro, stated, keys))
ORDER BY (rule, metric, month, workload, kind, represents, held, attribution, gap_from, position)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1
