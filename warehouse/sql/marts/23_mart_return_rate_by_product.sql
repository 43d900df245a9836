-- How much of what was sold came back: units and value returned in per cent of those sold, and
-- for how many returned lines a likely sale was found, how many days after it on average.
-- grain: one row a product that was ever sold or returned
CREATE VIEW mart_return_rate_by_product AS
WITH by_product AS (
    SELECT
        line.stock_code,
        SUM(CASE WHEN line.line_kind = 'sale' THEN line.quantity ELSE 0 END) AS units_sold,
        SUM(CASE WHEN line.line_kind = 'return' THEN -line.quantity ELSE 0 END) AS units_returned,
        SUM(CASE WHEN line.line_kind = 'sale' THEN line.amount ELSE 0 END) AS value_sold,
        SUM(CASE WHEN line.line_kind = 'return' THEN -line.amount ELSE 0 END) AS value_returned,
        SUM(CASE WHEN line.line_kind = 'return' THEN 1 ELSE 0 END) AS returned_lines
    FROM fact_invoice_line AS line
    WHERE line.line_kind IN ('sale', 'return')
    GROUP BY line.stock_code
),
linked AS (
    SELECT
        stock_code,
        COUNT(*) AS linked_lines,
        CAST(ROUND(CAST(SUM(days_kept) AS DECIMAL(28, 4)) / COUNT(*), 2) AS DECIMAL(18, 2))
            AS average_days_kept
    FROM return_sale
    GROUP BY stock_code
)
SELECT
    by_product.stock_code,
    product.description,
    by_product.units_sold,
    by_product.units_returned,
    CAST(
        ROUND(
            CAST(100 * by_product.units_returned AS DECIMAL(28, 4))
            / NULLIF(by_product.units_sold, 0), 4
        ) AS DECIMAL(18, 4)
    ) AS units_returned_per_cent,
    by_product.value_sold,
    by_product.value_returned,
    CAST(
        ROUND(100 * by_product.value_returned / NULLIF(by_product.value_sold, 0), 4)
        AS DECIMAL(18, 4)
    ) AS value_returned_per_cent,
    by_product.returned_lines,
    COALESCE(linked.linked_lines, 0) AS linked_lines,
    linked.average_days_kept
FROM by_product
INNER JOIN dim_product AS product ON product.stock_code = by_product.stock_code
LEFT JOIN linked ON linked.stock_code = by_product.stock_code;
