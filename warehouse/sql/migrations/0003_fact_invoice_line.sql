-- The first ten columns are the data contract's; when the contract grows,
-- `python -m warehouse.schema` prints what the next migration needs.

-- One row a line item, every line of the source in it. DISTKEY: a line is merged by its
-- identity and headers are summed from their lines, both joins by invoice_no, so neither moves
-- rows between nodes. SORTKEY: questions are asked by day, and invoice numbers rise with the
-- days, so the merge of a new day skips the blocks of old ones too.
CREATE TABLE fact_invoice_line (
    schema_version INTEGER NOT NULL,
    invoice_no VARCHAR(256) NOT NULL,
    line_no BIGINT NOT NULL,
    stock_code VARCHAR(256) NOT NULL,
    description VARCHAR(4000),
    quantity INTEGER NOT NULL,
    invoice_date TIMESTAMP NOT NULL,
    unit_price DECIMAL(14, 4) NOT NULL,
    customer_id VARCHAR(256),
    country VARCHAR(400) NOT NULL,
    invoice_day DATE NOT NULL,
    amount DECIMAL(24, 4) NOT NULL,
    invoice_kind VARCHAR(16) NOT NULL,
    line_kind VARCHAR(16) NOT NULL,
    charge_kind VARCHAR(16),
    arrival_time TIMESTAMP NOT NULL,
    sequence_number VARCHAR(128),
    batch_id VARCHAR(64) NOT NULL,
    PRIMARY KEY (invoice_no, line_no)
) DISTSTYLE KEY DISTKEY (invoice_no) COMPOUND SORTKEY (invoice_day, invoice_no);
