#!/usr/bin/env bash
# Runs a command beside a fresh MongoDB replica set, and takes the set away again.
#
#   scripts/with-mongo.sh [--nodes N] COMMAND...
#
# COMMAND gets
#   TEST_MONGODB_URI  the replica set; add a database name per test
#   TEST_MONGODB_CTL  a program: `kill-primary` (SIGKILL; prints its HOST:PORT), `restart` (starts the dead nodes), `pids`
# shellcheck source=lib.sh
here="$PWD"
. "$(dirname "$0")/lib.sh"
nodes=1
if [ "${1-}" = --nodes ]; then
  nodes=$2
  shift 2
fi
[ $# -gt 0 ] || die "usage: scripts/with-mongo.sh [--nodes N] COMMAND..."

mongod="$(scripts/mongod-path.sh)" || die "no mongod 6 or newer: run scripts/setup-test.sh"
dir="$(mktemp -d "${TMPDIR:-/tmp}/lavender-mongo.XXXXXX")"

# A pid file may outlive its process: kill only what still is a mongod of this folder.
ours() { tr '\0' ' ' 2>/dev/null <"/proc/$1/cmdline" | grep -qF -- "--dbpath $dir/"; }
stop() {
  local file pid
  for file in "$dir"/*.pid; do
    [ -f "$file" ] || continue
    pid="$(cat "$file")"
    if ours "$pid"; then kill -9 "$pid" 2>/dev/null || true; fi
  done
  for file in "$dir"/*.pid; do
    [ -f "$file" ] || continue
    pid="$(cat "$file")"
    while ours "$pid" 2>/dev/null; do sleep 0.05; done
  done
  rm -rf "$dir"
}
trap stop EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

mapfile -t ports < <(node scripts/mongo.mjs ports "$nodes")
hosts=()
for port in "${ports[@]}"; do hosts+=("127.0.0.1:$port"); done

cat >"$dir/ctl" <<CTL
#!/usr/bin/env bash
# Made by with-mongo.sh; gone when it ends.
set -euo pipefail
dir='$dir' mongod='$mongod' hosts='${hosts[*]}'
export LAVENDER_NPM='$LAVENDER_NPM'
# Not kill -0: that finds a dead process which nobody has reaped yet.
alive() { tr '\\0' ' ' 2>/dev/null <"/proc/\$(cat "\$dir/\$1.pid" 2>/dev/null)/cmdline" | grep -qF -- "--dbpath \$dir/"; }
# Every test has a database, and a dropped one's files stay open until the snapshot window (300 s) has passed and a sweep
# comes by: a few hundred tests in, mongod is out of descriptors and ends itself. So: no window, and checkpoints and sweeps more
# often.
start() {
  mkdir -p "\$dir/\$1"
  "\$mongod" --replSet rs0 --bind_ip 127.0.0.1 --port "\$1" --dbpath "\$dir/\$1" --logpath "\$dir/\$1.log" --logappend \\
    --wiredTigerCacheSizeGB 0.25 --setParameter minSnapshotHistoryWindowInSeconds=0 \\
    --wiredTigerEngineConfigString 'file_manager=(close_handle_minimum=500,close_idle_time=10,close_scan_interval=2)' \\
    --syncdelay 15 --oplogSize 128 --noscripting --nounixsocket --quiet \\
    --setParameter diagnosticDataCollectionEnabled=false >/dev/null 2>&1 </dev/null &
  echo \$! >"\$dir/\$1.pid"
}
case "\${1-}" in
  restart) for host in \$hosts; do alive "\${host#*:}" || start "\${host#*:}"; done ;;
  kill-primary)
    host="\$(node '$root/scripts/mongo.mjs' primary \$hosts)"
    kill -9 "\$(cat "\$dir/\${host#*:}.pid")"
    while alive "\${host#*:}"; do sleep 0.01; done
    echo "\$host" ;;
  pids) cat "\$dir"/*.pid ;;
  *) echo "usage: \$0 kill-primary|restart|pids" >&2; exit 2 ;;
esac
CTL
chmod +x "$dir/ctl"

"$dir/ctl" restart
if ! node scripts/mongo.mjs initiate "${hosts[@]}"; then
  tail -n 5 "$dir"/*.log >&2
  die "the MongoDB replica set did not start"
fi

TEST_MONGODB_URI="mongodb://$(IFS=,; echo "${hosts[*]}")/?replicaSet=rs0"
export TEST_MONGODB_URI TEST_MONGODB_CTL="$dir/ctl"
cd "$here"
status=0
beside "$@" || status=$?
# A node that ended by itself says why in a log that goes with the folder.
if [ $status -ne 0 ]; then
  for port in "${ports[@]}"; do
    if [ -f "$dir/$port.pid" ] && ! ours "$(cat "$dir/$port.pid")"; then
      say "mongod on $port is gone; the last errors of its log:"
      grep -E '"s":"[EF]"' "$dir/$port.log" | tail -n 3 | cut -c1-600 >&2 || true
    fi
  done
fi
exit $status
