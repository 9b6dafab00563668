-- How much did usage grow, and for whom does the growth count, by the credit rule `rule`?
--
-- The same answer as growth.sql, from one of the tables of credit: `rows` stands for credited_asked.sql, with
-- one kind of association asked for also credited_rest.sql; `by` for the columns shown. What was added and
-- taken away up to `position` comes to nothing before anything is told of it. In no order: who asks sorts, in
-- a fifth of the time that millions of rows take here.
SELECT
    {by},
    sumIf(grown, held) AS credited_micro,
    sumIf(across_gap, held) AS credited_across_gap_micro,
    sumIf(grown, NOT held) AS uncredited_micro,
    sumIf(across_gap, NOT held) AS uncredited_across_gap_micro,
    sum(opening) AS opening_micro,
    nullIf(minIf(gap_from, gap_from != toDate(0)), toDate(0)) AS gap_from,
    if({by_month:UInt8} AND sum(levels) != 0, sum(level), NULL) AS level_micro
FROM
(
    SELECT
        {by}, held, gap_from,
        sum(opening_micro) AS opening, sum(growth_micro) + sum(across_gap_micro) AS grown,
        sum(across_gap_micro) AS across_gap, sum(level_micro) AS level, sum(stated) AS levels
    FROM ({rows})
    GROUP BY {by}, held, gap_from
    HAVING sum(keys) != 0
)
GROUP BY {by}
