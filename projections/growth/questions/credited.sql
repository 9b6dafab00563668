-- How much did usage grow, and for whom does the growth count, by the credit rule `rule`?
--
-- The same answer as growth.sql, from one of the tables of credit (`of` stands for its name): what was
-- added up to `position`. Of each increment one row counts for each thing shown: that whose `represents`
-- has the bit of the columns asked for (`mask`). With one kind of association asked for, growth that only
-- others hold is uncredited (`rest`): all growth, less that of the kind.
WITH
    asked AS
    (
        SELECT
            metric, month, workload, {tenant} AS tenant, attribution, {subscription} AS subscription,
            kind, {partner} AS partner, {organisation} AS organisation, held, gap_from,
            opening_micro, growth_micro, across_gap_micro, level_micro, stated, keys
        FROM {of}
        WHERE rule = {rule:String} AND position <= {position:UInt64}
            AND bitTest(represents, {mask:UInt8})
            AND metric IN {metrics:Array(String)}
            AND month BETWEEN {from_month:Date} AND {to_month:Date}
            AND (empty({workloads:Array(String)}) OR workload IN {workloads:Array(String)})
            AND (empty({tenants:Array(String)}) OR tenant IN {tenants:Array(String)})
            AND (empty({kinds:Array(String)}) OR held AND kind IN {kinds:Array(String)})
            AND (empty({partners:Array(String)}) OR held AND partner IN {partners:Array(String)})
            AND (empty({organisations:Array(String)})
                OR held AND organisation IN {organisations:Array(String)})
        UNION ALL
        SELECT
            metric, month, workload, {tenant} AS tenant, attribution, {subscription} AS subscription,
            '' AS kind, '' AS partner, '' AS organisation, 0 AS held, gap_from,
            weight * opening_micro AS opening_micro, weight * growth_micro AS growth_micro,
            weight * across_gap_micro AS across_gap_micro, weight * level_micro AS level_micro,
            weight * stated AS stated, weight * keys AS keys
        FROM
        (
            SELECT
                *,
                toInt8(bitTest(represents, 0))
                    - (held AND kind IN {kinds:Array(String)} AND bitTest(represents, 1)) AS weight
            FROM {of}
            WHERE {rest:UInt8} AND rule = {rule:String} AND position <= {position:UInt64}
                AND metric IN {metrics:Array(String)}
                AND month BETWEEN {from_month:Date} AND {to_month:Date}
                AND (empty({workloads:Array(String)}) OR workload IN {workloads:Array(String)})
                AND (empty({tenants:Array(String)}) OR {tenant} IN {tenants:Array(String)})
        )
        WHERE weight != 0
    ),
    summed AS
    (
        SELECT
            metric,
            if(has({by:Array(String)}, 'month'), asked.month, toDate(0)) AS month,
            if(has({by:Array(String)}, 'workload'), asked.workload, '') AS workload,
            if(has({by:Array(String)}, 'tenant'), asked.tenant, '') AS tenant,
            if(has({by:Array(String)}, 'attribution'), asked.attribution, '') AS attribution,
            if(has({by:Array(String)}, 'subscription'), asked.subscription, '') AS subscription,
            if(has({by:Array(String)}, 'kind'), asked.kind, '') AS kind,
            if(has({by:Array(String)}, 'partner'), asked.partner, '') AS partner,
            if(has({by:Array(String)}, 'organisation'), asked.organisation, '') AS organisation,
            held, gap_from,
            sum(opening_micro) AS opening, sum(growth_micro) + sum(across_gap_micro) AS grown,
            sum(across_gap_micro) AS across_gap, sum(level_micro) AS level, sum(stated) AS levels,
            sum(keys) AS known
        FROM asked
        GROUP BY ALL
        HAVING known != 0
    )
SELECT
    metric, month, workload, tenant, attribution, subscription, '' AS resource,
    kind, partner, organisation,
    sumIf(grown, held) AS credited_micro,
    sumIf(across_gap, held) AS credited_across_gap_micro,
    sumIf(grown, NOT held) AS uncredited_micro,
    sumIf(across_gap, NOT held) AS uncredited_across_gap_micro,
    sum(opening) AS opening_micro,
    nullIf(minIf(gap_from, gap_from != toDate(0)), toDate(0)) AS gap_from,
    if(has({by:Array(String)}, 'month') AND sum(levels) != 0, sum(level), NULL) AS level_micro
FROM summed
GROUP BY metric, month, workload, tenant, attribution, subscription, kind, partner, organisation
ORDER BY month, metric, workload, kind, partner, organisation, tenant, attribution, subscription
