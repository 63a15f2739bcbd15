#!/usr/bin/env bash
# Measures Lavender, the Socket.IO peer and the bare limit servers with the same scenarios, and writes the medians.
# Everything stays on 127.0.0.1. See README.md. `make bench` installs and builds first.
#
#   run.sh [--repeats N] [--servers "lavender peer axum"] [--scenarios "connect connect-sync dm team big"] [--quick]
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../scripts/lib.sh
. "$here/../scripts/lib.sh"
# shellcheck source=lib.sh
. "$here/lib.sh"

repeats=1
servers="lavender peer axum"
only=" connect connect-sync dm team big "
quick=0
while [ $# -gt 0 ]; do
  case $1 in
    --repeats) repeats=$2; shift 2 ;;
    --servers) servers=$2; shift 2 ;;
    --scenarios) only=" $2 "; shift 2 ;;
    --quick) quick=1; repeats=1; shift ;;
    *) echo "unknown argument: $1" >&2; exit 2 ;;
  esac
done

# Cores: the server alone on one, the generator and the database on the other. "-" leaves it to Linux.
: "${SERVER_CORE:=0}" "${LOAD_CORE:=1}" "${DB_CORE:=1}"
# How busy other processes may be (per cent of one core), and how long to wait for that (seconds).
: "${CALM_PCT:=12}" "${CALM_WAIT:=900}" "${RETRIES:=2}"
: "${PORT:=39410}" "${DB_PORT:=39417}" "${REDIS_PORT:=39418}"
out=${RESULTS:-$here/results/$(date -u +%Y%m%d-%H%M%S)}
mkdir -p "$run" "$out"
out=$(cd "$out" && pwd)
peer=$run/socketio-peer
ulimit -n "$(ulimit -Hn)"

pids=()
server_pids=()
load_pid=""
cleanup() { for p in "$load_pid" "${server_pids[@]:-}" "${pids[@]:-}"; do [ -n "$p" ] && kill "$p" 2>/dev/null || true; done; wait 2>/dev/null || true; }
trap cleanup EXIT
trap 'exit 130' INT TERM

# --- tools -------------------------------------------------------------------
build_load
if [[ " $servers " = *" peer"* || " $servers " = *" lavender "* ]]; then
  # The peer's modules stay outside the clone; Lavender needs its script that starts a replica set.
  mkdir -p "$peer"
  cp -R "$here/socketio-peer/." "$peer/"
  if ! cmp -s "$peer/package-lock.json" "$peer/.installed"; then
    (cd "$peer" && npm ci --no-audit --no-fund --loglevel=error)
    cp "$peer/package-lock.json" "$peer/.installed"
  fi
fi
mongod="$(scripts/mongod-path.sh)"
if [[ " $servers " = *" lavender"* ]]; then find_lavender; fi

# --- calm --------------------------------------------------------------------
busy_pct() { # per cent of one core that is busy over three seconds
  local a b
  a=$(awk '/^cpu /{print $2+$3+$4+$7+$8}' /proc/stat); sleep 3
  b=$(awk '/^cpu /{print $2+$3+$4+$7+$8}' /proc/stat)
  echo $(((b - a) * 100 / 3 / $(getconf CLK_TCK)))
}
calm() {
  local end=$((SECONDS + CALM_WAIT)) b
  while :; do
    b=$(busy_pct)
    [ "$b" -le "$CALM_PCT" ] && return 0
    [ "$SECONDS" -ge "$end" ] && { echo "not calm after ${CALM_WAIT}s ($b%): measuring all the same" >&2; return 0; }
    sleep 5
  done
}

# --- services ----------------------------------------------------------------
db_pid=""
start_db() {
  [ -n "$db_pid" ] && return 0
  rm -rf "$run/db"; mkdir -p "$run/db"
  on "$DB_CORE" "$mongod" --dbpath "$run/db" --port "$DB_PORT" --bind_ip 127.0.0.1 --nounixsocket --replSet rs0 \
    --wiredTigerCacheSizeGB 2 --setParameter diagnosticDataCollectionEnabled=false --logpath "$run/mongod.log" >/dev/null &
  db_pid=$!; pids+=("$db_pid")
  wait_port "$DB_PORT"
  (cd "$peer" && node src/initrs.js "127.0.0.1:$DB_PORT")
}
redis_pid=""
start_redis() {
  [ -n "$redis_pid" ] && return 0
  on "$DB_CORE" redis-server --port "$REDIS_PORT" --bind 127.0.0.1 --save '' --appendonly no --dir "$run" >"$run/redis.log" &
  redis_pid=$!; pids+=("$redis_pid")
  wait_port "$REDIS_PORT"
}

