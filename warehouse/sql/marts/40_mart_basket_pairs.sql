-- Bought together: pairs of products on the same sale, among products that at least one sale in
-- fifty holds. Lift above 1 means more often together than by chance, confidence is how often
-- the second is there when the first is, in per cent.
-- grain: one row a pair of products that met on at least one sale in 200, each pair once
CREATE VIEW mart_basket_pairs AS
WITH baskets AS (
    SELECT DISTINCT invoice_no, stock_code
    FROM fact_invoice_line
    WHERE line_kind = 'sale'
),
sales AS (
    SELECT COUNT(DISTINCT invoice_no) AS sales FROM baskets
),
frequent AS (
    SELECT baskets.stock_code, COUNT(*) AS sales
    FROM baskets
    GROUP BY baskets.stock_code
    HAVING COUNT(*) * 50 >= (SELECT sales FROM sales)
),
held AS (
    SELECT baskets.invoice_no, baskets.stock_code
    FROM baskets
    INNER JOIN frequent ON frequent.stock_code = baskets.stock_code
),
pairs AS (
    SELECT
        one.stock_code AS first_stock_code,
        other.stock_code AS second_stock_code,
        COUNT(*) AS sales_together
    FROM held AS one
    INNER JOIN held AS other
        ON other.invoice_no = one.invoice_no AND other.stock_code > one.stock_code
    GROUP BY one.stock_code, other.stock_code
    HAVING COUNT(*) * 200 >= (SELECT sales FROM sales)
)
SELECT
    pairs.first_stock_code,
    first_product.description AS first_description,
    pairs.second_stock_code,
    second_product.description AS second_description,
    pairs.sales_together,
    first_frequent.sales AS first_sales,
    second_frequent.sales AS second_sales,
    CAST(
        ROUND(
            CAST(100 * pairs.sales_together AS DECIMAL(28, 4)) / first_frequent.sales, 2
        ) AS DECIMAL(18, 2)
    ) AS confidence_per_cent,
    CAST(
        ROUND(
            CAST(pairs.sales_together * sales.sales AS DECIMAL(28, 4))
            / (first_frequent.sales * second_frequent.sales), 4
        ) AS DECIMAL(18, 4)
    ) AS lift
FROM pairs
CROSS JOIN sales
INNER JOIN frequent AS first_frequent ON first_frequent.stock_code = pairs.first_stock_code
INNER JOIN frequent AS second_frequent ON second_frequent.stock_code = pairs.second_stock_code
INNER JOIN dim_product AS first_product ON first_product.stock_code = pairs.first_stock_code
INNER JOIN dim_product AS second_product ON second_product.stock_code = pairs.second_stock_code;
