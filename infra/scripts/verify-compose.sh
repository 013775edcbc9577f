#!/usr/bin/env bash
# Runs docker-compose.yml with docker-compose over podman and checks that the parts work together. Run as root, after
# `npm run build`. APP_IMAGE: an image that is built already. Images that cannot be pulled are replaced by stand-ins of Debian's packages.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=infra/scripts/checks.sh
. infra/scripts/checks.sh
# shellcheck source=infra/scripts/engine.sh
. infra/scripts/engine.sh
need buildah podman runc mmdebstrap docker-compose node npm

SERVERS=localhost/stand-in/servers:1
work=$(mktemp -d)
project=shelfcastverify
env_file=$work/env

say() { printf '\n== %s\n' "$*"; }
equal() { test "$1" = "$2" || { echo "$1 is not $2" && return 1; }; }

# stand_in TAG LINE…: an image of the servers with some more lines.
stand_in() {
  local tag=$1
  shift
  printf '%s\n' "FROM $SERVERS" "$@" >"$work/Dockerfile"
  buildah bud --quiet --format docker --isolation chroot --tag "$tag" --file "$work/Dockerfile" infra/scripts >/dev/null
}

say 'Images'
node_stand_in
debian_stand_in "$SERVERS" ca-certificates postgresql redis-server caddy prometheus wget procps
stand_in localhost/stand-in/postgres:15 'ENV PATH=/usr/lib/postgresql/15/bin:/usr/local/bin:/usr/bin:/bin' \
  'RUN echo "cluster:x:999:999::/var/lib/postgresql:/bin/sh" >> /etc/passwd && rm -rf /var/lib/postgresql/* && chown 999:999 /var/lib/postgresql' \
  'COPY stand-in-postgres.sh /usr/local/bin/entry.sh' 'ENTRYPOINT ["/bin/sh", "/usr/local/bin/entry.sh"]' 'CMD ["postgres"]'
stand_in localhost/stand-in/redis:7 'RUN mkdir -p /data && chown 999:999 /data'
stand_in localhost/stand-in/caddy:2 'RUN mkdir -p /data /config' 'ENV XDG_DATA_HOME=/data XDG_CONFIG_HOME=/config'
stand_in localhost/stand-in/prometheus:2 'RUN mkdir -p /prometheus && chown 65534:65534 /prometheus' 'ENTRYPOINT ["prometheus"]'
mkdir "$work/objects"
cp --parents infra/scripts/stand-in-objects.mjs test/support/s3-server.ts "$work/objects"
printf '%s\n' "FROM $NODE_STAND_IN" 'COPY . /' 'ENTRYPOINT ["node", "/infra/scripts/stand-in-objects.mjs"]' >"$work/objects/Dockerfile"
buildah bud --quiet --format docker --isolation chroot --tag localhost/stand-in/objects:1 "$work/objects" >/dev/null
if [ -z "${APP_IMAGE:-}" ]; then
  APP_IMAGE=localhost/shelfcast:compose
  build_image "$APP_IMAGE" "$(git log -1 --format=%ct)" --build-arg "BASE_IMAGE=$NODE_STAND_IN" >/dev/null
fi

sh docker/make-env.sh "$env_file" >/dev/null
port=$(node infra/scripts/free-port.mjs)
{
  echo "PORT=$port"
  echo "APP_IMAGE=$APP_IMAGE"
  echo 'POSTGRES_IMAGE=localhost/stand-in/postgres:15'
  echo 'REDIS_IMAGE=localhost/stand-in/redis:7'
  echo 'PROXY_IMAGE=localhost/stand-in/caddy:2'
  echo 'PROMETHEUS_IMAGE=localhost/stand-in/prometheus:2'
  echo 'OBJECTS_IMAGE=localhost/stand-in/objects:1'
} >>"$env_file"
set -a
# shellcheck disable=SC1090
. "$env_file"
set +a
base=http://127.0.0.1:$port

# What containers get that are started through the socket: see engine.sh.
cat >"$work/containers.conf" <<E2
[containers]
default_ulimits = ["nofile=4096:4096", "nproc=2048:2048"]
[engine]
runtime = "${RUNTIME:-runc}"
cgroup_manager = "${CGROUP_MANAGER:-cgroupfs}"
E2
export CONTAINERS_CONF=$work/containers.conf
socket=$work/podman.sock
podman --log-level panic --runtime "${RUNTIME:-runc}" --cgroup-manager "${CGROUP_MANAGER:-cgroupfs}" system service --time 0 "unix://$socket" &
service_pid=$!
compose() {
  DOCKER_HOST="unix://$socket" COMPOSE_HTTP_TIMEOUT=600 docker-compose --project-name "$project" --env-file "$env_file" "$@"
}
container() { compose ps -q "$1"; }
in_service() {
  local id
  id=$(container "$1")
  shift
  pod exec "$id" "$@"
}

