#!/usr/bin/env bash
# Runs the processes of compose.production.yml without containers, with the same files and settings: PostgreSQL, schema,
# server, set-up, UI, both workers by role, Prometheus; then a job of each kind through the simulator. In a network of its
# own, where the names of the services lead to this machine. Needs root, `npm run build`, Debian's postgresql and
# prometheus, and in PROGRAMS temporal-server and temporal-sql-tool (`go install go.temporal.io/server/cmd/server@v1.32.1`
# and `…/cmd/tools/sql@v1.32.1`, renamed), temporal, and temporal-ui if it is to run too. docs/production.md has what it said.
set -euo pipefail
cd "$(dirname "$0")/.."
: "${PROGRAMS:?a folder with temporal-server, temporal-sql-tool and temporal}"
if [[ ${1-} != inside ]]; then exec unshare --net --mount "$0" inside; fi

export PATH="$PROGRAMS:$PATH"
work=$(mktemp -d)
chmod 755 "$work"
pids=()
cleanup() {
  for ((index = ${#pids[@]} - 1; index >= 0; index--)); do
    kill "${pids[index]}" 2>/dev/null || true
    wait "${pids[index]}" 2>/dev/null || true
  done
  # Last, since the server needs it; the shell's child is runuser, which passes no signal on.
  if [[ -f $work/database/postmaster.pid ]]; then kill -INT "$(head -n 1 "$work/database/postmaster.pid")" && wait; fi
  if [[ -n ${KEEP_LOGS-} ]]; then cp "$work"/*.log "$KEEP_LOGS"; fi
  rm -rf "$work"
}
trap cleanup EXIT
start() {
  local name=$1
  shift
  "$@" >"$work/$name.log" 2>&1 &
  pids+=($!)
}
until_ok() {
  local what=$1 tries=0
  shift
  until "$@" >/dev/null 2>&1; do
    tries=$((tries + 1))
    if [[ $tries -ge 120 ]]; then
      echo "waited in vain until $what" >&2
      tail -n 20 "$work"/*.log >&2
      exit 1
    fi
    sleep 1
  done
  echo "ok: $what"
}

ip link set lo up
for last in 11 12; do ip address add "127.0.0.$last/32" dev lo; done
{
  echo '127.0.0.1 localhost postgresql temporal prometheus'
  echo '127.0.0.11 worker-jobs'
  echo '127.0.0.12 worker-transfers'
} >"$work/hosts"
mount --bind "$work/hosts" /etc/hosts

# As the image of PostgreSQL does it.
postgres=$(ls -d /usr/lib/postgresql/*/bin | tail -n 1)
install -d -o postgres "$work/database"
export POSTGRES_SEEDS=postgresql POSTGRES_USER=temporal POSTGRES_PWD=tried-locally
install -o postgres -m 600 <(echo "$POSTGRES_PWD") "$work/password"
runuser -u postgres -- "$postgres/initdb" --auth=scram-sha-256 --username=temporal --pwfile="$work/password" \
  --pgdata="$work/database" >"$work/initdb.log"
runuser -u postgres -- "$postgres/postgres" -D "$work/database" -k "$work/database" >"$work/postgresql.log" 2>&1 &
until_ok 'PostgreSQL answers' "$postgres/pg_isready" --host=postgresql --username=temporal
"$postgres/postgres" --version

deploy/compose/temporal-schema.sh >"$work/schema.log" 2>&1
deploy/compose/temporal-schema.sh >"$work/schema-again.log" 2>&1
echo 'ok: the schema is there, and a second run leaves it as it is'

export TEMPORAL_ADDRESS=temporal:7233 TEMPORAL_NAMESPACE=default
start temporal env DB=postgres12 NUM_HISTORY_SHARDS=512 LOG_LEVEL=warn PROMETHEUS_ENDPOINT=0.0.0.0:8000 \
  DYNAMIC_CONFIG_FILE_PATH="$PWD/deploy/compose/dynamic-config.yaml" BIND_ON_IP=127.0.0.1 temporal-server start
until_ok 'the server answers' temporal operator cluster health
temporal-server --version
deploy/compose/temporal-setup.sh
deploy/compose/temporal-setup.sh
temporal operator search-attribute list | grep Provider

if command -v temporal-ui >/dev/null; then
  # The server's program reads a file where its image reads variables.
  printf 'temporalGrpcAddress: temporal:7233\nport: 8233\n' >"$work/ui.yaml"
  start ui temporal-ui --root "$work" --config . --env ui start
  until_ok 'the Web UI knows the namespace' bash -c 'curl -sf http://localhost:8233/api/v1/namespaces/default'
fi

export SOKET_BASE_URL=http://127.0.0.1:4010/soket/transcribe TWELVELABS_BASE_URL=http://127.0.0.1:4010/twelvelabs/v1.3
export TIRO_BASE_URL=http://127.0.0.1:4010/tiro SLNG_BASE_URL=http://127.0.0.1:4010/slng
export SOKET_API_KEY=simulated TWELVELABS_API_KEY=simulated TIRO_API_KEY=simulated.simulated SLNG_API_KEY=simulated
export PROVIDER_JOBS_RESULTS="$work/results" PROVIDER_JOBS_SHUTDOWN_GRACE=75s PROVIDER_JOBS_TIME_SCALE=10
start simulator node dist/cli/main.js simulator --port 4010
until_ok 'the simulator answers' curl -sf http://127.0.0.1:4010/_simulator/health
# On one machine the two need ports of their own; in containers both have 8080.
worker() {
  local name=$1 address=$2 port=$3
  start "$name" env PROVIDER_JOBS_METRICS="$address:9464" PROVIDER_JOBS_HEALTH_PORT="$port" node dist/cli/main.js worker \
    --roles "$(sed -n "/^  $name:/,/^\$/s/.*'--roles', '\(.*\)'.*/\1/p" compose.production.yml)"
}
worker worker-jobs 127.0.0.11 8081
worker worker-transfers 127.0.0.12 8082
until_ok 'the worker of jobs is ready' curl -sf http://127.0.0.1:8081/readyz
until_ok 'the worker of transfers is ready' curl -sf http://127.0.0.1:8082/readyz
start prometheus prometheus --config.file=deploy/prometheus/prometheus.yml --storage.tsdb.path="$work/prometheus"
until_ok 'Prometheus is ready' curl -sf http://prometheus:9090/-/ready
prometheus --version 2>&1 | head -n 1

node dist/cli/main.js pipeline examples/media/clip.mp4 --key tried --steps soket,twelvelabs,tiro,slng | tail -n 30
node dist/cli/main.js list
ask() { curl -sf http://prometheus:9090/api/v1/query --data-urlencode "query=$1"; }
until_ok 'Prometheus reaches both workers and the server' bash -c \
  "curl -sf http://prometheus:9090/api/v1/query --data-urlencode 'query=sum(up)' | grep -q '\"3\"'"
until_ok 'Prometheus counts four jobs' bash -c \
  "curl -sf http://prometheus:9090/api/v1/query --data-urlencode 'query=sum(provider_jobs_ended_total)' | grep -q '\"4\"'"
ask 'sum by (job, instance) (up)'
echo
curl -sf http://prometheus:9090/api/v1/rules | grep -o '"name":"ProviderJobs[A-Za-z]*"' | wc -l | sed 's/$/ alert rules are loaded/'

SECONDS=0
kill "${pids[-2]}" "${pids[-3]}"
wait "${pids[-2]}" "${pids[-3]}" && echo "ok: both workers drained and ended with 0 after $SECONDS s"
