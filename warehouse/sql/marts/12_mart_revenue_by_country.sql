-- Revenue, invoices and customers of each country, and its share of all revenue in per cent.
-- grain: one row a country, as it is spelled on the lines
CREATE VIEW mart_revenue_by_country AS
WITH by_country AS (
    SELECT
        country,
        SUM(amount) AS revenue,
        SUM(CASE WHEN line_kind = 'sale' THEN amount ELSE 0 END) AS sales,
        SUM(CASE WHEN line_kind = 'return' THEN amount ELSE 0 END) AS returns,
        COUNT(DISTINCT invoice_no) AS invoices,
        COUNT(DISTINCT customer_id) AS customers,
        COUNT(*) AS lines
    FROM fact_invoice_line
    GROUP BY country
)
SELECT
    by_country.country,
    known.name,
    known.iso_code,
    known.region,
    by_country.revenue,
    by_country.sales,
    by_country.returns,
    by_country.invoices,
    by_country.customers,
    by_country.lines,
    CAST(
        ROUND(100 * by_country.revenue / NULLIF(SUM(by_country.revenue) OVER (), 0), 4)
        AS DECIMAL(18, 4)
    ) AS share_per_cent
FROM by_country
INNER JOIN dim_country AS known ON known.country = by_country.country;
