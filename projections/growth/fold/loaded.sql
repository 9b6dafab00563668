-- Which customers do these attempts concern: how many rows each, in which months?
SELECT tenant, count() AS rows, groupUniqArray(month) AS months
FROM increments_raw
WHERE attempt IN {attempts:Array(String)}
GROUP BY tenant
ORDER BY tenant
