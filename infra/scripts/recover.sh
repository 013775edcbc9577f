#!/usr/bin/env bash
# Brings a database back on AWS, one step a call. With DRY_RUN=1 it looks, but prints what it would change instead of changing it.
#   recover.sh point    DATABASE TIME     restores DATABASE to TIME (2026-11-30T10:14:59Z, or latest) as DATABASE-restored, beside it
#   recover.sh region   DATABASE REGION   restores the log that was copied into REGION there, as DATABASE; SUBNET_GROUP and SECURITY_GROUP are of there
#   recover.sh swap     DATABASE          gives DATABASE-restored the name, and so the address, of DATABASE, which becomes DATABASE-damaged
#   recover.sh failover DATABASE          lets the standby take over: a drill, and what to do when a zone misbehaves
set -euo pipefail

usage() {
  sed -n '2,6s/^# \{0,1\}//p' "$0" >&2
  exit 2
}

# What a restored instance keeps of the original.
KEPT='DBInstances[0].{subnets: DBSubnetGroup.DBSubnetGroupName, groups: VpcSecurityGroups[].VpcSecurityGroupId,'
KEPT+=' parameters: DBParameterGroups[0].DBParameterGroupName, class: DBInstanceClass, zones: MultiAZ}'

# change COMMAND…: makes a call that changes something, or says that it would.
change() {
  if [ "${DRY_RUN:-0}" = 1 ]; then
    echo "would: aws $*"
  else
    aws "$@" >/dev/null
    echo "done: aws $1 $2"
  fi
}

# available DATABASE [OPTION…]: waits until it takes connections.
available() {
  local database=$1
  shift
  change rds wait db-instance-available --db-instance-identifier "$database" "$@"
}

moment() {
  if [ "$1" = latest ]; then
    echo --use-latest-restorable-time
  elif [[ $1 =~ ^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z$ ]]; then
    echo "--restore-time=$1"
  else
    echo "TIME: like 2026-11-30T10:14:59Z, or latest" >&2
    return 1
  fi
}

point() {
  local database=$1 time found
  time=$(moment "$2")
  # Restored instances get the defaults of the account unless they are told what the original has.
  found=$(aws rds describe-db-instances --db-instance-identifier "$database" --output json --query "$KEPT")
  local groups
  mapfile -t groups < <(jq -r '.groups[]' <<<"$found")
  change rds restore-db-instance-to-point-in-time --source-db-instance-identifier "$database" \
    --target-db-instance-identifier "$database-restored" "$time" \
    --db-instance-class "$(jq -r .class <<<"$found")" --db-subnet-group-name "$(jq -r .subnets <<<"$found")" \
    --db-parameter-group-name "$(jq -r .parameters <<<"$found")" --vpc-security-group-ids "${groups[@]}" \
    "$(jq -r 'if .zones then "--multi-az" else "--no-multi-az" end' <<<"$found")" \
    --no-publicly-accessible --deletion-protection --copy-tags-to-snapshot
  available "$database-restored"
}

region() {
  local database=$1 region=$2 copy
  copy=$(aws rds describe-db-instance-automated-backups --region "$region" --output text \
    --query "DBInstanceAutomatedBackups[?DBInstanceIdentifier=='$database'].DBInstanceAutomatedBackupsArn | [0]")
  if [ -z "$copy" ] || [ "$copy" = None ]; then
    echo "$region holds no copy of $database" >&2
    exit 1
  fi
  change rds restore-db-instance-to-point-in-time --region "$region" --source-db-instance-automated-backups-arn "$copy" \
    --target-db-instance-identifier "$database" --use-latest-restorable-time \
    --db-subnet-group-name "${SUBNET_GROUP:?subnet group of that region}" \
    --vpc-security-group-ids "${SECURITY_GROUP:?security group of that region}" \
    --no-publicly-accessible --deletion-protection --copy-tags-to-snapshot
  available "$database" --region "$region"
}

rename() {
  change rds modify-db-instance --db-instance-identifier "$1" --new-db-instance-identifier "$2" --apply-immediately
  # The new name takes a moment to be known.
  if [ "${DRY_RUN:-0}" != 1 ]; then
    until aws rds describe-db-instances --db-instance-identifier "$2" >/dev/null 2>&1; do sleep "${PAUSE_SECONDS:-10}"; done
  fi
  available "$2"
}

swap() {
  rename "$1" "$1-damaged"
  rename "$1-restored" "$1"
}

failover() {
  change rds reboot-db-instance --db-instance-identifier "$1" --force-failover
  available "$1"
}

[ $# -ge 2 ] || usage
step=$1
shift
started=$SECONDS
case $step in
  point) point "$1" "${2:?time}" ;;
  region) region "$1" "${2:?region}" ;;
  swap) swap "$1" ;;
  failover) failover "$1" ;;
  *) usage ;;
esac
echo "$step took $((SECONDS - started)) s"
