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
  # A primary that was restored to a moment still has the settings of that; a replica with them would promote itself.
  sed -i '/^\(restore_command\|recovery_target\)/d' "$PGDATA/postgresql.auto.conf"
fi
exec postgres -c 'listen_addresses=*' "$@"
