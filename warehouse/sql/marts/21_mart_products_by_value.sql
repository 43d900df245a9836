-- Most valuable products: what each sold for, less what came back. Charges are left out.
-- grain: one row a product that was ever sold or returned
CREATE VIEW mart_products_by_value AS
WITH by_product AS (
    SELECT
        stock_code,
        SUM(amount) AS revenue,
        SUM(CASE WHEN line_kind = 'sale' THEN quantity ELSE 0 END) AS units_sold,
        SUM(CASE WHEN line_kind = 'return' THEN -quantity ELSE 0 END) AS units_returned,
        COUNT(DISTINCT CASE WHEN line_kind = 'sale' THEN invoice_no END) AS sales,
        COUNT(DISTINCT CASE WHEN line_kind = 'sale' THEN customer_id END) AS customers
    FROM fact_invoice_line
    WHERE line_kind IN ('sale', 'return')
    GROUP BY stock_code
)
SELECT
    ROW_NUMBER() OVER (ORDER BY by_product.revenue DESC, by_product.stock_code) AS place,
    by_product.stock_code,
    product.description,
    by_product.revenue,
    by_product.units_sold,
    by_product.units_returned,
    by_product.sales,
    by_product.customers
FROM by_product
INNER JOIN dim_product AS product ON product.stock_code = by_product.stock_code;
