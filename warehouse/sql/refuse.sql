-- An attempt that was refused leaves its reason, and nothing else.
INSERT INTO load_audit (
    batch_id, run_id, kind, outcome, files, bytes, rows_in, rows_merged, rows_replaced,
    rows_skipped, quantity_in, amount_in, quantity_merged, amount_merged, started_at,
    finished_at, seconds, detail
)
SELECT
    CAST(:batch_id AS VARCHAR(64)), CAST(:run_id AS VARCHAR(64)), CAST(:kind AS VARCHAR(16)),
    'refused', CAST(:files AS BIGINT), CAST(:bytes AS BIGINT), 0, 0, 0, 0, 0, 0, 0, 0,
    CAST(:started_at AS TIMESTAMP), GETDATE(),
    CAST(DATEDIFF(millisecond, CAST(:started_at AS TIMESTAMP), GETDATE()) AS DECIMAL(18, 3)) / 1000,
    CAST(:detail AS VARCHAR(4000));
