-- Which metrics have increments that count at `position`?
SELECT DISTINCT metric
FROM credited_totals
WHERE rule = 'slot_holder' AND position <= {position:UInt64}
ORDER BY metric
