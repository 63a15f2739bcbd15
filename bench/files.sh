#!/usr/bin/env bash
# Measures files up and down on Lavender (embedded store, local folder) beside a plain axum file server, in turns, and how fast
# Lavender takes pictures. Everything stays on 127.0.0.1. See README.md. `make bench-files` installs and builds first.
#
#   files.sh [--repeats N] [--quick]
#
# LAVENDER_BIN and LAVENDER_SEED name a server (with public/ beside it) and a seeding tool that are built already.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../scripts/lib.sh
. "$here/../scripts/lib.sh"
# shellcheck source=lib.sh
. "$here/lib.sh"

repeats=3
secs=${SECS:-4}
while [ $# -gt 0 ]; do
  case $1 in
    --repeats) repeats=$2; shift 2 ;;
    --quick) repeats=1; secs=1; shift ;;
    *) echo "unknown argument: $1" >&2; exit 2 ;;
  esac
done

# Cores: the two servers on one, in turns; the generator on the other. "-" leaves it to Linux.
: "${SERVER_CORE:=0}" "${LOAD_CORE:=1}" "${PORT:=39410}" "${PLAIN_PORT:=39411}"
out=${RESULTS:-$here/results/$(date -u +%Y%m%d-%H%M%S)}
mkdir -p "$run" "$out"
out=$(cd "$out" && pwd)
# All three on one disk.
data=$run/files
rm -rf "$data"
mkdir -p "$data"

pids=()
cleanup() { for p in "${pids[@]:-}"; do [ -n "$p" ] && kill "$p" 2>/dev/null || true; done; wait 2>/dev/null || true; rm -rf "$data"; }
trap cleanup EXIT
trap 'exit 130' INT TERM

build_load
find_lavender

# start_lavender CORE: sets server_pid. A new store each time.
start_lavender() {
  rm -rf "$data/lavender"
  lavender_settings "$data/lavender" "$PORT"
  export LAVENDER_FILE_QUOTA_MB=10000000
  "$seed" --out "$data/fixture.json" --users 16 --set files:8x2
  on "$1" "$lavender" >"$out/lavender.log" 2>&1 &
  server_pid=$!
  pids+=("$server_pid")
  wait_port "$PORT"
}

start_lavender "$SERVER_CORE"
on "$SERVER_CORE" "$plain" --addr "127.0.0.1:$PLAIN_PORT" --folder "$data/plain" >"$out/plain.log" 2>&1 &
plain_pid=$!
pids+=("$plain_pid")
wait_port "$PLAIN_PORT"

cpu=()
[ "$LOAD_CORE" = "-" ] || cpu=(--cpu "$LOAD_CORE")
"$load" files --lavender "127.0.0.1:$PORT" --lavender-pid "$server_pid" --plain "127.0.0.1:$PLAIN_PORT" --plain-pid "$plain_pid" \
  --fixture "$data/fixture.json" --disk "$data/disk" --repeats "$repeats" --secs "$secs" "${cpu[@]}" --out "$out/files.json" \
  | tee "$out/files.md"
kill "$server_pid" "$plain_pid"
wait "$server_pid" "$plain_pid" 2>/dev/null || true

# Two pictures are worked on at once: both cores may do so. The generator has next to nothing to do.
start_lavender -
"$load" pictures --lavender "127.0.0.1:$PORT" --lavender-pid "$server_pid" --fixture "$data/fixture.json" \
  --repeats "$repeats" --secs "$((secs * 2))" --out "$out/pictures.json" | tee -a "$out/files.md"
echo "results in $out" >&2
