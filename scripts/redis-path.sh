#!/usr/bin/env bash
# Prints a Redis server to test with: $REDIS, PATH, or the one inside Debian's redis-tools, whose checking tool is the server under
# another name and comes without a service. Fails if there is none.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for candidate in "${REDIS-}" "$(command -v redis-server || true)" "$(command -v valkey-server || true)" /usr/bin/redis-check-rdb; do
  [ -x "$candidate" ] || continue
  ln -sf "$(readlink -f "$candidate")" "$work/redis-server"
  if "$work/redis-server" --version 2>/dev/null | grep -qE 'v=([6-9]|[1-9][0-9])\.'; then
    readlink -f "$candidate"
    exit 0
  fi
done
exit 1