# Where no systemd runs the timers of health checks, this does.
ask_health() {
  local id
  while :; do
    for id in $(pod ps -q --filter "label=com.docker.compose.project=$project"); do
      pod healthcheck run "$id" >/dev/null 2>&1 || true
    done
    sleep 5
  done
}
ask_health &
health_pid=$!

clean_up() {
  kill "$health_pid" 2>/dev/null || true
  if [ "${KEEP:-}" = '' ]; then compose down --volumes --timeout 10 >/dev/null 2>&1 || true; fi
  kill "$service_pid" 2>/dev/null || true
  rm -rf "$work" "$npmrc"
}
trap clean_up EXIT

say 'Start'
for _ in $(seq 100); do
  if [ -S "$socket" ]; then break; fi
  sleep 0.1
done
check 'the file is understood' compose config --quiet
started=$(date +%s)
check 'everything starts, in order and healthy' compose up --detach --no-build
check 'the API answers through the proxy' node infra/scripts/until-ready.mjs "$base/health/ready" 120
echo "        $(($(date +%s) - started)) s from nothing to an answer"
query() { pod exec --env "PGPASSWORD=$POSTGRES_PASSWORD" "$(container "$1")" psql -h 127.0.0.1 -U shelfcast -d shelfcast -Atc "$2"; }
# until_answer SERVICE SQL ANSWER: waits up to two minutes.
until_answer() {
  for _ in $(seq 120); do
    if [ "$(query "$1" "$2" 2>/dev/null)" = "$3" ]; then return; fi
    sleep 1
  done
  return 1
}

say 'Parts'
check 'rules are ones that Prometheus reads' pod run --rm "${run_options[@]}" -v "$PWD/docker/prometheus:/etc/prometheus:ro" \
  --entrypoint promtool localhost/stand-in/prometheus:2 check config /etc/prometheus/prometheus.yml
check 'metrics are not served to clients' equal 404 "$(curl -s -o /dev/null -w '%{http_code}' "$base/metrics")"
check 'an API serves its metrics inside' in_service api-1 node -e "
  fetch('http://127.0.0.1:9464/metrics').then((r) => r.text()).then((t) => process.exit(t.includes('http_request_duration_seconds') ? 0 : 1))"
check 'one address is published' equal "0.0.0.0:$port->8080/tcp" \
  "$(pod ps --filter "label=com.docker.compose.project=$project" --format '{{.Ports}}' | sort -u | grep -v '^$')"
check 'the replica streams' until_answer postgres 'SELECT state FROM pg_stat_replication' streaming
check 'API and workers sign in as users with few rights' equal 'shelfcast_api_user shelfcast_worker_user' \
  "$(query postgres "SELECT string_agg(DISTINCT usename, ' ' ORDER BY usename) FROM pg_stat_activity WHERE usename LIKE 'shelfcast\_%\_user'")"
check 'queues are in database 0 and never evicted' equal noeviction \
  "$(in_service redis redis-cli config get maxmemory-policy | tail -n 1)"

say 'Work'
node infra/scripts/slow-upload.mjs "$base" 0 20000 >"$work/upload" 2>/dev/null
check 'an upload through the proxy is accepted' grep -q '^202 ' "$work/upload"
check 'a worker loads it' until_answer postgres 'SELECT count(*) FROM sales' 20000
check 'a forecast made from it is answered through the proxy' node infra/scripts/first-forecast.mjs "$base"
check 'the replica has the same sales' until_answer postgres-replica 'SELECT count(*) FROM sales' 20000
check 'the cache keeps to its own database, the queues to theirs' equal 'db0 db1' \
  "$(in_service redis redis-cli info keyspace | sed -n 's/^\(db[01]\):.*/\1/p' | xargs)"
