-- To whom each key and month is credited, as a list of changes: the rows up to P add up to what was known at
-- P. A change of what counts or of who holds is the row of before taken away and the one of after added.
-- One row a holder and key (but for its resource); a key that nobody holds has a row without holder.
--
-- MergeTree, never collapsed: the history is the point. In order of holder, so that what one partner is
-- credited with is read by itself; what one customer's usage is credited to is found by the index.
-- Written by the credit fold (credit_fold.py). Every insert ends with a row of rule '': the position and
-- the last tenant it covers, so the table is its own checkpoint.
CREATE TABLE IF NOT EXISTS credited_keys
(
    position UInt64 CODEC(Delta, ZSTD(1)),
    rule LowCardinality(String),                    -- of credit_rules.toml; '' marks how far it is folded
    metric LowCardinality(String),                  -- of a mark: seen, or part
    workload LowCardinality(String),
    tenant String CODEC(ZSTD(1)),
    subscription String CODEC(ZSTD(1)),
    attribution LowCardinality(String),
    month Date CODEC(ZSTD(1)),
    gap_from Date CODEC(ZSTD(1)),                   -- last stated month before a gap; 1970: no gap
    held UInt8 CODEC(ZSTD(1)),                      -- whether somebody holds
    kind LowCardinality(String),
    partner LowCardinality(String),
    organisation LowCardinality(String),
    represents UInt8 CODEC(ZSTD(1)),                -- for which columns the holder stands, see credited_rows.py
    opening_micro Int64 CODEC(ZSTD(1)),
    growth_micro Int64 CODEC(ZSTD(1)),              -- growth from one month to the next
    across_gap_micro Int64 CODEC(ZSTD(1)),          -- growth across a gap
    level_micro Int64 CODEC(ZSTD(1)),               -- summed over what is stated
    stated Int64 CODEC(ZSTD(1)),                    -- how many of the keys have a level
    keys Int64 CODEC(ZSTD(1)),
    INDEX by_tenant tenant TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX by_organisation organisation TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = MergeTree
ORDER BY (rule, partner, metric, tenant, workload, subscription, month, position)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1
