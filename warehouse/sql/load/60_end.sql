-- What stands in the warehouse must be what was merged: each touched identity once, each
-- touched invoice once and worth its lines.
INSERT INTO stage_check
SELECT
    'merged lines and headers',
    CASE
        WHEN
            line.stored = line.changed
            AND header.stored = header.touched
            AND header.total = header.line_total
            THEN 1
        ELSE CAST(
            'check failed: ' || CAST(line.stored AS VARCHAR(40)) || ' lines stand for '
            || CAST(line.changed AS VARCHAR(40)) || ' identities, '
            || CAST(header.stored AS VARCHAR(40)) || ' headers of '
            || CAST(header.touched AS VARCHAR(40)) || ' invoices, total '
            || CAST(header.total AS VARCHAR(60)) || ' of lines worth '
            || CAST(header.line_total AS VARCHAR(60))
            AS INTEGER
        )
    END
FROM (
    SELECT
        (SELECT COUNT(*) FROM stage_change) AS changed,
        (
            SELECT COUNT(*)
            FROM stage_change AS change
            INNER JOIN fact_invoice_line AS stored
                ON stored.invoice_no = change.invoice_no AND stored.line_no = change.line_no
        ) AS stored
) AS line
CROSS JOIN (
    SELECT
        (SELECT COUNT(*) FROM stage_invoice) AS touched,
        (
            SELECT COUNT(*)
            FROM stage_invoice AS touched
            INNER JOIN fact_invoice AS stored ON stored.invoice_no = touched.invoice_no
        ) AS stored,
        (
            SELECT COALESCE(SUM(stored.total), 0)
            FROM stage_invoice AS touched
            INNER JOIN fact_invoice AS stored ON stored.invoice_no = touched.invoice_no
        ) AS total,
        (
            SELECT COALESCE(SUM(stored.amount), 0)
            FROM stage_invoice AS touched
            INNER JOIN fact_invoice_line AS stored ON stored.invoice_no = touched.invoice_no
        ) AS line_total
) AS header;

-- The audit, in the same transaction: a batch is loaded if and only if it says so.
INSERT INTO load_audit (
    batch_id, run_id, kind, outcome, files, bytes, rows_in, rows_merged, rows_replaced,
    rows_skipped, quantity_in, amount_in, quantity_merged, amount_merged, started_at,
    finished_at, seconds, detail
)
SELECT
    batch.batch_id,
    batch.run_id,
    batch.kind,
    'loaded',
    batch.files,
    batch.bytes,
    batch.rows_in,
    merged.lines,
    replaced.lines,
    batch.rows_in - merged.lines,
    batch.quantity_in,
    batch.amount_in,
    merged.quantity,
    merged.amount,
    batch.started_at,
    GETDATE(),
    CAST(DATEDIFF(millisecond, batch.started_at, GETDATE()) AS DECIMAL(18, 3)) / 1000,
    NULL
FROM stage_batch AS batch
CROSS JOIN (
    SELECT
        COUNT(*) AS lines,
        COALESCE(SUM(quantity), 0) AS quantity,
        COALESCE(SUM(amount), 0) AS amount
    FROM stage_change
) AS merged
CROSS JOIN (SELECT COUNT(*) AS lines FROM stage_replaced) AS replaced
LEFT JOIN load_audit AS known ON known.batch_id = batch.batch_id AND known.outcome = 'loaded'
WHERE known.batch_id IS NULL;

INSERT INTO load_file (file, bytes, row_count, batch_id)
SELECT staged.file, staged.bytes, staged.row_count, batch.batch_id
FROM stage_file AS staged
CROSS JOIN stage_batch AS batch
LEFT JOIN load_file AS known ON known.file = staged.file
WHERE known.file IS NULL;
