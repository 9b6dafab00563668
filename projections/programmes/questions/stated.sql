-- What is stated of one metric, a row for each place (tenant, subscription, workload) and month, as known
-- at `position`: what it grew while it was known before, the part of that across a gap, and its level.
-- `level_micro` is NULL where nothing (more) is stated; of a flow `grown_micro` is the month's own sum.
WITH
    (
        SELECT (groupArray(attempt), groupArray(position)) FROM attempts
        WHERE position <= {position:UInt64} AND attempt != ''
    ) AS counted
SELECT
    tenant, subscription, workload, month,
    sum(grown) AS grown_micro,
    sum(across_gap) AS across_gap_micro,
    sum(level) AS level_micro,
    max(opened) AS is_opening
FROM
(
    SELECT
        tenant, subscription, workload, month,
        sumIf(delta_micro, mark != 'opening') AS grown,
        sumIf(delta_micro, mark = 'gap') AS across_gap,
        argMax(tuple(level_micro), transform(attempt, counted.1, counted.2, toUInt64(0))).1 AS level,
        sumIf(delta_micro, mark = 'opening') != 0 AS opened
    FROM increments_raw
    WHERE has(counted.1, attempt)
        AND metric = {metric:String}
        AND month BETWEEN {from_month:Date} AND {to_month:Date}
        AND (empty({workloads:Array(String)}) OR workload IN {workloads:Array(String)})
        AND (empty({tenants:Array(String)}) OR tenant IN {tenants:Array(String)})
    GROUP BY tenant, subscription, workload, resource, partner, attribution, month
)
GROUP BY tenant, subscription, workload, month
HAVING grown_micro != 0 OR across_gap_micro != 0 OR isNotNull(level_micro)
