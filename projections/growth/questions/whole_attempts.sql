-- Of each attempt that counts at `position`: how many rows does its decision name, how many are there?
SELECT attempt, told, found
FROM
(
    SELECT attempt, any(increments) AS told FROM attempts
    WHERE position <= {position:UInt64} AND attempt != ''
    GROUP BY attempt
) AS a
LEFT ANY JOIN
(
    SELECT attempt, count() AS found FROM increments_raw WHERE attempt != '' GROUP BY attempt
) AS r USING (attempt)
ORDER BY attempt
