#!/bin/bash
# Copies the primary where nothing was copied yet, and follows it.
set -euo pipefail

if [ ! -s "${PGDATA}/PG_VERSION" ]; then
  PGPASSWORD=$(cat "${PASSWORD_FILE}")
  export PGPASSWORD
  address="host=${PRIMARY} port=${PRIMARY_PORT:-5432} user=passerby application_name=standby"
  pg_basebackup --pgdata "${PGDATA}" --dbname "${address}" --write-recovery-conf --checkpoint fast
  unset PGPASSWORD
fi
exec postgres -D "${PGDATA}" "$@"
