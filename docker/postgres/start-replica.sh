#!/bin/sh
# Starts a streaming replica; copies the primary first if there is nothing yet. Arguments go to the server.
set -eu
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  # A copy that broke off is made again from the start.
  rm -rf "$PGDATA"
  mkdir -p "$PGDATA"
  chmod 700 "$PGDATA"
  PGPASSWORD=$REPLICATION_PASSWORD pg_basebackup --host "$PRIMARY_HOST" --username replicator --pgdata "$PGDATA" \
    --write-recovery-conf --slot replica --wal-method stream --checkpoint fast
fi
exec postgres -c 'listen_addresses=*' "$@"
