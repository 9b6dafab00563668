-- How many rows are there of each of these customers, of everybody where none is named?
SELECT tenant, count() AS rows
FROM increments_raw
WHERE metric != '' AND (empty({tenants:Array(String)}) OR tenant IN {tenants:Array(String)})
GROUP BY tenant
ORDER BY tenant
