#!/bin/sh
# Restores the cluster as it was at a moment, from the newest base backup that ended before it and the archived WAL, into an
# empty PGDATA. Start the server afterwards: it replays, and then takes writes on a timeline of its own.
#   restore.sh FOLDER PGDATA TIME      TIME such as '2026-11-30 10:15:00+00', or `latest` for all that was archived
# FOLDER holds what base-backup.sh (base/) and archive-wal.sh (wal/) wrote. A damaged backup is refused.
set -eu
folder=$1 pgdata=$2 time=$3
if [ -n "$(ls -A "$pgdata" 2>/dev/null)" ]; then
  echo "$pgdata is not empty" >&2
  exit 1
fi
if [ "$time" = latest ]; then until=$(date +%s); else until=$(date -d "$time" +%s); fi
chosen=
for backup in $(find "$folder/base" -mindepth 1 -maxdepth 1 -type d -not -name '.*' | sort); do
  # The manifest is written last.
  if [ "$(stat -c %Y "$backup/backup_manifest")" -lt "$until" ]; then chosen=$backup; fi
done
if [ -z "$chosen" ]; then
  echo "No base backup ended before $time" >&2
  exit 1
fi
pg_verifybackup --quiet "$chosen"
mkdir -p "$pgdata"
cp -a "$chosen/." "$pgdata/"
chmod 700 "$pgdata"
# A cluster that was restored before still has the settings of that restore.
sed -i '/^\(restore_command\|recovery_target\)/d' "$pgdata/postgresql.auto.conf"
{
  echo "restore_command = 'cp $folder/wal/%f %p'"
  if [ "$time" != latest ]; then
    echo "recovery_target_time = '$time'"
    echo "recovery_target_action = 'promote'"
  fi
} >>"$pgdata/postgresql.auto.conf"
touch "$pgdata/recovery.signal"
echo "$chosen"
