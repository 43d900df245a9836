-- The calendar from 2009 to 2040; a load adds days of lines outside it. Digits instead of
-- generate_series, which Redshift runs on the leader node only.
INSERT INTO dim_date (day, year, quarter, month, month_start, iso_week, day_of_week, day_name, is_weekend)
WITH digit AS (
    SELECT 0 AS n UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4
    UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9
),
numbered AS (
    SELECT d1.n + 10 * d2.n + 100 * d3.n + 1000 * d4.n + 10000 * d5.n AS n
    FROM digit AS d1
    CROSS JOIN digit AS d2
    CROSS JOIN digit AS d3
    CROSS JOIN digit AS d4
    CROSS JOIN (SELECT n FROM digit WHERE n < 2) AS d5
),
days AS (
    SELECT CAST(DATEADD(day, n, CAST('2009-01-01' AS DATE)) AS DATE) AS day
    FROM numbered
)
SELECT
    day,
    CAST(EXTRACT(year FROM day) AS INTEGER),
    CAST(EXTRACT(quarter FROM day) AS INTEGER),
    CAST(EXTRACT(month FROM day) AS INTEGER),
    CAST(DATE_TRUNC('month', day) AS DATE),
    CAST(EXTRACT(week FROM day) AS INTEGER),
    CAST(EXTRACT(dow FROM day) AS INTEGER),
    TRIM(TO_CHAR(day, 'Day')),
    EXTRACT(dow FROM day) IN (0, 6)
FROM days
WHERE day < CAST('2041-01-01' AS DATE);
