-- One row an invoice: its header and the sums of its lines. Distributed as the lines are, for
-- the joins between the two; sorted by day, as it is asked.
CREATE TABLE fact_invoice (
    invoice_no VARCHAR(256) NOT NULL,
    kind VARCHAR(16) NOT NULL,
    invoice_date TIMESTAMP NOT NULL,
    invoice_day DATE NOT NULL,
    customer_id VARCHAR(256),
    country VARCHAR(400) NOT NULL,
    lines BIGINT NOT NULL,
    units BIGINT NOT NULL,
    total DECIMAL(38, 4) NOT NULL,
    first_arrival TIMESTAMP NOT NULL,
    last_arrival TIMESTAMP NOT NULL,
    PRIMARY KEY (invoice_no)
) DISTSTYLE KEY DISTKEY (invoice_no) COMPOUND SORTKEY (invoice_day, invoice_no);

-- One row a returned line whose sale was found: the same customer and stock code, no later
-- than the return; of several the one at the same price, then of enough units, then the most
-- recent. Several returns may name one sale: it is a likely link, not an allocation.
CREATE TABLE return_sale (
    invoice_no VARCHAR(256) NOT NULL,
    line_no BIGINT NOT NULL,
    sale_invoice_no VARCHAR(256) NOT NULL,
    sale_line_no BIGINT NOT NULL,
    customer_id VARCHAR(256) NOT NULL,
    stock_code VARCHAR(256) NOT NULL,
    likelihood VARCHAR(8) NOT NULL,
    days_kept INTEGER NOT NULL,
    PRIMARY KEY (invoice_no, line_no)
) DISTSTYLE KEY DISTKEY (invoice_no) SORTKEY (invoice_no);
