-- First of all the lock: a loader sees the warehouse only after the one before it is done.
-- What is staged goes to temporary tables of this session alone.
LOCK load_lock;

CREATE TEMP TABLE stage_batch (
    batch_id VARCHAR(64),
    run_id VARCHAR(64),
    kind VARCHAR(16),
    started_at TIMESTAMP,
    files BIGINT,
    bytes BIGINT,
    rows_in BIGINT,
    rows_staged BIGINT,
    quantity_in BIGINT,
    amount_in DECIMAL(38, 4),
    quantity_staged BIGINT,
    amount_staged DECIMAL(38, 4)
);

CREATE TEMP TABLE stage_file (file VARCHAR(1024), bytes BIGINT, row_count BIGINT);

CREATE TEMP TABLE stage_line (LIKE fact_invoice_line);
