-- What is left for nobody of these kinds of association: all that grew, less what grew for them. In the
-- columns of credited_asked.sql, where `nobody` stands for the columns shown without a holder.
SELECT
    {nobody}, 0 AS held, gap_from,
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
    WHERE rule = {rule:String} AND position <= {position:UInt64}
        AND metric IN {metrics:Array(String)}
        AND month BETWEEN {from_month:Date} AND {to_month:Date}
        AND workload IN {workloads:Array(String)}                   -- if workloads
        AND tenant IN {tenants:Array(String)}                       -- if tenants
)
WHERE weight != 0
