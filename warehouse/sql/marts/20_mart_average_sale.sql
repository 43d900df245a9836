-- What an invoice is worth on average: sales only, cancellations and adjustments left out.
-- grain: one row a month with at least one sale
CREATE VIEW mart_average_sale AS
SELECT
    CAST(DATE_TRUNC('month', invoice_day) AS DATE) AS month_start,
    COUNT(*) AS sales,
    SUM(total) AS revenue,
    CAST(ROUND(SUM(total) / COUNT(*), 4) AS DECIMAL(28, 4)) AS average_sale,
    CAST(ROUND(CAST(SUM(lines) AS DECIMAL(28, 4)) / COUNT(*), 4) AS DECIMAL(18, 4))
        AS average_lines,
    CAST(ROUND(CAST(SUM(units) AS DECIMAL(28, 4)) / COUNT(*), 4) AS DECIMAL(18, 4))
        AS average_units,
    MAX(total) AS largest_sale
FROM fact_invoice
WHERE kind = 'sale'
GROUP BY CAST(DATE_TRUNC('month', invoice_day) AS DATE);
