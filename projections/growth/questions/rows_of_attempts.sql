-- How many increment rows of each of these attempts are there? Compared with the cut that counts them.
SELECT attempt, count() AS rows
FROM increments_raw
WHERE attempt IN {attempts:Array(String)}
GROUP BY attempt
