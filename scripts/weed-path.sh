#!/usr/bin/env bash
# Prints the SeaweedFS to test with: $WEED, PATH, the tools folder. Fails if there is none.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
for candidate in "${WEED-}" "$(command -v weed || true)" "$LAVENDER_TOOLS/bin/weed"; do
  [ -x "$candidate" ] || continue
  if "$candidate" version 2>/dev/null | grep -q '^version'; then
    echo "$candidate"
    exit 0
  fi
done
exit 1
