#!/bin/sh
# Writes .env with fresh secrets for docker-compose.yml; leaves one that is there alone.
set -eu
cd "$(dirname "$0")/.."
if [ -e .env ]; then
  echo '.env is there already'
  exit 0
fi
secret() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }
umask 077
while IFS= read -r line; do
  case $line in
    *=generated) printf '%s=%s\n' "${line%%=*}" "$(secret)" ;;
    *) printf '%s\n' "$line" ;;
  esac
done <.env.example >.env
echo 'Wrote .env; the administrator is ADMIN_EMAIL with ADMIN_PASSWORD from it.'
