-- Which metrics have increments that count at `position`?
SELECT DISTINCT metric
FROM increments_raw
WHERE attempt IN (
    SELECT attempt FROM attempts WHERE position <= {position:UInt64} AND attempt != '')
ORDER BY metric
