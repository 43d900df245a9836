-- RFM: how recently, how often and for how much a customer bought. Each is scored from 1 to 5 by
-- fifths of the customers (5 is best); recency counts days to the last day the warehouse knows.
-- grain: one row a customer with at least one sale
CREATE VIEW mart_customer_rfm AS
WITH purchases AS (
    SELECT
        customer_id,
        MAX(invoice_day) AS last_day,
        COUNT(*) AS frequency,
        SUM(total) AS monetary
    FROM fact_invoice
    WHERE kind = 'sale' AND customer_id IS NOT NULL
    GROUP BY customer_id
),
measured AS (
    SELECT
        purchases.customer_id,
        DATEDIFF(day, purchases.last_day, today.day) AS recency_days,
        purchases.frequency,
        purchases.monetary
    FROM purchases
    CROSS JOIN (SELECT MAX(invoice_day) AS day FROM fact_invoice) AS today
),
scored AS (
    SELECT
        measured.*,
        NTILE(5) OVER (ORDER BY recency_days DESC, customer_id) AS recency_score,
        NTILE(5) OVER (ORDER BY frequency, customer_id) AS frequency_score,
        NTILE(5) OVER (ORDER BY monetary, customer_id) AS monetary_score
    FROM measured
)
SELECT
    customer_id,
    recency_days,
    frequency,
    monetary,
    recency_score,
    frequency_score,
    monetary_score,
    CASE
        WHEN recency_score >= 4 AND frequency_score >= 4 AND monetary_score >= 4 THEN 'champion'
        WHEN recency_score >= 3 AND frequency_score >= 4 THEN 'loyal'
        WHEN recency_score <= 2 AND frequency_score >= 4 THEN 'at risk'
        WHEN recency_score >= 4 AND frequency_score <= 2 THEN 'new'
        WHEN recency_score >= 3 THEN 'promising'
        WHEN recency_score = 2 THEN 'about to sleep'
        ELSE 'lost'
    END AS segment
FROM scored;
