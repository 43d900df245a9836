-- Customers of the touched invoices, from all their headers.
CREATE TEMP TABLE stage_customer AS
SELECT DISTINCT customer_id FROM stage_owner;

DELETE FROM dim_customer
USING stage_customer
WHERE dim_customer.customer_id = stage_customer.customer_id;

INSERT INTO dim_customer (customer_id, country, first_purchase, last_purchase)
WITH placed AS (
    SELECT
        invoice.customer_id,
        invoice.country,
        invoice.kind,
        invoice.invoice_date,
        ROW_NUMBER() OVER (
            PARTITION BY invoice.customer_id
            ORDER BY invoice.invoice_date DESC, invoice.invoice_no DESC
        ) AS place
    FROM stage_customer AS touched
    INNER JOIN fact_invoice AS invoice ON invoice.customer_id = touched.customer_id
)
SELECT
    customer_id,
    MAX(CASE WHEN place = 1 THEN country END),
    MIN(CASE WHEN kind = 'sale' THEN invoice_date END),
    MAX(CASE WHEN kind = 'sale' THEN invoice_date END)
FROM placed
GROUP BY customer_id;

-- Products: what stands is folded with the new lines, so that a popular product costs no more
-- than a rare one. Where a line was replaced, what stands may have come from it, and all lines
-- of that stock code are asked.
CREATE TEMP TABLE stage_stock_code AS
SELECT stock_code, MAX(replaced) AS replaced
FROM (
    SELECT DISTINCT stock_code, 0 AS replaced FROM stage_change
    UNION ALL
    SELECT DISTINCT stock_code, 1 AS replaced FROM stage_replaced
) AS touched
GROUP BY stock_code;

CREATE TEMP TABLE stage_product AS
WITH lines AS (
    SELECT
        stock_code, description, charge_kind, line_kind, unit_price, invoice_day,
        invoice_date, invoice_no, line_no
    FROM stage_change
    UNION ALL
    SELECT
        line.stock_code, line.description, line.charge_kind, line.line_kind, line.unit_price,
        line.invoice_day, line.invoice_date, line.invoice_no, line.line_no
    FROM stage_stock_code AS touched
    INNER JOIN fact_invoice_line AS line ON line.stock_code = touched.stock_code
    WHERE touched.replaced = 1
),
known AS (
    SELECT
        stock_code,
        TRIM(description) AS description,
        COALESCE(charge_kind, 'product') AS kind,
        CASE WHEN line_kind = 'sale' THEN invoice_day END AS first_sold,
        CASE WHEN line_kind = 'sale' THEN invoice_day END AS last_sold,
        CASE
            WHEN TRIM(COALESCE(description, '')) = '' THEN 3
            WHEN line_kind = 'sale' AND unit_price > 0 THEN 1
            ELSE 2
        END AS described_rank,
        invoice_date AS described_at,
        invoice_no AS described_by_invoice_no,
        line_no AS described_by_line_no
    FROM lines
    UNION ALL
    SELECT
        stands.stock_code, stands.description, stands.kind, stands.first_sold, stands.last_sold,
        stands.described_rank, stands.described_at, stands.described_by_invoice_no,
        stands.described_by_line_no
    FROM stage_stock_code AS touched
    INNER JOIN dim_product AS stands ON stands.stock_code = touched.stock_code
    WHERE touched.replaced = 0
),
placed AS (
    SELECT
        known.*,
        MIN(first_sold) OVER (PARTITION BY stock_code) AS first_of_all,
        MAX(last_sold) OVER (PARTITION BY stock_code) AS last_of_all,
        ROW_NUMBER() OVER (
            PARTITION BY stock_code
            ORDER BY
                described_rank, described_at DESC, described_by_invoice_no DESC,
                described_by_line_no DESC
        ) AS place
    FROM known
)
SELECT
    stock_code,
    CASE WHEN described_rank < 3 THEN description END AS description,
    kind,
    first_of_all AS first_sold,
    last_of_all AS last_sold,
    described_rank,
    described_at,
    described_by_invoice_no,
    described_by_line_no
FROM placed
WHERE place = 1;

DELETE FROM dim_product
USING stage_stock_code
WHERE dim_product.stock_code = stage_stock_code.stock_code;

INSERT INTO dim_product (
    stock_code, description, kind, first_sold, last_sold, described_rank, described_at,
    described_by_invoice_no, described_by_line_no
)
SELECT
    stock_code, description, kind, first_sold, last_sold, described_rank, described_at,
    described_by_invoice_no, described_by_line_no
FROM stage_product;

-- Countries and days that were not met before; a country only a replaced line had goes.
INSERT INTO dim_country (country, name, iso_code, region)
SELECT met.country, COALESCE(known.name, met.country), known.iso_code, known.region
FROM (SELECT DISTINCT country FROM stage_change) AS met
LEFT JOIN dim_country AS stands ON stands.country = met.country
LEFT JOIN ref_country AS known ON known.country = met.country
WHERE stands.country IS NULL;

CREATE TEMP TABLE stage_gone AS
SELECT replaced.country
FROM (SELECT DISTINCT country FROM stage_replaced) AS replaced
LEFT JOIN (
    SELECT DISTINCT line.country
    FROM fact_invoice_line AS line
    INNER JOIN stage_replaced AS replaced ON replaced.country = line.country
) AS left_over ON left_over.country = replaced.country
WHERE left_over.country IS NULL;

DELETE FROM dim_country
USING stage_gone
WHERE dim_country.country = stage_gone.country;

INSERT INTO dim_date (
    day, year, quarter, month, month_start, iso_week, day_of_week, day_name, is_weekend
)
SELECT
    met.day,
    CAST(EXTRACT(year FROM met.day) AS INTEGER),
    CAST(EXTRACT(quarter FROM met.day) AS INTEGER),
    CAST(EXTRACT(month FROM met.day) AS INTEGER),
    CAST(DATE_TRUNC('month', met.day) AS DATE),
    CAST(EXTRACT(week FROM met.day) AS INTEGER),
    CAST(EXTRACT(dow FROM met.day) AS INTEGER),
    TRIM(TO_CHAR(met.day, 'Day')),
    EXTRACT(dow FROM met.day) IN (0, 6)
FROM (SELECT DISTINCT invoice_day AS day FROM stage_change) AS met
LEFT JOIN dim_date AS stands ON stands.day = met.day
WHERE stands.day IS NULL;
