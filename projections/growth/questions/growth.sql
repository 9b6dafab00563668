-- How much did usage grow, and for whom does the growth count?
--
-- Pinned to `position`: only attempts counted up to it, holdings and party facts as known at it.
-- An increment is credited to whoever held a slot that reaches it on its date, the first of its month:
-- never for an opening, and not at all when nobody held. Every increment counts once in a row of the
-- answer, however many slots of the same holder reach it, because the holders of an increment are made
-- distinct after the columns that are not asked for (`by`) are blanked.
WITH
    (
        SELECT (groupArray(attempt), groupArray(position)) FROM attempts
        WHERE position <= {position:UInt64} AND attempt != ''
    ) AS counted,
    toInt64(-9223372036854775808) AS unstated,  -- ClickHouse takes a maximum over NULLs slowly
    -- One row a key and month: the change under each mark, and what was stated last. Streamed in the
    -- table's own order, so that it takes little memory however many keys there are.
    changes AS
    (
        SELECT
            metric, workload, tenant, subscription, month, partner AS named, attribution,
            resource AS part,
            sumIf(delta_micro, mark = 'opening') AS opening,
            sumIf(delta_micro, mark = 'growth') AS growth,
            sumIf(delta_micro, mark = 'gap') AS across_gap,
            nullIf(argMax(ifNull(level_micro, unstated), at), unstated) AS stated,
            nullIf(argMaxIf(ifNull(gap_from, toDate(0)), at, mark = 'gap'), toDate(0)) AS gap_from_last
        FROM
        (
            SELECT *, transform(attempt, counted.1, counted.2, toUInt64(0)) AS at
            FROM increments_raw
            WHERE has(counted.1, attempt)
                AND metric IN {metrics:Array(String)}
                AND month BETWEEN {from_month:Date} AND {to_month:Date}
                AND (empty({workloads:Array(String)}) OR workload IN {workloads:Array(String)})
                AND (empty({tenants:Array(String)}) OR tenant IN {tenants:Array(String)})
        )
        GROUP BY metric, workload, tenant, subscription, month, part, partner, attribution
        HAVING opening != 0 OR growth != 0 OR across_gap != 0 OR stated IS NOT NULL
    ),
    products AS
    (
        SELECT
            subject AS subscription,
            transform(
                argMax(value, position),
                {products:Array(String)}, {families:Array(String)}, '') AS family
        FROM party_facts
        WHERE position <= {position:UInt64} AND attribute = 'subscription.product'
        GROUP BY subject
    ),
    organisations AS
    (
        -- A file may name a location or, where it knows no more, the organisation itself.
        SELECT named, any(organisation) AS organisation
        FROM
        (
            SELECT subject AS named, argMax(value, position) AS organisation
            FROM party_facts
            WHERE position <= {position:UInt64} AND attribute = 'location.organisation'
            GROUP BY subject
            UNION ALL
            SELECT DISTINCT value AS named, value AS organisation
            FROM party_facts
            WHERE position <= {position:UInt64} AND attribute = 'location.organisation'
                AND value NOT IN
                (
                    SELECT subject FROM party_facts
                    WHERE position <= {position:UInt64} AND attribute = 'location.organisation'
                )
        )
        GROUP BY named
    ),
    -- What stands at `position`: rows that became known and have not ceased to be since. Only the ids of
    -- those that ceased are held at once, not every row of every holding.
    held AS
    (
        SELECT
            tenant, subscription, workload, kind, activity,
            ((kind, partner, organisation), effective_from, effective_to) AS holding
        FROM holding_changes
        WHERE position <= {position:UInt64} AND sign = 1
            AND (empty({kinds:Array(String)}) OR kind IN {kinds:Array(String)})
            AND (empty({tenants:Array(String)}) OR tenant IN {tenants:Array(String)})
            AND row_id NOT IN
            (
                SELECT row_id FROM holding_changes
                WHERE position <= {position:UInt64} AND sign = -1
            )
    ),
    -- The three ways a holding reaches usage (reach.toml); what reaches the same is one list.
    on_workload AS
    (
        SELECT tenant, workload, groupArray(holding) AS holdings
        FROM held
        WHERE kind IN {workload_kinds:Array(String)} AND workload != ''
        GROUP BY tenant, workload
    ),
    on_subscription AS
    (
        -- A place on a subscription reaches all of its usage; a claim, what its activity is about.
        SELECT subscription, of, groupArray(holding) AS holdings
        FROM held
        ARRAY JOIN multiIf(
            kind IN {subscription_kinds:Array(String)}, ['usage', 'revenue'],
            kind IN {workload_kinds:Array(String)},
            [transform(activity, {activities:Array(String)}, {activities_reach:Array(String)}, '')],
            []) AS of
        WHERE subscription != ''
        GROUP BY subscription, of
    ),
    on_tenant AS
    (
        SELECT tenant, family, groupArray(holding) AS holdings
        FROM held
        INNER JOIN products USING (subscription)
        WHERE kind IN {subscription_kinds:Array(String)} AND family != ''
        GROUP BY tenant, family
    ),
    -- Every key and month with all who hold it on its date: none, one, or one of each kind. What a
    -- file attributes itself is credited as it states.
    credited AS
    (
        SELECT
            metric, workload, tenant, subscription, part, month, attribution,
            opening, growth, across_gap, stated, gap_from_last,
            toUnixTimestamp64Micro(toDateTime64(month, 6, 'UTC')) AS on_us,
            (splitByChar('.', attribution)[1], named, o.organisation) AS as_stated,
            multiIf(
                named = '' AND attribution = '',
                arrayMap(h -> h.1, arrayFilter(
                    h -> h.2 <= on_us AND on_us < h.3,
                    if(subscription != '', s.holdings, arrayConcat(w.holdings, t.holdings)))),
                named = '' OR NOT (empty({kinds:Array(String)}) OR has({kinds:Array(String)}, as_stated.1)),
                [],
                [as_stated]) AS holders
        FROM
        (
            SELECT
                *,
                splitByChar('.', metric)[1] AS family,
                if(has({revenues:Array(String)}, metric), 'revenue', 'usage') AS of
            FROM changes
        ) AS c
        LEFT ANY JOIN on_workload AS w USING (tenant, workload)
        LEFT ANY JOIN on_subscription AS s USING (subscription, of)
        LEFT ANY JOIN on_tenant AS t USING (tenant, family)
        LEFT ANY JOIN organisations AS o USING (named)
    ),
    wanted AS
    (
        SELECT
            *,
            empty({partners:Array(String)}) AND empty({organisations:Array(String)}) AS everyone,
            arrayFilter(
                h -> (empty({partners:Array(String)}) OR has({partners:Array(String)}, h.2))
                    AND (empty({organisations:Array(String)})
                        OR has({organisations:Array(String)}, h.3)),
                holders) AS asked,
            arrayDistinct(arrayMap(
                h -> (if(has({by:Array(String)}, 'kind'), h.1, ''),
                      if(has({by:Array(String)}, 'partner'), h.2, ''),
                      if(has({by:Array(String)}, 'organisation'), h.3, '')),
                asked)) AS shown
        FROM credited
        WHERE everyone OR notEmpty(asked)
    )
