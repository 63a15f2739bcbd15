#!/usr/bin/env bash
# Installs, builds and runs Lavender: `make serve`. Settings come from the environment and .env; none is needed.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
scripts/setup.sh
scripts/build.sh >&2
export PORT="${PORT:-8080}"
printf '\n  Lavender: http://localhost:%s   (Ctrl-C stops it)\n' "$PORT"
printf '  Hot reload: `. scripts/env.sh`, then `dx serve` (or `make dev`)\n\n'
exec "$release_dir/server"
