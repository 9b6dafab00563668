-- How much did usage grow, and for whom does the growth count?
--
-- Pinned to `position`: only attempts counted up to it, holdings and party facts as known at it.
-- An increment is credited to whoever held a slot that reaches it on its date, the first of its month:
-- never for an opening, and not at all when nobody held. Every increment counts once in a row of the
-- answer, however many slots of the same holder reach it, because the holders of an increment are made
-- distinct after the columns that are not asked for (`by`) are blanked.
WITH
    counted AS
    (
        SELECT attempt, position FROM attempts
        WHERE position <= {position:UInt64} AND attempt != ''
    ),
    -- One row a key and month: the change under each mark, and what was stated last.
    changes AS
    (
        SELECT
            metric, month, tenant, subscription, workload, partner AS named, attribution,
            sumIf(delta_micro, mark = 'opening') AS opening,
            sumIf(delta_micro, mark = 'growth') AS growth,
            sumIf(delta_micro, mark = 'gap') AS across_gap,
            argMax(tuple(level_micro), position).1 AS stated,
            argMaxIf(tuple(gap_from), position, mark = 'gap').1 AS gap_from_last
        FROM increments_raw
        INNER JOIN counted USING (attempt)
        WHERE metric IN {metrics:Array(String)}
            AND month BETWEEN {from_month:Date} AND {to_month:Date}
            AND (empty({workloads:Array(String)}) OR workload IN {workloads:Array(String)})
            AND (empty({tenants:Array(String)}) OR tenant IN {tenants:Array(String)})
        GROUP BY metric, month, tenant, subscription, workload, partner, attribution
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
        SELECT subject AS location, argMax(value, position) AS organisation
        FROM party_facts
        WHERE position <= {position:UInt64} AND attribute = 'location.organisation'
        GROUP BY subject
    ),
    held AS
    (
        SELECT
            any(kind) AS kind, any(tenant) AS tenant, any(subscription) AS subscription,
            any(workload) AS workload, any(partner) AS partner, any(organisation) AS organisation,
            any(effective_from) AS effective_from, any(effective_to) AS effective_to
        FROM holding_changes
        WHERE position <= {position:UInt64} AND sign != 0
            AND (empty({tenants:Array(String)})
                OR holding_changes.tenant IN {tenants:Array(String)})
        GROUP BY row_id
        HAVING sum(sign) > 0
    ),
    -- The names under which a holding reaches usage, the same as a key of usage has below.
    reaching AS
    (
        SELECT
            kind, partner, organisation, effective_from, effective_to,
            arrayJoin(multiIf(
                kind IN {workload_kinds:Array(String)} AND workload != '',
                [concat('workload ', tenant, ' ', workload)],
                kind IN {subscription_kinds:Array(String)} AND family != '',
                [concat('subscription ', subscription), concat(family, ' ', tenant)],
                kind IN {subscription_kinds:Array(String)},
                [concat('subscription ', subscription)],
                [])) AS reach
        FROM held
        LEFT JOIN products USING (subscription)
        WHERE empty({kinds:Array(String)}) OR kind IN {kinds:Array(String)}
    ),
    reached AS
    (
        SELECT
            *,
            toUnixTimestamp64Micro(toDateTime64(month, 6, 'UTC')) AS on_us,
            arrayJoin(if(subscription != '',
                [concat('subscription ', subscription)],
                [concat('workload ', tenant, ' ', workload),
                 concat(splitByChar('.', metric)[1], ' ', tenant)])) AS reach
        FROM changes
        WHERE attribution = ''
    ),
    -- Every key and month once, with all who hold it on the date: none, one, or one of each kind.
    credited AS
    (
        SELECT
            metric, month, tenant, workload, '' AS attribution,
            any(opening) AS opening, any(growth) AS growth, any(across_gap) AS across_gap,
            any(stated) AS stated, any(gap_from_last) AS gap_from_last,
            groupUniqArrayIf(
                (h.kind, h.partner, h.organisation),
                h.kind != '' AND h.effective_from <= on_us AND on_us < h.effective_to) AS holders
        FROM reached
        LEFT JOIN reaching AS h USING (reach)
        GROUP BY metric, month, tenant, subscription, workload
        UNION ALL
        -- What a file attributes itself is credited as it states.
        SELECT
            metric, month, tenant, workload, attribution,
            opening, growth, across_gap, stated, gap_from_last,
            if(empty(kind) OR empty(named), [], [(kind, named, o.organisation)]) AS holders
        FROM
        (
            SELECT *, splitByChar('.', attribution)[1] AS kind FROM changes WHERE attribution != ''
        ) AS c
        LEFT JOIN organisations AS o ON o.location = c.named
        WHERE empty({kinds:Array(String)}) OR kind IN {kinds:Array(String)}
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
ORDER BY month, metric, workload, kind, organisation, partner, attribution, tenant
