#!/usr/bin/env bash
# Gives the cache the token that Secrets Manager holds, so that it stands in no Terraform state.
#   cache-token.sh REPLICATION_GROUP SECRET_ARN
# Run it after the first apply and after each change of `secret_values_version`. The old token stays good until the
# second step, so tasks that still hold it go on; without one so far, the first step brings it in.
set -euo pipefail

group=${1:?replication group}
secret=${2:?ARN of the secret}

token=$(aws secretsmanager get-secret-value --secret-id "$secret" --query SecretString --output text)
if [ "${#token}" -lt 16 ]; then
  echo 'The secret holds no token of at least 16 characters' >&2
  exit 1
fi

modify() {
  # Read from a file descriptor: an argument could be seen by every process of the machine.
  aws elasticache modify-replication-group --cli-input-json file:///dev/stdin >/dev/null <<JSON
{"ReplicationGroupId": "$group", "AuthToken": "$token", "AuthTokenUpdateStrategy": "$1", "ApplyImmediately": true}
JSON
}

modify ROTATE
aws elasticache wait replication-group-available --replication-group-id "$group"
modify SET
aws elasticache wait replication-group-available --replication-group-id "$group"
echo "$group takes the token of the secret alone"
