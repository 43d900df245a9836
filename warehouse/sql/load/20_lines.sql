-- What was copied must be what the job counted: else the cast fails, and with it the
-- transaction, and its message tells the numbers.
CREATE TEMP TABLE stage_check AS
SELECT
    CAST('staged lines' AS VARCHAR(64)) AS check_name,
    CASE
        WHEN
            staged.lines = batch.rows_staged
            AND staged.identities = batch.rows_staged
            AND staged.quantity = batch.quantity_staged
            AND staged.amount = batch.amount_staged
            THEN 1
        ELSE CAST(
            'check failed: ' || CAST(staged.lines AS VARCHAR(40)) || ' lines, '
            || CAST(staged.identities AS VARCHAR(40)) || ' identities, quantity '
            || CAST(staged.quantity AS VARCHAR(40)) || ', amount '
            || CAST(staged.amount AS VARCHAR(60)) || ' were copied; '
            || CAST(batch.rows_staged AS VARCHAR(40)) || ' lines, quantity '
            || CAST(batch.quantity_staged AS VARCHAR(40)) || ', amount '
            || CAST(batch.amount_staged AS VARCHAR(60)) || ' were staged'
            AS INTEGER
        )
    END AS passed
FROM stage_batch AS batch
CROSS JOIN (
    SELECT
        COALESCE(SUM(copies), 0) AS lines,
        COUNT(*) AS identities,
        COALESCE(SUM(quantity), 0) AS quantity,
        COALESCE(SUM(amount), 0) AS amount
    FROM (
        SELECT COUNT(*) AS copies, SUM(quantity) AS quantity, SUM(amount) AS amount
        FROM stage_line
        GROUP BY invoice_no, line_no
    ) AS distinct_line
) AS staged;

-- The lines that change anything: new ones, and those that arrived before the copy that is
-- stored (the earliest stands, whatever was loaded first). A line loaded again by a backfill
-- whose stored content is not its own comes in as well.
CREATE TEMP TABLE stage_change (LIKE fact_invoice_line);

INSERT INTO stage_change
SELECT staged.*
FROM stage_line AS staged
LEFT JOIN fact_invoice_line AS stored
    ON stored.invoice_no = staged.invoice_no AND stored.line_no = staged.line_no
WHERE
    stored.invoice_no IS NULL
    OR staged.arrival_time < stored.arrival_time
    OR (
        staged.arrival_time = stored.arrival_time
        AND COALESCE(staged.sequence_number, '~') < COALESCE(stored.sequence_number, '~')
    )
    OR (
        staged.arrival_time = stored.arrival_time
        AND COALESCE(staged.sequence_number, '~') = COALESCE(stored.sequence_number, '~')
        AND (
            staged.schema_version <> stored.schema_version
            OR staged.stock_code <> stored.stock_code
            OR COALESCE(staged.description, '') <> COALESCE(stored.description, '')
            OR staged.quantity <> stored.quantity
            OR staged.invoice_date <> stored.invoice_date
            OR staged.unit_price <> stored.unit_price
            OR COALESCE(staged.customer_id, '') <> COALESCE(stored.customer_id, '')
            OR staged.country <> stored.country
            OR staged.invoice_day <> stored.invoice_day
            OR staged.amount <> stored.amount
            OR staged.invoice_kind <> stored.invoice_kind
            OR staged.line_kind <> stored.line_kind
            OR COALESCE(staged.charge_kind, '') <> COALESCE(stored.charge_kind, '')
        )
    );

-- What those lines replace, as it was: whatever was derived from it is derived anew below.
CREATE TEMP TABLE stage_replaced AS
SELECT stored.*
FROM stage_change AS change
INNER JOIN fact_invoice_line AS stored
    ON stored.invoice_no = change.invoice_no AND stored.line_no = change.line_no;

MERGE INTO fact_invoice_line
USING stage_change
ON
    fact_invoice_line.invoice_no = stage_change.invoice_no
    AND fact_invoice_line.line_no = stage_change.line_no
WHEN MATCHED THEN UPDATE SET
    schema_version = stage_change.schema_version,
    stock_code = stage_change.stock_code,
    description = stage_change.description,
    quantity = stage_change.quantity,
    invoice_date = stage_change.invoice_date,
    unit_price = stage_change.unit_price,
    customer_id = stage_change.customer_id,
    country = stage_change.country,
    invoice_day = stage_change.invoice_day,
    amount = stage_change.amount,
    invoice_kind = stage_change.invoice_kind,
    line_kind = stage_change.line_kind,
    charge_kind = stage_change.charge_kind,
    arrival_time = stage_change.arrival_time,
    sequence_number = stage_change.sequence_number,
    batch_id = stage_change.batch_id
WHEN NOT MATCHED THEN INSERT (
    schema_version, invoice_no, line_no, stock_code, description, quantity, invoice_date,
    unit_price, customer_id, country, invoice_day, amount, invoice_kind, line_kind, charge_kind,
    arrival_time, sequence_number, batch_id
) VALUES (
    stage_change.schema_version, stage_change.invoice_no, stage_change.line_no,
    stage_change.stock_code, stage_change.description, stage_change.quantity,
    stage_change.invoice_date, stage_change.unit_price, stage_change.customer_id,
    stage_change.country, stage_change.invoice_day, stage_change.amount,
    stage_change.invoice_kind, stage_change.line_kind, stage_change.charge_kind,
    stage_change.arrival_time, stage_change.sequence_number, stage_change.batch_id
);
