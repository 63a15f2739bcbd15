#!/usr/bin/env bash
# Runs a command beside a language model (llama-server with SmolLM2-135M: fast, and not clever), and takes it away again.
#
#   scripts/with-model.sh COMMAND...
#
# COMMAND gets
#   TEST_MODEL_URL   the base of its API, on this machine
#   TEST_MODEL_KEY   the key that it asks for
#   TEST_MODEL_NAME  the model's name
# It reads 4,096 tokens, and answers one request at a time.
# shellcheck source=lib.sh
here="$PWD"
. "$(dirname "$0")/lib.sh"
[ $# -gt 0 ] || die "usage: scripts/with-model.sh COMMAND..."

llama="$(scripts/llama-path.sh)" || die "no llama-server to test with"
log="$(mktemp "${TMPDIR:-/tmp}/lavender-model.XXXXXX")"
pid=

stop() {
  if [ -n "$pid" ]; then
    # It holds nothing that is worth a farewell.
    kill -9 "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  fi
  rm -f "$log"
}
trap stop EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

port="$(node scripts/mongo.mjs ports 1)"
key="$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')"
name=smollm2-135m
# One thread: several wait for each other by spinning, and beside a build that is fifteen times slower. The key comes by the
# environment, so that no list of processes shows it.
LLAMA_API_KEY="$key" LD_LIBRARY_PATH="$llama" "$llama/llama-server" --model "$llama/model.gguf" --alias "$name" \
  --host 127.0.0.1 --port "$port" --threads 1 --ctx-size 4096 --parallel 1 --jinja --no-webui --device none \
  >"$log" 2>&1 </dev/null &
pid=$!

ready() {
  node -e '
    const [url, pid] = process.argv.slice(1), end = Date.now() + 60_000;
    const alive = () => { try { return process.kill(pid, 0); } catch { return false; } };
    (async () => {
      while (alive() && Date.now() < end) {
        if ((await fetch(url).catch(() => null))?.ok) process.exit(0);
        await new Promise((done) => setTimeout(done, 50));
      }
      process.exit(1);
    })();' "http://127.0.0.1:$port/health" "$pid"
}
if ! ready; then
  tail -n 10 "$log" >&2
  die "the model's server did not start"
fi

export TEST_MODEL_URL="http://127.0.0.1:$port/v1" TEST_MODEL_KEY="$key" TEST_MODEL_NAME="$name"
cd "$here"
beside "$@"
