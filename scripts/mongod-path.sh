#!/usr/bin/env bash
# Prints the mongod to test with, version 6 or newer: $MONGOD, PATH, the tools folder. Fails if there is none.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
for candidate in "${MONGOD-}" "$(command -v mongod || true)" "$LAVENDER_TOOLS/bin/mongod"; do
  [ -x "$candidate" ] || continue
  major="$("$candidate" --version 2>/dev/null | sed -n 's/^db version v\([0-9]*\).*/\1/p')" || continue
  if [ "${major:-0}" -ge 6 ]; then
    echo "$candidate"
    exit 0
  fi
done
exit 1
