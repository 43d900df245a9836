-- What a loader needs to be alone, to know what is loaded, and to tell what it did.

-- Never holds a row. A loader locks it first, so that loaders go one after the other and
-- nobody who reads is kept waiting.
CREATE TABLE load_lock (held INTEGER);

-- One row a batch that was loaded, and one an attempt that was refused.
CREATE TABLE load_audit (
    batch_id VARCHAR(64) NOT NULL,
    run_id VARCHAR(64) NOT NULL,
    kind VARCHAR(16) NOT NULL,
    outcome VARCHAR(16) NOT NULL,
    files BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    rows_in BIGINT NOT NULL,
    rows_merged BIGINT NOT NULL,
    rows_replaced BIGINT NOT NULL,
    rows_skipped BIGINT NOT NULL,
    quantity_in BIGINT NOT NULL,
    amount_in DECIMAL(38, 4) NOT NULL,
    quantity_merged BIGINT NOT NULL,
    amount_merged DECIMAL(38, 4) NOT NULL,
    started_at TIMESTAMP NOT NULL,
    finished_at TIMESTAMP NOT NULL,
    seconds DECIMAL(12, 3) NOT NULL,
    detail VARCHAR(4000)
) DISTSTYLE ALL SORTKEY (finished_at);

-- One row a file of the lake that was loaded: what the next load compares the listing with.
CREATE TABLE load_file (
    file VARCHAR(1024) NOT NULL,
    bytes BIGINT NOT NULL,
    row_count BIGINT NOT NULL,
    batch_id VARCHAR(64) NOT NULL,
    PRIMARY KEY (file)
) DISTSTYLE ALL SORTKEY (file);
