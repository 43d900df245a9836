-- Repeat rate: of the customers whose first purchase fell in a month, how many ever bought
-- again, on whatever later invoice.
-- grain: one row a month of first purchases
CREATE VIEW mart_repeat_rate AS
WITH purchases AS (
    SELECT customer_id, COUNT(*) AS sales
    FROM fact_invoice
    WHERE kind = 'sale' AND customer_id IS NOT NULL
    GROUP BY customer_id
)
SELECT
    CAST(DATE_TRUNC('month', customer.first_purchase) AS DATE) AS cohort_month,
    COUNT(*) AS customers,
    SUM(CASE WHEN purchases.sales > 1 THEN 1 ELSE 0 END) AS repeat_customers,
    CAST(
        ROUND(
            CAST(100 * SUM(CASE WHEN purchases.sales > 1 THEN 1 ELSE 0 END) AS DECIMAL(28, 4))
            / COUNT(*), 2
        ) AS DECIMAL(18, 2)
    ) AS repeat_per_cent
FROM purchases
INNER JOIN dim_customer AS customer ON customer.customer_id = purchases.customer_id
GROUP BY CAST(DATE_TRUNC('month', customer.first_purchase) AS DATE);
