-- What the forecast step writes; each run replaces what the run before it wrote.

-- One row a run: on what history, and which model ships.
CREATE TABLE forecast_run (
    run_id VARCHAR(64) NOT NULL,
    made_at TIMESTAMP NOT NULL,
    subject VARCHAR(32) NOT NULL,
    model VARCHAR(64) NOT NULL,
    beats_naive BOOLEAN NOT NULL,
    history_from DATE NOT NULL,
    history_to DATE NOT NULL,
    message VARCHAR(1000) NOT NULL
) DISTSTYLE ALL;

-- One row a day ahead.
CREATE TABLE forecast_daily_revenue (
    day DATE NOT NULL,
    revenue DECIMAL(18, 2) NOT NULL,
    low_80 DECIMAL(18, 2) NOT NULL,
    high_80 DECIMAL(18, 2) NOT NULL,
    low_95 DECIMAL(18, 2) NOT NULL,
    high_95 DECIMAL(18, 2) NOT NULL,
    model VARCHAR(64) NOT NULL,
    run_id VARCHAR(64) NOT NULL
) DISTSTYLE ALL SORTKEY (day);

-- One row a customer who ever bought: what to expect of the days ahead.
CREATE TABLE forecast_customer (
    customer_id VARCHAR(256) NOT NULL,
    expected_purchases DECIMAL(18, 4) NOT NULL,
    expected_value DECIMAL(18, 2) NOT NULL,
    expected_next_purchase DATE,
    days_ahead INTEGER NOT NULL,
    run_id VARCHAR(64) NOT NULL
) DISTSTYLE ALL SORTKEY (customer_id);

-- One row a subject, model and origin: the error of a forecast made of what was known then.
-- Coverage is the share of days within the intervals, in per cent; of the model that ships.
CREATE TABLE forecast_backtest (
    subject VARCHAR(32) NOT NULL,
    model VARCHAR(64) NOT NULL,
    origin DATE NOT NULL,
    days_ahead INTEGER NOT NULL,
    measure VARCHAR(32) NOT NULL,
    error DECIMAL(18, 4) NOT NULL,
    coverage_80 DECIMAL(5, 2),
    coverage_95 DECIMAL(5, 2),
    ships BOOLEAN NOT NULL,
    run_id VARCHAR(64) NOT NULL
) DISTSTYLE ALL;
