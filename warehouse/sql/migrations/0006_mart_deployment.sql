-- Which texts the views were made from.
CREATE TABLE mart_deployment (
    checksum VARCHAR(64) NOT NULL,
    deployed_at TIMESTAMP NOT NULL
) DISTSTYLE ALL;
