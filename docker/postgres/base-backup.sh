#!/bin/sh
# Takes a base backup below FOLDER/base, named by its time, checks it against its manifest and removes the oldest beyond
# KEEP_BACKUPS, with the WAL that only they need. Reads PGHOST, PGPORT, PGUSER and PGPASSWORD.
#   base-backup.sh FOLDER
set -eu
folder=$1
keep=${KEEP_BACKUPS:-7}
name=$(date -u +%Y%m%dT%H%M%SZ)
mkdir -p "$folder/base"
trap 'rm -rf "$folder/base/.$name.part"' EXIT
pg_basebackup --pgdata "$folder/base/.$name.part" --wal-method stream --checkpoint fast --manifest-checksums SHA256
pg_verifybackup --quiet "$folder/base/.$name.part"
mv "$folder/base/.$name.part" "$folder/base/$name"

# Names sort by time.
for old in $(find "$folder/base" -mindepth 1 -maxdepth 1 -type d -not -name '.*' | sort -r | tail -n "+$((keep + 1))"); do
  rm -rf "$old"
done
oldest=$(find "$folder/base" -mindepth 1 -maxdepth 1 -type d -not -name '.*' | sort | head -n 1)
first_wal=$(sed -n 's/^START WAL LOCATION: .* (file \([0-9A-F]*\))$/\1/p' "$oldest/backup_label")
if [ -d "$folder/wal" ]; then pg_archivecleanup "$folder/wal" "$first_wal"; fi
echo "$folder/base/$name"