sets=(--set dm:500x2 --set team:50x20 --set crowd:250x20 --set big:1x1000)

# start_server NAME: sets adapter, fixture, server_pids.
start_server() {
  local name=$1 core=$SERVER_CORE
  server_pids=()
  case $name in
    lavender | lavender-sqlite)
      adapter=lavender; fixture=$run/$name.json
      rm -rf "$run/data" "$fixture"
      lavender_settings "$run/data" "$PORT"
      if [ "$name" = lavender ]; then
        start_db
        # A new database each time: nothing of an earlier run is in it.
        export MONGODB_URI="mongodb://127.0.0.1:$DB_PORT/lavender_$(date +%s)?replicaSet=rs0"
      fi
      "$seed" --out "$fixture" --users 5000 "${sets[@]}" --history 100
      on "$core" "$lavender" >"$run/$name.log" 2>&1 &
      ;;
    peer*)
      start_db
      export HOST=127.0.0.1 PORT DB_NAME=bench LOG_LEVEL=error
      export MONGODB_URI="mongodb://127.0.0.1:$DB_PORT/?replicaSet=rs0"
      [ -s "$run/jwt" ] || (umask 077; head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n' >"$run/jwt")
      JWT_SECRET=$(cat "$run/jwt"); export JWT_SECRET
      export SEND_RATE=100000:100000 TYPING_RATE=100000:100000 JOIN_RATE=100000:100000 LOGIN_RATE=1000000:1000000
      export WRITE_CONCERN=majority BATCH_WRITES=0 WORKERS=1
      unset REDIS_URL
      adapter=socketio; fixture=$run/peer.json
      (cd "$peer" && SEED_DROP=1 node src/seed.js --out "$fixture" --users 5000 "${sets[@]}" --history 100 >/dev/null)
      case $name in
        peer) ;;
        peer-w1) export WRITE_CONCERN=1 ;;
        peer-batch) export BATCH_WRITES=1 ;;
        peer-unpinned) core=- ;;
        peer-cluster2) start_redis; export WORKERS=2 REDIS_URL="redis://127.0.0.1:$REDIS_PORT"; core=- ;;
        *) echo "unknown server $name" >&2; exit 2 ;;
      esac
      (cd "$peer" && on "$core" node --max-semi-space-size=32 src/index.js) >"$run/$name.log" 2>&1 &
      ;;
    raw | raw-flush | tungstenite | axum | axum-bigbuf)
      adapter=bare; fixture=$run/bare.json
      "$load" fixture --out "$fixture" --users 5000 "${sets[@]}"
      local args=(--kind "${name%%-*}")
      [ "$name" = raw-flush ] && args+=(--flush-us 2000)
      [ "$name" = axum-bigbuf ] && args+=(--read-buffer 131072)
      on "$core" "$limit" "${args[@]}" --addr "127.0.0.1:$PORT" >"$run/$name.log" 2>&1 &
      ;;
    *) echo "unknown server $name" >&2; exit 2 ;;
  esac
  local top=$!
  wait_port "$PORT"
  sleep 1
  # The process itself, and its workers when it has some.
  server_pids=("$top")
  local kids; kids=$(pgrep -P "$top" || true)
  local k; for k in $kids; do server_pids+=("$k"); done
}
stop_server() {
  local p
  for p in "${server_pids[@]:-}"; do kill "$p" 2>/dev/null || true; done
  wait "${server_pids[0]}" 2>/dev/null || true
  server_pids=()
  sleep 1
}

