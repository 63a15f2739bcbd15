# Shared by run.sh and files.sh; after scripts/lib.sh.
# shellcheck shell=bash

run=$LAVENDER_CACHE/bench
load=$run/target/release/chatload
limit=$run/target/release/limit
plain=$run/target/release/plain
lavender=${LAVENDER_BIN:-$release_dir/server}
seed=${LAVENDER_SEED:-}

# on CORE command...: becomes the command, so that $! is its process id.
on() { local core=$1; shift; if [ "$core" = "-" ]; then exec "$@"; else exec taskset -c "$core" "$@"; fi; }

wait_port() {
  for _ in $(seq 300); do
    if (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; then return 0; fi
    sleep 0.1
  done
  echo "nothing listens on port $1" >&2
  return 1
}

build_load() { CARGO_TARGET_DIR="$run/target" cargo build --release --locked --quiet --manifest-path "$root/bench/chatload/Cargo.toml"; }

# The release build has to be there; the tool that fills its store is built unless LAVENDER_SEED names one.
find_lavender() {
  [ -x "$lavender" ] || die "no release build: run scripts/build.sh"
  [ -z "$seed" ] || return 0
  seed_tool
}

# Where the embedded store, the server and the seed are told the same: lavender_settings FOLDER PORT.
lavender_settings() {
  export LAVENDER_DATA=$1 LAVENDER_URL=http://127.0.0.1:$2 LAVENDER_LIMIT_SCALE=100000 LAVENDER_LOG=warn
  export IP=127.0.0.1 PORT=$2
  unset MONGODB_URI
}
