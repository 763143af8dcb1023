#!/bin/bash
# Run once by the image, in a database that was just made: who may copy it, and that each commit waits for the copy.
set -euo pipefail

echo "host replication ${POSTGRES_USER} samenet scram-sha-256" >> "${PGDATA}/pg_hba.conf"
# Written for the next start: nothing could be committed here while the standby is not there.
psql --no-psqlrc --set ON_ERROR_STOP=1 --username "${POSTGRES_USER}" --dbname "${POSTGRES_DB}" <<'SQL'
ALTER SYSTEM SET synchronous_standby_names = 'FIRST 1 (standby)';
ALTER SYSTEM SET synchronous_commit = 'on';
ALTER SYSTEM SET wal_keep_size = '1GB';
SQL
