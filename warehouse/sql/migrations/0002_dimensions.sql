-- Dimensions. Their keys are the business's own: a load must find the row again by what stands
-- on the line, whatever was loaded before. All are small: every node keeps a copy (DISTSTYLE
-- ALL), so no join with the facts moves a row; sorted by key, which is how they are joined.

-- One row a customer to whom an invoice belongs (the header's customer); guests have none.
CREATE TABLE dim_customer (
    customer_id VARCHAR(256) NOT NULL,
    country VARCHAR(400) NOT NULL,
    first_purchase TIMESTAMP,
    last_purchase TIMESTAMP,
    PRIMARY KEY (customer_id)
) DISTSTYLE ALL SORTKEY (customer_id);

-- One row a stock code. The description is the most recent one, of a priced sale if there is
-- any: write-offs carry notes like "damaged" in its place. described_* say which line gave it.
CREATE TABLE dim_product (
    stock_code VARCHAR(256) NOT NULL,
    description VARCHAR(4000),
    kind VARCHAR(16) NOT NULL,
    first_sold DATE,
    last_sold DATE,
    described_rank INTEGER NOT NULL,
    described_at TIMESTAMP NOT NULL,
    described_by_invoice_no VARCHAR(256) NOT NULL,
    described_by_line_no BIGINT NOT NULL,
    PRIMARY KEY (stock_code)
) DISTSTYLE ALL SORTKEY (stock_code);

-- One row a country as it stands on the lines.
CREATE TABLE dim_country (
    country VARCHAR(400) NOT NULL,
    name VARCHAR(400) NOT NULL,
    iso_code CHAR(2),
    region VARCHAR(32),
    PRIMARY KEY (country)
) DISTSTYLE ALL SORTKEY (country);

-- One row a day.
CREATE TABLE dim_date (
    day DATE NOT NULL,
    year INTEGER NOT NULL,
    quarter INTEGER NOT NULL,
    month INTEGER NOT NULL,
    month_start DATE NOT NULL,
    iso_week INTEGER NOT NULL,
    day_of_week INTEGER NOT NULL,
    day_name VARCHAR(9) NOT NULL,
    is_weekend BOOLEAN NOT NULL,
    PRIMARY KEY (day)
) DISTSTYLE ALL SORTKEY (day);

-- Names by which the source's countries are known elsewhere (ISO 3166-1).
CREATE TABLE ref_country (
    country VARCHAR(400) NOT NULL,
    name VARCHAR(400) NOT NULL,
    iso_code CHAR(2),
    region VARCHAR(32) NOT NULL
) DISTSTYLE ALL SORTKEY (country);

INSERT INTO ref_country (country, name, iso_code, region) VALUES
    ('Australia', 'Australia', 'AU', 'Oceania'),
    ('Austria', 'Austria', 'AT', 'Europe'),
    ('Bahrain', 'Bahrain', 'BH', 'Middle East'),
    ('Belgium', 'Belgium', 'BE', 'Europe'),
    ('Bermuda', 'Bermuda', 'BM', 'Americas'),
    ('Brazil', 'Brazil', 'BR', 'Americas'),
    ('Canada', 'Canada', 'CA', 'Americas'),
    ('Channel Islands', 'Channel Islands', NULL, 'Europe'),
    ('Cyprus', 'Cyprus', 'CY', 'Europe'),
    ('Czech Republic', 'Czechia', 'CZ', 'Europe'),
    ('Denmark', 'Denmark', 'DK', 'Europe'),
    ('EIRE', 'Ireland', 'IE', 'Europe'),
    ('European Community', 'European Community', NULL, 'Europe'),
    ('Finland', 'Finland', 'FI', 'Europe'),
    ('France', 'France', 'FR', 'Europe'),
    ('Germany', 'Germany', 'DE', 'Europe'),
    ('Greece', 'Greece', 'GR', 'Europe'),
    ('Hong Kong', 'Hong Kong', 'HK', 'Asia'),
    ('Iceland', 'Iceland', 'IS', 'Europe'),
    ('Ireland', 'Ireland', 'IE', 'Europe'),
    ('Israel', 'Israel', 'IL', 'Middle East'),
    ('Italy', 'Italy', 'IT', 'Europe'),
    ('Japan', 'Japan', 'JP', 'Asia'),
    ('Korea', 'South Korea', 'KR', 'Asia'),
    ('Lebanon', 'Lebanon', 'LB', 'Middle East'),
    ('Lithuania', 'Lithuania', 'LT', 'Europe'),
    ('Malta', 'Malta', 'MT', 'Europe'),
    ('Netherlands', 'Netherlands', 'NL', 'Europe'),
    ('Nigeria', 'Nigeria', 'NG', 'Africa'),
    ('Norway', 'Norway', 'NO', 'Europe'),
    ('Poland', 'Poland', 'PL', 'Europe'),
    ('Portugal', 'Portugal', 'PT', 'Europe'),
    ('RSA', 'South Africa', 'ZA', 'Africa'),
    ('Saudi Arabia', 'Saudi Arabia', 'SA', 'Middle East'),
    ('Singapore', 'Singapore', 'SG', 'Asia'),
    ('Spain', 'Spain', 'ES', 'Europe'),
    ('Sweden', 'Sweden', 'SE', 'Europe'),
    ('Switzerland', 'Switzerland', 'CH', 'Europe'),
    ('Thailand', 'Thailand', 'TH', 'Asia'),
    ('USA', 'United States', 'US', 'Americas'),
    ('United Arab Emirates', 'United Arab Emirates', 'AE', 'Middle East'),
    ('United Kingdom', 'United Kingdom', 'GB', 'Europe'),
    ('United States', 'United States', 'US', 'Americas'),
    ('Unspecified', 'Unspecified', NULL, 'Unspecified'),
    ('West Indies', 'West Indies', NULL, 'Americas');
