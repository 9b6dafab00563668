-- What each place (tenant, subscription, workload) grew in each month, as known at `position`, and the part of
-- it across a gap; of a flow, the month's own sum. Openings are no growth. In the order of the table, which
-- needs no memory.
SELECT
    tenant, subscription, workload, month,
    sumIf(delta_micro, mark != 'opening') AS grown_micro,
    sumIf(delta_micro, mark = 'gap') AS across_gap_micro
FROM increments_raw
PREWHERE tenant IN {tenants:Array(String)}              -- if tenants
WHERE attempt IN
    (
        SELECT attempt FROM attempts
        WHERE position <= {position:UInt64} AND attempt != ''
    )
    AND metric = {metric:String}
    AND month BETWEEN {from_month:Date} AND {to_month:Date}
    AND workload IN {workloads:Array(String)}           -- if workloads
GROUP BY workload, tenant, subscription, month
HAVING grown_micro != 0 OR across_gap_micro != 0
SETTINGS optimize_aggregation_in_order = 1
