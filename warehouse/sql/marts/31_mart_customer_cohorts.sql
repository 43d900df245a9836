-- Monthly cohorts: of the customers whose first purchase fell in a month, how many bought again
-- so many months later, and what they spent then.
-- grain: one row a cohort month and month since, where anyone of the cohort bought
CREATE VIEW mart_customer_cohorts AS
WITH purchases AS (
    SELECT
        invoice.customer_id,
        CAST(DATE_TRUNC('month', customer.first_purchase) AS DATE) AS cohort_month,
        12 * (
            CAST(EXTRACT(year FROM invoice.invoice_day) AS INTEGER)
            - CAST(EXTRACT(year FROM customer.first_purchase) AS INTEGER)
        )
        + CAST(EXTRACT(month FROM invoice.invoice_day) AS INTEGER)
        - CAST(EXTRACT(month FROM customer.first_purchase) AS INTEGER) AS months_since,
        invoice.total
    FROM fact_invoice AS invoice
    INNER JOIN dim_customer AS customer ON customer.customer_id = invoice.customer_id
    WHERE invoice.kind = 'sale'
),
counted AS (
    SELECT
        cohort_month,
        months_since,
        COUNT(DISTINCT customer_id) AS active_customers,
        COUNT(*) AS sales,
        SUM(total) AS revenue
    FROM purchases
    GROUP BY cohort_month, months_since
),
sized AS (
    SELECT
        counted.*,
        MAX(CASE WHEN months_since = 0 THEN active_customers END)
            OVER (PARTITION BY cohort_month) AS cohort_size
    FROM counted
)
SELECT
    cohort_month,
    months_since,
    cohort_size,
    active_customers,
    CAST(
        ROUND(CAST(100 * active_customers AS DECIMAL(28, 4)) / cohort_size, 2) AS DECIMAL(18, 2)
    ) AS active_per_cent,
    sales,
    revenue
FROM sized;
