#!/usr/bin/env bash
# Measures the first paint of the release build (scripts/build.sh makes it).
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
CHROMIUM="$(scripts/chromium-path.sh)" LAVENDER_BIN="${LAVENDER_BIN:-$release_dir/server}" exec node bench/first-paint.mjs
