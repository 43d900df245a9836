-- Revenue of each day, net and by what it is made of: sales, returns, charges (postage, fees,
-- discounts, vouchers) and adjustments sum to revenue. No line is left out.
-- grain: one row a day with at least one line
CREATE VIEW mart_revenue_by_day AS
SELECT
    invoice_day AS day,
    SUM(amount) AS revenue,
    SUM(CASE WHEN line_kind = 'sale' THEN amount ELSE 0 END) AS sales,
    SUM(CASE WHEN line_kind = 'return' THEN amount ELSE 0 END) AS returns,
    SUM(CASE WHEN line_kind = 'charge' THEN amount ELSE 0 END) AS charges,
    SUM(CASE WHEN line_kind = 'adjustment' THEN amount ELSE 0 END) AS adjustments,
    SUM(CASE WHEN line_kind = 'sale' THEN quantity ELSE 0 END) AS units_sold,
    COUNT(DISTINCT invoice_no) AS invoices,
    COUNT(DISTINCT customer_id) AS customers,
    COUNT(*) AS lines
FROM fact_invoice_line
GROUP BY invoice_day;
