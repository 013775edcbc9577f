#!/bin/sh
# Writes .env, or another file, with fresh secrets for docker-compose.yml; leaves one that is there alone.
#   make-env.sh [FILE]
set -eu
cd "$(dirname "$0")/.."
file=${1:-.env}
if [ -e "$file" ]; then
  echo "$file is there already"
  exit 0
fi
secret() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }
umask 077
while IFS= read -r line; do
  case $line in
    *=generated) printf '%s=%s\n' "${line%%=*}" "$(secret)" ;;
    *) printf '%s\n' "$line" ;;
  esac
done <.env.example >"$file"
echo "Wrote $file; the administrator is ADMIN_EMAIL with ADMIN_PASSWORD from it."
