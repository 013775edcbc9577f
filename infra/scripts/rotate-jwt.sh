#!/bin/sh
# Changes JWT_SECRET of docker-compose.yml with nobody signed out.
#   rotate-jwt.sh begin [FILE]          makes a new secret: first all APIs accept it, then all sign with it
#   rotate-jwt.sh finish [FILE] [now]   a day later: the former secret is accepted no longer; `now` does not wait for the day
# FILE: settings of the stack, .env if none is named. Broken off, either is run again and goes on. COMPOSE: another way to
# call `docker compose`.
set -eu
cd "$(dirname "$0")/../.."
step=${1:-}
file=${2:-.env}
# Tokens live for a quarter of an hour, answers kept under an Idempotency-Key for a day.
KEEP_SECONDS=86400

case $step in begin | finish) ;; *)
  sed -n '2,6s/^# //p' "$0" >&2
  exit 2
  ;;
esac
[ -f "$file" ] || {
  echo "$file: no such file" >&2
  exit 1
}

# setting NAME: its value in the file, empty where it has none.
setting() {
  value=
  while IFS= read -r line || [ -n "$line" ]; do
    case $line in "$1="*) value=${line#*=} ;; esac
  done <"$file"
  printf '%s' "$value"
}

# write CURRENT PREVIOUS STATE: puts them into the file, as a whole or not at all. printf is part of the shell, so that no
# secret stands among the arguments of a process.
write() {
  (
    umask 077
    while IFS= read -r line || [ -n "$line" ]; do
      case $line in
        JWT_SECRET_PREVIOUS=* | '# rotate-jwt.sh: '*) ;;
        JWT_SECRET=*)
          printf 'JWT_SECRET=%s\n' "$1"
          [ -z "$2" ] || printf '# rotate-jwt.sh: %s\nJWT_SECRET_PREVIOUS=%s\n' "$3" "$2"
          ;;
        *) printf '%s\n' "$line" ;;
      esac
    done <"$file" >"$file.new"
  )
  mv "$file.new" "$file"
}

# One after the other, each ready before the next, so that one always answers.
restart() {
  for api in api-1 api-2; do
    ${COMPOSE:-docker compose} --env-file "$file" up --detach --no-deps --wait "$api"
  done
}

current=$(setting JWT_SECRET)
previous=$(setting JWT_SECRET_PREVIOUS)
state=$(sed -n 's/^# rotate-jwt.sh: //p' "$file")
[ -n "$current" ] || {
  echo "JWT_SECRET: not in $file" >&2
  exit 1
}
[ -z "$previous" ] || [ -n "$state" ] || {
  echo "JWT_SECRET_PREVIOUS: stands in $file, but was not put there by this script; take it out first" >&2
  exit 1
}

if [ "$step" = begin ]; then
  case $state in
    'signs since '*)
      echo "A rotation is under way, its end is: rotate-jwt.sh finish" >&2
      restart
      exit 0
      ;;
    '')
      previous=$(od -An -N24 -tx1 /dev/urandom | tr -d ' \n')
      write "$current" "$previous" accepts
      ;;
  esac
  # An API that does not know the new secret would refuse what another has signed with it.
  restart
  write "$previous" "$current" "signs since $(date +%s)"
  restart
  echo 'The new secret signs, the former is accepted as well. In a day: rotate-jwt.sh finish'
else
  case $state in
    '')
      echo 'Nothing to finish' >&2
      restart
      exit 0
      ;;
    'signs since '*) ;;
    *)
      echo 'The new secret does not sign yet: run rotate-jwt.sh begin again' >&2
      exit 1
      ;;
  esac
  left=$((${state#signs since } + KEEP_SECONDS - $(date +%s)))
  if [ "$left" -gt 0 ] && [ "${3:-}" != now ]; then
    echo "For $left more seconds something may hang on the former secret; 'finish FILE now' does not wait" >&2
    exit 1
  fi
  write "$current" '' ''
  restart
  echo 'The former secret is accepted no longer'
fi
