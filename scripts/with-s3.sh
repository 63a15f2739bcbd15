#!/usr/bin/env bash
# Runs a command beside a fresh S3 server (SeaweedFS) with a private bucket, and takes the server away again.
#
#   scripts/with-s3.sh COMMAND...
#
# COMMAND gets
#   TEST_S3_ENDPOINT, TEST_S3_BUCKET, TEST_S3_ACCESS_KEY_ID, TEST_S3_SECRET_ACCESS_KEY  a key for that bucket,
#     and for two with -2 and -3 at their ends, for who changes all there is in a bucket
#   TEST_S3_CTL  a program: `stop` (SIGKILL), `start` (and wait until it answers), `pid`
# shellcheck source=lib.sh
here="$PWD"
. "$(dirname "$0")/lib.sh"
[ $# -gt 0 ] || die "usage: scripts/with-s3.sh COMMAND..."

weed="$(scripts/weed-path.sh)" || die "no SeaweedFS (weed): run scripts/setup-test.sh"
dir="$(mktemp -d "${TMPDIR:-/tmp}/lavender-s3.XXXXXX")"
mkdir "$dir/store"
random() { od -An -N16 -tx1 /dev/urandom | tr -d ' \n'; }
owner="$(random)" key="$(random)" secret="$(random)" bucket=lavender

stop() {
  [ -x "$dir/ctl" ] && "$dir/ctl" stop
  rm -rf "$dir"
}
trap stop EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

cat >"$dir/s3.json" <<JSON
{"identities": [
  {"name": "owner", "credentials": [{"accessKey": "owner", "secretKey": "$owner"}], "actions": ["Admin"]},
  {"name": "app", "credentials": [{"accessKey": "$key", "secretKey": "$secret"}],
   "actions": ["Read:$bucket", "Write:$bucket", "List:$bucket", "Read:$bucket-2", "Write:$bucket-2", "List:$bucket-2",
               "Read:$bucket-3", "Write:$bucket-3", "List:$bucket-3"]}
]}
JSON
mapfile -t ports < <(node scripts/mongo.mjs ports 8)
endpoint="http://127.0.0.1:${ports[6]}"

cat >"$dir/ctl" <<CTL
#!/usr/bin/env bash
# Made by with-s3.sh; gone when it ends.
set -euo pipefail
dir='$dir'
pid() { cat "\$dir/pid" 2>/dev/null; }
# Not kill -0: that finds a dead process which nobody has reaped yet.
alive() { tr '\\0' ' ' 2>/dev/null <"/proc/\$(pid)/cmdline" | grep -qF -- "-dir=\$dir/"; }
case "\${1-}" in
  # By SIGTERM it takes half a minute; what it acknowledged survives this.
  stop)
    if alive; then kill -9 "\$(pid)"; fi
    while alive; do sleep 0.02; done ;;
  start)
    alive || {
      # Its own ports of defaults would collide with another one's; without -volume.max a bucket takes all volumes.
      '$weed' -logtostderr=true server -dir="\$dir/store" -ip=127.0.0.1 -ip.bind=127.0.0.1 \\
        -master.port=${ports[0]} -master.port.grpc=${ports[1]} -volume.port=${ports[2]} -volume.port.grpc=${ports[3]} \\
        -filer -filer.port=${ports[4]} -filer.port.grpc=${ports[5]} -s3 -s3.port=${ports[6]} -s3.port.grpc=${ports[7]} \\
        -s3.port.iceberg=0 -s3.port.lance=0 -s3.iam=false -s3.config="\$dir/s3.json" -s3.autoCreateBucket=false \\
        -volume.max=100 -master.volumeSizeLimitMB=256 -master.telemetry=false -metricsPort=0 \\
        >>"\$dir/log" 2>&1 </dev/null &
      echo \$! >"\$dir/pid"
    }
    node '$root/scripts/s3.mjs' ready '$endpoint' ;;
  pid) pid ;;
  *) echo "usage: \$0 stop|start|pid" >&2; exit 2 ;;
esac
CTL
chmod +x "$dir/ctl"

buckets() { S3_KEY=owner S3_SECRET="$owner" node scripts/s3.mjs buckets "$endpoint" "$bucket" "$bucket-2" "$bucket-3"; }
if ! "$dir/ctl" start || ! buckets; then
  grep -v '^I' "$dir/log" | tail -n 10 >&2
  die "the S3 server did not start"
fi

export TEST_S3_ENDPOINT="$endpoint" TEST_S3_BUCKET="$bucket" TEST_S3_CTL="$dir/ctl"
export TEST_S3_ACCESS_KEY_ID="$key" TEST_S3_SECRET_ACCESS_KEY="$secret"
cd "$here"
beside "$@"
