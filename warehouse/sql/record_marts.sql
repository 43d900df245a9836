DELETE FROM mart_deployment;

INSERT INTO mart_deployment (checksum, deployed_at) VALUES (:checksum, GETDATE());
