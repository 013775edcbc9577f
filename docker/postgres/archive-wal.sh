#!/bin/sh
# PostgreSQL's archive_command: archive-wal.sh FOLDER PATH NAME. A segment counts as archived only once it is complete on
# disk; one that is there already is left alone if it is the same, else the command fails and the server tells.
set -eu
folder=$1 path=$2 name=$3
mkdir -p "$folder"
if [ -e "$folder/$name" ]; then
  cmp -s "$path" "$folder/$name"
  exit
fi
cp "$path" "$folder/.$name.part"
sync "$folder/.$name.part"
mv "$folder/.$name.part" "$folder/$name"
sync "$folder"