pod kill "$(container api-1)" >/dev/null
check 'with one API killed the other answers' node infra/scripts/until-ready.mjs "$base/health/ready" 15
answers=$(for _ in $(seq 20); do curl -s -o /dev/null -w '%{http_code} ' --max-time 15 "$base/health/ready"; done)
check 'twenty requests after that are all answered' equal "$answers" "$(printf '200 %.0s' $(seq 20))"
check 'what was uploaded lies in the object store' in_service worker-1 node --input-type=module -e "
  import { S3Client, ListObjectsV2Command } from '@aws-sdk/client-s3';
  const store = new S3Client({ endpoint: process.env.LAKE_ENDPOINT, forcePathStyle: true });
  const { Contents = [] } = await store.send(new ListObjectsV2Command({ Bucket: 'shelfcast-lake', Prefix: 'raw/sales/' }));
  process.exit(Contents.length > 0 ? 0 : 1)"

say 'Restore to a moment, by infra/runbooks/restore-pitr.md'
check 'a base backup is taken and verified' compose run --rm backup
check 'it is copied into the object store' compose run --rm backup-copy
check 'what is brought back from there is the same' compose run --rm --user 999:999 --entrypoint sh backup-copy -ec \
  'node dist/src/backup.js fetch /tmp/back && diff -r /backups/base /tmp/back/base'
moment=$(query postgres 'SELECT now()')
sleep 2
query postgres 'DELETE FROM sales' >/dev/null
check 'all sales are deleted by mistake' equal 0 "$(query postgres 'SELECT count(*) FROM sales')"
decided=$(date +%s)
compose stop worker-1 worker-2 api-1 api-2 >/dev/null 2>&1
segment=$(query postgres 'SELECT pg_walfile_name(pg_switch_wal())')
check 'the last segment is archived' until_answer postgres "SELECT last_archived_wal >= '$segment' FROM pg_stat_archiver" t
compose stop postgres postgres-replica >/dev/null 2>&1
# shellcheck disable=SC2016 # for the shell inside
check 'the backup and the archive are put beside' compose run --rm --no-deps -e "MOMENT=$moment" --entrypoint sh postgres -ec \
  'mv "$PGDATA" "$PGDATA.damaged"; sh /scripts/restore.sh /backups "$PGDATA" "$MOMENT"'
# shellcheck disable=SC2016
compose run --rm --no-deps --entrypoint sh postgres-replica -ec 'rm -rf "$PGDATA"' >/dev/null 2>&1
compose start postgres >/dev/null 2>&1
check 'the primary takes writes again' until_answer postgres 'SELECT pg_is_in_recovery()' f
query postgres "SELECT pg_create_physical_replication_slot('replica')" >/dev/null
query postgres CHECKPOINT >/dev/null
compose start postgres-replica api-1 api-2 >/dev/null 2>&1
check 'the API answers' node infra/scripts/until-ready.mjs "$base/health/ready" 120
no_more_than 'from the decision to an answer (RTO)' 900 "$(($(date +%s) - decided))" s
check 'the sales are there' equal 20000 "$(query postgres 'SELECT count(*) FROM sales')"
compose start worker-1 worker-2 >/dev/null 2>&1
check 'the replica copies itself and streams' until_answer postgres 'SELECT state FROM pg_stat_replication' streaming

say 'The primary is lost, by infra/runbooks/failover.md'
check 'the replica has everything' until_answer postgres-replica 'SELECT count(*) FROM sales' 20000
decided=$(date +%s)
pod kill "$(container postgres)" >/dev/null
check 'the replica takes writes' equal t "$(query postgres-replica 'SELECT pg_promote(true, 60)')"
export DATABASE_HOST=postgres-replica
compose up --detach --no-build --no-deps api-1 api-2 worker-1 worker-2 >/dev/null 2>&1
check 'the API answers' node infra/scripts/until-ready.mjs "$base/health/ready" 120
no_more_than 'from the loss to an answer (RTO)' 900 "$(($(date +%s) - decided))" s
node infra/scripts/slow-upload.mjs "$base" 0 30000 >"$work/upload" 2>/dev/null
check 'an upload is accepted' grep -q '^202 ' "$work/upload"
check 'a worker loads it' until_answer postgres-replica 'SELECT count(*) FROM sales' 30000

untested 'the images of PostgreSQL 18, Redis 8, Caddy 2.10, SeaweedFS, Prometheus 3 and Grafana: Debian packages stood for them, for SeaweedFS a server of the tests, for Grafana nothing' \
  'certificates of the proxy' 'docker compose v2' "health checks' timers: the script asked instead"
summary
