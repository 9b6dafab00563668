-- How many rows are there of each of these customers?
SELECT tenant, count() AS rows
FROM increments_raw
WHERE tenant IN {tenants:Array(String)}
GROUP BY tenant
ORDER BY tenant
