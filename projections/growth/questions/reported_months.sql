-- For which months is usage of these metrics reported at all, as known at `position`?
SELECT metric, month
FROM credited_totals
WHERE rule = 'slot_holder' AND position <= {position:UInt64} AND metric IN {metrics:Array(String)}
    AND bitTest(represents, 0)
GROUP BY metric, month
HAVING sum(keys) != 0
ORDER BY metric, month