SELECT
    metric,
    if(has({by:Array(String)}, 'month'), w.month, toDate(0)) AS month,
    if(has({by:Array(String)}, 'workload'), w.workload, '') AS workload,
    if(has({by:Array(String)}, 'tenant'), w.tenant, '') AS tenant,
    if(has({by:Array(String)}, 'attribution'), w.attribution, '') AS attribution,
    if(has({by:Array(String)}, 'subscription'), w.subscription, '') AS subscription,
    if(has({by:Array(String)}, 'resource'), w.part, '') AS resource,
    holder.1 AS kind,
    holder.2 AS partner,
    holder.3 AS organisation,
    sumIf(growth + across_gap, notEmpty(shown)) AS credited_micro,
    sumIf(across_gap, notEmpty(shown)) AS credited_across_gap_micro,
    sumIf(growth + across_gap, empty(shown)) AS uncredited_micro,
    sumIf(across_gap, empty(shown)) AS uncredited_across_gap_micro,
    sum(opening) AS opening_micro,
    minIf(gap_from_last, across_gap != 0) AS gap_from,
    if(has({by:Array(String)}, 'month'), sum(stated), NULL) AS level_micro
FROM wanted AS w
ARRAY JOIN if(empty(shown), [('', '', '')], shown) AS holder
GROUP BY ALL
ORDER BY
    month, metric, workload, kind, partner, organisation, tenant, attribution, subscription, resource
-- Small blocks, at no cost measured: a question over five million increments and all partners holds some
-- 280 MB. The joins keep the holdings in memory, never the increments, whatever the engine guesses.
SETTINGS
    optimize_aggregation_in_order = 1, aggregation_in_order_max_block_bytes = 5000000,
    max_block_size = 16384, query_plan_join_swap_table = 'false'
