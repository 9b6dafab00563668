-- Which rows of a table of credit (`of` stands for its name) were added up to `position` and are asked about?
-- Of each increment one row counts for each thing shown: that whose `represents` has the bit of the columns
-- asked for (`mask`).
SELECT
    {by}, held, gap_from,
    opening_micro, growth_micro, across_gap_micro, level_micro, stated, keys
FROM {of}
WHERE rule = {rule:String} AND position <= {position:UInt64}
    AND bitTest(represents, {mask:UInt8})
    AND metric IN {metrics:Array(String)}
    AND month BETWEEN {from_month:Date} AND {to_month:Date}
    AND workload IN {workloads:Array(String)}                       -- if workloads
    AND tenant IN {tenants:Array(String)}                           -- if tenants
    AND held AND kind IN {kinds:Array(String)}                      -- if kinds
    AND held AND partner IN {partners:Array(String)}                -- if partners
    AND held AND organisation IN {organisations:Array(String)}      -- if organisations
