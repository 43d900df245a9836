-- Returns and the sales they most likely reverse: linked anew wherever a customer's sales or
-- returns of a stock code were touched, so a sale that comes after its return is found too.
CREATE TEMP TABLE stage_pair AS
SELECT DISTINCT owner.customer_id, line.stock_code
FROM stage_owner AS owner
INNER JOIN (
    SELECT touched.invoice_no, stored.stock_code
    FROM stage_invoice AS touched
    INNER JOIN fact_invoice_line AS stored ON stored.invoice_no = touched.invoice_no
    WHERE stored.line_kind IN ('sale', 'return')
    UNION
    SELECT invoice_no, stock_code
    FROM stage_replaced
    WHERE line_kind IN ('sale', 'return')
) AS line ON line.invoice_no = owner.invoice_no;

CREATE TEMP TABLE stage_return AS
SELECT
    line.invoice_no, line.line_no, pair.customer_id, pair.stock_code, line.invoice_date,
    line.invoice_day, line.unit_price, -line.quantity AS units
FROM (SELECT DISTINCT customer_id FROM stage_pair) AS touched
INNER JOIN fact_invoice AS invoice
    ON invoice.customer_id = touched.customer_id AND invoice.kind = 'cancellation'
INNER JOIN fact_invoice_line AS line ON line.invoice_no = invoice.invoice_no
INNER JOIN stage_pair AS pair
    ON pair.customer_id = invoice.customer_id AND pair.stock_code = line.stock_code
WHERE line.line_kind = 'return';

CREATE TEMP TABLE stage_sale AS
SELECT
    line.invoice_no, line.line_no, pair.customer_id, pair.stock_code, line.invoice_date,
    line.invoice_day, line.unit_price, line.quantity AS units
FROM (SELECT DISTINCT customer_id FROM stage_return) AS sent_back
INNER JOIN fact_invoice AS invoice
    ON invoice.customer_id = sent_back.customer_id AND invoice.kind = 'sale'
INNER JOIN fact_invoice_line AS line ON line.invoice_no = invoice.invoice_no
INNER JOIN (SELECT DISTINCT customer_id, stock_code FROM stage_return) AS pair
    ON pair.customer_id = invoice.customer_id AND pair.stock_code = line.stock_code
WHERE line.line_kind = 'sale';

DELETE FROM return_sale
USING stage_pair
WHERE
    return_sale.customer_id = stage_pair.customer_id
    AND return_sale.stock_code = stage_pair.stock_code;

INSERT INTO return_sale (
    invoice_no, line_no, sale_invoice_no, sale_line_no, customer_id, stock_code, likelihood,
    days_kept
)
WITH candidates AS (
    SELECT
        returned.invoice_no,
        returned.line_no,
        returned.customer_id,
        returned.stock_code,
        sold.invoice_no AS sale_invoice_no,
        sold.line_no AS sale_line_no,
        CASE WHEN sold.unit_price = returned.unit_price THEN 1 ELSE 0 END AS same_price,
        CASE WHEN sold.units >= returned.units THEN 1 ELSE 0 END AS enough_units,
        sold.invoice_date AS sold_at,
        DATEDIFF(day, sold.invoice_day, returned.invoice_day) AS days_kept
    FROM stage_return AS returned
    INNER JOIN stage_sale AS sold
        ON
            sold.customer_id = returned.customer_id
            AND sold.stock_code = returned.stock_code
            AND sold.invoice_date <= returned.invoice_date
),
placed AS (
    SELECT
        candidates.*,
        ROW_NUMBER() OVER (
            PARTITION BY invoice_no, line_no
            ORDER BY
                same_price DESC, enough_units DESC, sold_at DESC, sale_invoice_no DESC,
                sale_line_no DESC
        ) AS place
    FROM candidates
)
SELECT
    invoice_no,
    line_no,
    sale_invoice_no,
    sale_line_no,
    customer_id,
    stock_code,
    CASE same_price + enough_units WHEN 2 THEN 'high' WHEN 1 THEN 'medium' ELSE 'low' END,
    CAST(days_kept AS INTEGER)
FROM placed
WHERE place = 1;
