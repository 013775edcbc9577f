#!/usr/bin/env bash
# Steps of a release, one a call; the pipeline and people run the same.
#   release.sh note    CLUSTER FILE          writes down which definitions the services run
#   release.sh migrate CLUSTER IMAGE         runs the one-shot migrate task with an image; nothing where there is no such task yet
#   release.sh wait    CLUSTER               waits until the services are stable and no deployment has failed
#   release.sh smoke   URL                   asks for health and for what must be refused
#   release.sh back    CLUSTER FILE          gives the services the definitions that were written down
set -euo pipefail

usage() {
  sed -n '2,8s/^# \{0,1\}//p' "$0" >&2
  exit 2
}

services() {
  aws ecs list-services --cluster "$1" --query 'serviceArns' --output text 2>/dev/null | tr '\t' '\n' | sed '/^None$/d;/^$/d' || true
}

note() {
  local found
  found=$(services "$1")
  if [ -z "$found" ]; then
    echo '[]' >"$2"
    echo "$1 runs nothing yet"
    return
  fi
  # shellcheck disable=SC2086
  aws ecs describe-services --cluster "$1" --services $found \
    --query 'services[].{service: serviceName, definition: taskDefinition}' --output json >"$2"
}

migrate() {
  local cluster=$1 image=$2 family=$1-migrate definition network task code
  definition=$(aws ecs describe-task-definition --task-definition "$family" --query taskDefinition --output json 2>/dev/null) || {
    echo "$family is not defined yet: the first apply defines it"
    return
  }
  network=$(aws ecs describe-services --cluster "$cluster" --services "$cluster-api" \
    --query 'services[0].networkConfiguration' --output json)
  if [ "$network" = null ]; then
    echo "$cluster-api does not run yet: the first apply makes it"
    return
  fi
  # The definition the services' release brings is not there before apply, so this one differs in its image alone.
  definition=$(jq --arg image "$image" '.containerDefinitions[0].image = $image
    | {family, taskRoleArn, executionRoleArn, networkMode, containerDefinitions, volumes, requiresCompatibilities, cpu, memory, runtimePlatform}
    | with_entries(select(.value != null))' <<<"$definition")
  definition=$(aws ecs register-task-definition --cli-input-json "$definition" --query taskDefinition.taskDefinitionArn --output text)
  task=$(aws ecs run-task --cluster "$cluster" --task-definition "$definition" --launch-type FARGATE \
    --network-configuration "$network" --query 'tasks[0].taskArn' --output text)
  echo "migrating: $task"
  aws ecs wait tasks-stopped --cluster "$cluster" --tasks "$task"
  code=$(aws ecs describe-tasks --cluster "$cluster" --tasks "$task" --query 'tasks[0].containers[0].exitCode' --output text)
  if [ "$code" != 0 ]; then
    echo "migrate ended with $code" >&2
    exit 1
  fi
}

wait_stable() {
  local found failed
  found=$(services "$1")
  # shellcheck disable=SC2086
  aws ecs wait services-stable --cluster "$1" --services $found
  # A deployment that the circuit breaker took back is stable too.
  # shellcheck disable=SC2086
  failed=$(aws ecs describe-services --cluster "$1" --services $found \
    --query "length(services[].deployments[?rolloutState=='FAILED'][])" --output text)
  if [ "$failed" != 0 ]; then
    echo "$failed deployments failed and were taken back" >&2
    exit 1
  fi
}

expect() {
  local wanted=$1 url=$2 got
  got=$(curl --silent --output /dev/null --max-time 10 --write-out '%{http_code}' "$url" || true)
  if [ "$got" != "$wanted" ]; then
    echo "$url answers $got, not $wanted" >&2
    return 1
  fi
  echo "$url answers $wanted"
}

smoke() {
  local base=${1%/} try
  for try in 1 2 3 4 5 6; do
    if expect 200 "$base/health/ready"; then break; fi
    if [ "$try" = 6 ]; then exit 1; fi
    sleep "${SMOKE_PAUSE_SECONDS:-10}"
  done
  expect 200 "$base/openapi.json"
  # Nobody reads without a token, and metrics are not for the internet.
  expect 401 "$base/api/v1/products"
  expect 404 "$base/metrics"
}

back() {
  jq -r '.[] | [.service, .definition] | @tsv' "$2" | while IFS=$'\t' read -r service definition; do
    aws ecs update-service --cluster "$1" --service "$service" --task-definition "$definition" --query service.serviceName --output text
  done
  wait_stable "$1"
}

[ $# -ge 2 ] || usage
step=$1
shift
case $step in
  note) note "$1" "${2:?file}" ;;
  migrate) migrate "$1" "${2:?image}" ;;
  wait) wait_stable "$1" ;;
  smoke) smoke "$1" ;;
  back) back "$1" "${2:?file}" ;;
  *) usage ;;
esac
