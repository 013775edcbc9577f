# shellcheck shell=bash
# Sourced by the verify scripts: counts checks and prints them.

passed=0
failed=0

# check WHAT COMMAND…: runs a command quietly; its end tells whether the check holds.
check() {
  local what=$1 output
  shift
  if output=$("$@" 2>&1); then
    passed=$((passed + 1))
    printf 'ok      %s\n' "$what"
  else
    failed=$((failed + 1))
    printf 'FAILED  %s\n' "$what"
    printf '%s\n' "$output" | tail -n 20 | sed 's/^/        /'
  fi
}

# no_more_than WHAT LIMIT VALUE UNIT: checks a whole number against its limit.
no_more_than() {
  check "$1: $3 $4, at most $2" test "$3" -le "$2"
}

# untested LINE…: says what this run could not show.
untested() {
  printf '\nNot tested here:\n'
  printf '  - %s\n' "$@"
}

# summary: the last line; the script ends with 1 if a check failed.
summary() {
  printf '\n%d passed, %d failed\n' "$passed" "$failed"
  test "$failed" -eq 0
}

# need COMMAND…: ends with 2 and the line that installs what is missing.
need() {
  local command missing=''
  for command in "$@"; do command -v "$command" >/dev/null || missing="$missing $command"; done
  if [ -n "$missing" ]; then
    echo "Missing:$missing. On Debian: apt-get install --no-install-recommends buildah podman runc mmdebstrap iptables" \
      'netavark aardvark-dns catatonit docker-compose' >&2
    exit 2
  fi
}
