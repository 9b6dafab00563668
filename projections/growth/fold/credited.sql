-- Which credited rows do the positions in (`after`, `upto`] add, for the tenants in (`low`, `high`]?
--
-- Each key and month has a course: its amounts change where an attempt comes to count, its holders where
-- an interval becomes known or ceases to be. At every such position x the row of before leaves (-) and
-- the one of after comes (+); what is the same in both adds up to nothing and leaves no row. So the sum
-- of the rows up to P is what the key was credited with as known at P, for every P.
-- Amounts of a course are arrays in order of position; a holder is (kind, partner, organisation).
WITH
    (
        SELECT (groupArray(attempt), groupArray(position)) FROM attempts
        WHERE position <= {upto:UInt64} AND attempt != ''
    ) AS counted,
    toInt64(-9223372036854775808) AS unstated,
    toUInt64(18446744073709551615) AS never,
    -- The changes of each key and month, one row a position.
    changes AS
    (
        SELECT
            metric, workload, tenant, subscription, resource, partner AS named, attribution, month, at,
            sumIf(delta_micro, mark = 'opening') AS opening,
            sumIf(delta_micro, mark = 'growth') AS growth,
            sumIf(delta_micro, mark = 'gap') AS across_gap,
            max(ifNull(level_micro, unstated)) AS level,
            max(if(mark = 'gap', ifNull(gap_from, toDate(0)), toDate(0))) AS gap_from
        FROM
        (
            SELECT *, transform(attempt, counted.1, counted.2, toUInt64(0)) AS at
            FROM increments_raw
            WHERE tenant > {low:String} AND tenant <= {high:String}
                AND (empty({months:Array(Date)}) OR month IN {months:Array(Date)})
                AND (empty({tenants:Array(String)}) OR tenant IN {tenants:Array(String)})
                AND has(counted.1, attempt)
        )
        GROUP BY
            metric, workload, tenant, subscription, month, resource, partner, attribution, at
    ),
    courses AS
    (
        SELECT
            metric, workload, tenant, subscription, month, named, attribution,
            arraySort(groupArray((at, opening, growth, across_gap, level, gap_from))) AS steps,
            steps.1 AS ats,
            arrayCumSum(steps.2) AS openings,
            arrayCumSum(steps.3) AS growths,
            arrayCumSum(steps.4) AS gaps,
            steps.5 AS levels,
            arrayFill(d -> d != toDate(0), steps.6) AS gaps_from
        FROM changes
        GROUP BY metric, workload, tenant, subscription, month, resource, named, attribution
    ),
    -- Every row of the holdings view that reaches these tenants, with when it is known.
    held AS
    (
        SELECT
            tenant, subscription, workload, kind, activity,
            (
                (kind, partner, organisation), effective_from, effective_to,
                minIf(position, sign = 1) AS known_from,
                if(countIf(sign = -1) = 0, never, minIf(position, sign = -1)) AS known_to
            ) AS holding
        FROM holding_changes
        WHERE position <= {upto:UInt64} AND sign != 0
            AND tenant > {low:String} AND tenant <= {high:String}
            AND (empty({tenants:Array(String)}) OR tenant IN {tenants:Array(String)})
        GROUP BY
            row_id, tenant, subscription, workload, kind, activity, partner, organisation,
            effective_from, effective_to
    ),
    on_workload AS
    (
        SELECT tenant, workload, groupArray(holding) AS holdings
        FROM held
        WHERE kind IN {workload_kinds:Array(String)} AND workload != ''
        GROUP BY tenant, workload
    ),
    on_subscription AS
    (
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
    -- A fact stands from its position to that of the next one about the same.
    products AS
    (
        SELECT
            subscription,
            transform(fact.2, {products:Array(String)}, {families:Array(String)}, '') AS family,
            fact.1 AS since, until
        FROM
        (
            SELECT subject AS subscription, arraySort(groupArray((position, value))) AS facts
            FROM party_facts
            WHERE position <= {upto:UInt64} AND attribute = 'subscription.product'
                AND tenant > {low:String} AND tenant <= {high:String}
            GROUP BY subject
        )
        ARRAY JOIN
            facts AS fact,
            arrayPushBack(arrayPopFront(facts.1), never) AS until
    ),
    on_tenant AS
    (
        SELECT
            tenant, family,
            groupArray((
                holding.1, holding.2, holding.3,
                greatest(holding.4, since), least(holding.5, until))) AS holdings
        FROM held
        INNER JOIN products USING (subscription)
        WHERE kind IN {subscription_kinds:Array(String)} AND family != ''
            AND greatest(holding.4, since) < least(holding.5, until)
        GROUP BY tenant, family
    ),
    organisations AS
    (
        SELECT named, groupArray((organisation, since, until)) AS names
        FROM
        (
            SELECT
                named, fact.2 AS organisation, fact.1 AS since, until
            FROM
            (
                SELECT
                    subject AS named,
                    arraySort(groupArray((position, value))) AS told,
                    arrayPushFront(told, (toUInt64(0), '')) AS facts
                FROM
                (
                    SELECT position, subject, value FROM party_facts
                    WHERE position <= {upto:UInt64} AND attribute = 'location.organisation'
                    UNION ALL
                    -- A file may name a location or, where it knows no more, the organisation itself.
                    SELECT min(position), value AS subject, value FROM party_facts
                    WHERE position <= {upto:UInt64} AND attribute = 'location.organisation'
                    GROUP BY value
                )
                GROUP BY subject
            )
            ARRAY JOIN
                facts AS fact,
                arrayPushBack(arrayPopFront(facts.1), never) AS until
            WHERE since < until
        )
        GROUP BY named
    ),
    reached AS
    (
        SELECT
            metric, workload, tenant, subscription, month, attribution,
            ats, openings, growths, gaps, levels, gaps_from,
            toUnixTimestamp64Micro(toDateTime64(month, 6, 'UTC')) AS on_us,
            multiIf(
                named = '' AND attribution = '',
                arrayMap(h -> (h.1, h.4, h.5), arrayFilter(
                    h -> h.2 <= on_us AND on_us < h.3,
                    if(subscription != '', s.holdings, arrayConcat(w.holdings, t.holdings)))),
                named = '', [],
                arrayMap(
                    n -> ((splitByChar('.', attribution)[1], named, n.1), n.2, n.3),
                    if(empty(o.names), [('', toUInt64(0), never)], o.names))) AS holders
        FROM
        (
            SELECT
                *,
                splitByChar('.', metric)[1] AS family,
                if(has({revenues:Array(String)}, metric), 'revenue', 'usage') AS of
            FROM courses
        ) AS c
        LEFT ANY JOIN on_workload AS w USING (tenant, workload)
        LEFT ANY JOIN on_subscription AS s USING (subscription, of)
        LEFT ANY JOIN on_tenant AS t USING (tenant, family)
        LEFT ANY JOIN organisations AS o USING (named)
    ),
    turns AS
    (
        SELECT
            *,
            -- Nothing is credited before the first amount, so no turn of the holders matters there.
            arrayDistinct(arrayConcat(
                arrayFilter(p -> p > {after:UInt64}, ats),
                arrayFilter(
                    p -> p > {after:UInt64} AND p <= {upto:UInt64} AND p > ats[1],
                    arrayConcat(holders.2, holders.3)))) AS positions
        FROM reached
        WHERE notEmpty(positions)
    ),
    -- What stands at each turn, before it (-1) and after it (1).
    sides AS
    (
        SELECT
            metric, workload, tenant, subscription, month, attribution, position, sign,
            arrayCount(p -> p <= position - (sign = -1), ats) AS step,
            arraySort(arrayDistinct(arrayMap(h -> h.1, arrayFilter(
                h -> h.2 <= position - (sign = -1) AND position - (sign = -1) < h.3,
                holders)))) AS found,
            if(empty(found), [('', '', '')], found) AS shown,
            openings[step] AS opening, growths[step] AS growth, gaps[step] AS across_gap,
            levels[step] != unstated AS stated,
            if(stated, levels[step], 0) AS level,
            if(across_gap != 0, gaps_from[step], toDate(0)) AS gap_from
        FROM turns
        ARRAY JOIN positions AS position
        ARRAY JOIN [-1, 1] AS sign
        WHERE step > 0 AND (opening != 0 OR growth != 0 OR across_gap != 0 OR stated)
    )
SELECT
    position, 'slot_holder' AS rule, metric, workload, tenant, subscription, attribution, month, gap_from,
    holder != ('', '', '') AS held, holder.1 AS kind, holder.2 AS partner, holder.3 AS organisation,
    -- For which columns this holder stands: bit b is set when nobody before it in the list has the same
    -- kind (1), partner (2), organisation (4), for each sum b of these. So whatever columns are asked
    -- for, each increment is in one row for each thing shown.
    toUInt8(
        1 * (n = 1) + 2 * (by_kind = 1) + 4 * (by_partner = 1) + 8 * (by_kind_partner = 1)
        + 16 * (by_organisation = 1) + 32 * (by_kind_organisation = 1)
        + 64 * (by_partner_organisation = 1) + 128) AS represents,
    sum(sign * opening) AS opening_micro,
    sum(sign * growth) AS growth_micro,
    sum(sign * across_gap) AS across_gap_micro,
    sum(sign * level) AS level_micro,
    toInt64(sum(sign * stated)) AS stated,
    toInt64(sum(sign)) AS keys
FROM sides
ARRAY JOIN
    shown AS holder,
    arrayEnumerate(shown) AS n,
    arrayEnumerateUniq(shown.1) AS by_kind,
    arrayEnumerateUniq(shown.2) AS by_partner,
    arrayEnumerateUniq(shown.1, shown.2) AS by_kind_partner,
    arrayEnumerateUniq(shown.3) AS by_organisation,
    arrayEnumerateUniq(shown.1, shown.3) AS by_kind_organisation,
    arrayEnumerateUniq(shown.2, shown.3) AS by_partner_organisation
GROUP BY
    position, metric, workload, tenant, subscription, attribution, month, gap_from,
    held, kind, partner, organisation, represents
HAVING opening_micro != 0 OR growth_micro != 0 OR across_gap_micro != 0 OR level_micro != 0
    OR stated != 0 OR keys != 0
