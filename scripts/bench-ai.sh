#!/usr/bin/env bash
# Measures what a language model behind the assistant costs, with a scripted one and with a small real one: `make bench-ai`. Three
# minutes after the build. LAVENDER_BIN names a server (with public/ beside it) that is built already.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
[ -n "${LAVENDER_BIN-}" ] || scripts/build.sh >&2
# The switch is for Node before 22; later ones take it, too.
LAVENDER_BIN="${LAVENDER_BIN:-$release_dir/server}" exec scripts/with-model.sh node --no-warnings --experimental-websocket bench/ai.mjs
