-- Headers of the touched invoices from all their lines: of the lowest line, the customer of the
-- lowest line that has one. The same rule as the stream's (invoices.invoice.Invoice).
CREATE TEMP TABLE stage_invoice (LIKE fact_invoice);

INSERT INTO stage_invoice
WITH touched AS (
    SELECT DISTINCT invoice_no FROM stage_change
),
placed AS (
    SELECT
        line.*,
        ROW_NUMBER() OVER (PARTITION BY line.invoice_no ORDER BY line.line_no) AS place,
        ROW_NUMBER() OVER (
            PARTITION BY line.invoice_no
            ORDER BY CASE WHEN line.customer_id IS NULL THEN 1 ELSE 0 END, line.line_no
        ) AS customer_place
    FROM touched
    INNER JOIN fact_invoice_line AS line ON line.invoice_no = touched.invoice_no
)
SELECT
    invoice_no,
    MAX(invoice_kind),
    MAX(CASE WHEN place = 1 THEN invoice_date END),
    MAX(CASE WHEN place = 1 THEN invoice_day END),
    MAX(CASE WHEN customer_place = 1 THEN customer_id END),
    MAX(CASE WHEN place = 1 THEN country END),
    COUNT(*),
    SUM(quantity),
    SUM(amount),
    MIN(arrival_time),
    MAX(arrival_time)
FROM placed
GROUP BY invoice_no;

-- Whose the touched invoices were and are.
CREATE TEMP TABLE stage_owner AS
SELECT stored.invoice_no, stored.customer_id
FROM stage_invoice AS staged
INNER JOIN fact_invoice AS stored ON stored.invoice_no = staged.invoice_no
WHERE stored.customer_id IS NOT NULL
UNION
SELECT invoice_no, customer_id
FROM stage_invoice
WHERE customer_id IS NOT NULL;

MERGE INTO fact_invoice
USING stage_invoice
ON fact_invoice.invoice_no = stage_invoice.invoice_no
WHEN MATCHED THEN UPDATE SET
    kind = stage_invoice.kind,
    invoice_date = stage_invoice.invoice_date,
    invoice_day = stage_invoice.invoice_day,
    customer_id = stage_invoice.customer_id,
    country = stage_invoice.country,
    lines = stage_invoice.lines,
    units = stage_invoice.units,
    total = stage_invoice.total,
    first_arrival = stage_invoice.first_arrival,
    last_arrival = stage_invoice.last_arrival
WHEN NOT MATCHED THEN INSERT (
    invoice_no, kind, invoice_date, invoice_day, customer_id, country, lines, units, total,
    first_arrival, last_arrival
) VALUES (
    stage_invoice.invoice_no, stage_invoice.kind, stage_invoice.invoice_date,
    stage_invoice.invoice_day, stage_invoice.customer_id, stage_invoice.country,
    stage_invoice.lines, stage_invoice.units, stage_invoice.total,
    stage_invoice.first_arrival, stage_invoice.last_arrival
);
