-- Revenue of each month, made of the same parts as that of a day, with its change on the month
-- before in per cent.
-- grain: one row a month with at least one line
CREATE VIEW mart_revenue_by_month AS
WITH monthly AS (
    SELECT
        CAST(DATE_TRUNC('month', invoice_day) AS DATE) AS month_start,
        SUM(amount) AS revenue,
        SUM(CASE WHEN line_kind = 'sale' THEN amount ELSE 0 END) AS sales,
        SUM(CASE WHEN line_kind = 'return' THEN amount ELSE 0 END) AS returns,
        SUM(CASE WHEN line_kind = 'charge' THEN amount ELSE 0 END) AS charges,
        SUM(CASE WHEN line_kind = 'adjustment' THEN amount ELSE 0 END) AS adjustments,
        COUNT(DISTINCT invoice_no) AS invoices,
        COUNT(DISTINCT customer_id) AS customers,
        COUNT(*) AS lines
    FROM fact_invoice_line
    GROUP BY CAST(DATE_TRUNC('month', invoice_day) AS DATE)
),
compared AS (
    SELECT monthly.*, LAG(revenue) OVER (ORDER BY month_start) AS revenue_before
    FROM monthly
)
SELECT
    month_start,
    revenue,
    sales,
    returns,
    charges,
    adjustments,
    invoices,
    customers,
    lines,
    CAST(
        ROUND(100 * (revenue - revenue_before) / NULLIF(revenue_before, 0), 2) AS DECIMAL(18, 2)
    ) AS change_per_cent
FROM compared;
