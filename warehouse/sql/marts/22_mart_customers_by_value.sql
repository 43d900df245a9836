-- Most valuable customers: all their invoices together, cancellations taken off.
-- grain: one row a customer
CREATE VIEW mart_customers_by_value AS
WITH by_customer AS (
    SELECT
        customer_id,
        SUM(total) AS revenue,
        SUM(CASE WHEN kind = 'sale' THEN total ELSE 0 END) AS sales_value,
        SUM(CASE WHEN kind = 'sale' THEN 1 ELSE 0 END) AS sales,
        SUM(CASE WHEN kind = 'cancellation' THEN 1 ELSE 0 END) AS cancellations
    FROM fact_invoice
    WHERE customer_id IS NOT NULL
    GROUP BY customer_id
)
SELECT
    ROW_NUMBER() OVER (ORDER BY by_customer.revenue DESC, by_customer.customer_id) AS place,
    by_customer.customer_id,
    customer.country,
    by_customer.revenue,
    by_customer.sales_value,
    by_customer.sales,
    by_customer.cancellations,
    CAST(ROUND(by_customer.sales_value / NULLIF(by_customer.sales, 0), 4) AS DECIMAL(28, 4))
        AS average_sale,
    customer.first_purchase,
    customer.last_purchase
FROM by_customer
INNER JOIN dim_customer AS customer ON customer.customer_id = by_customer.customer_id;