# scenario NAME: its arguments.
scenario_args() {
  local s=$1 n=5000 secs=${SECS:-5} steps=${STEPS:-14}
  [ "$quick" = 1 ] && n=1000 secs=2 steps=5
  case $s in
    connect | connect-sync) echo "connect --n $n --concurrency 64 --hold-s 5" ;;
    dm) echo "rooms --set dm --rate 250 --sweep --factor 1.6 --secs $secs --max-steps $steps" ;;
    team) echo "rooms --set team --rate 100 --sweep --factor 1.6 --secs $secs --max-steps $steps" ;;
    big) echo "rooms --set big --rate 5 --sweep --factor 1.6 --secs $secs --max-steps $steps" ;;
    typing) echo "typing --set team --rate 200 --sweep --factor 1.6 --secs $secs --max-steps $steps" ;;
    login) echo "login --connections 16 --secs 8" ;;
    login-chat) echo "login --connections 16 --secs 8 --set team --chat-rate 100" ;;
    history) echo "history --set team --connections 32 --secs 8" ;;
    history-rate) echo "history --set team --connections 32 --secs 8 --rate 200" ;;
    reconnect) echo "reconnect --set team --missed 5" ;;
    reconnect-crowd) echo "reconnect --set crowd --missed 5 --most-s 90" ;;
    *) echo "unknown scenario $s" >&2; exit 2 ;;
  esac
}

scenarios_of() {
  case $1 in
    lavender*) echo "connect connect-sync dm team big typing history history-rate" ;;
    peer) echo "connect dm team big typing history history-rate login login-chat reconnect reconnect-crowd" ;;
    peer-w1 | peer-batch) echo "dm team" ;;
    peer-unpinned) echo "connect dm team big login login-chat history reconnect" ;;
    peer-cluster2) echo "connect dm team big reconnect" ;;
    axum) echo "connect dm team big typing history history-rate login login-chat reconnect reconnect-crowd" ;;
    axum-bigbuf) echo "connect" ;;
    raw-flush) echo "dm team big" ;;
    *) echo "connect dm team big typing reconnect reconnect-crowd" ;;
  esac
}

one() { # SERVER SCENARIO REPEAT
  local server=$1 s=$2 n=$3 try file args=() p speaks=$adapter
  # Authenticated only, as the others' connections; `connect-sync` counts the catch-up too.
  if [ "$adapter/$s" = lavender/connect ]; then speaks=lavender-auth; fi
  for p in "${server_pids[@]}"; do args+=(--server-pid "$p"); done
  [ -n "$db_pid" ] && args+=(--db-pid "$db_pid")
  [ -n "$redis_pid" ] && args+=(--db-pid "$redis_pid")
  [ "$LOAD_CORE" != "-" ] && args+=(--cpu "$LOAD_CORE")
  file=$out/$server.$s.$n.json
  [ -s "$file" ] && return 0 # a run that was interrupted goes on where it was
  for try in $(seq 0 "$RETRIES"); do
    calm
    echo "== $server / $s, run $n" >&2
    # shellcheck disable=SC2046
    timeout 600 "$load" run --adapter "$speaks" --addr "127.0.0.1:$PORT" --fixture "$fixture" --name "$server" \
      --label "$s" --out "$file.part" "${args[@]}" $(scenario_args "$s") &
    load_pid=$! # in the background, so that a signal to this script is not kept waiting
    if ! wait "$load_pid"; then
      load_pid=""
      echo "failed: $server / $s" >&2
      return 0
    fi
    load_pid=""
    local noise
    noise=$(node -p 'const r=JSON.parse(require("fs").readFileSync(process.argv[1])).outcome.result; Math.round(r.foreign_cpu_pct_max ?? r.foreign_cpu_pct ?? 0)' "$file.part")
    if [ "$noise" -le $((CALM_PCT * 2)) ] || [ "$try" = "$RETRIES" ]; then mv "$file.part" "$file"; return 0; fi
    echo "other processes used $noise% of a core meanwhile: once more" >&2
    mv "$file.part" "$file.noisy$try"
  done
}

for n in $(seq "$repeats"); do
  for server in $servers; do
    list=""
    for s in $(scenarios_of "$server"); do
      [ -z "$only" ] || [[ $only == *" $s "* ]] || continue
      [ -s "$out/$server.$s.$n.json" ] || list="$list $s"
    done
    [ -n "$list" ] || continue
    start_server "$server"
    for s in $list; do one "$server" "$s" "$n"; done
    stop_server
  done
done

"$load" summarize "$out" | tee "$out/summary.md"
echo "results in $out" >&2
