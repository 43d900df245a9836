-- Which migrations were applied.
CREATE TABLE IF NOT EXISTS schema_migration (
    number INTEGER NOT NULL,
    name VARCHAR(128) NOT NULL,
    checksum VARCHAR(64) NOT NULL,
    applied_at TIMESTAMP NOT NULL
) DISTSTYLE ALL;
