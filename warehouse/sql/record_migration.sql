-- Fails when it was applied by another in the meantime.
INSERT INTO schema_migration (number, name, checksum, applied_at)
SELECT
    CASE WHEN known.times = 0 THEN :number
        ELSE CAST('applied ' || CAST(known.times AS VARCHAR(20)) || ' times' AS INTEGER)
    END,
    :name,
    :checksum,
    GETDATE()
FROM (SELECT COUNT(*) AS times FROM schema_migration WHERE name = :name) AS known;
