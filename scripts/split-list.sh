#!/usr/bin/env bash
# Learns anew what of the wasm a start needs, and writes the list of the rest, scripts/split/later.txt: `make split-list`.
# Worth it when the first file grew, or when a test says that a start waits for the second.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
scripts/setup.sh
scripts/setup-test.sh
# shellcheck source=env.sh
. scripts/env.sh
WHOLE=1 scripts/build.sh
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -R "$release_dir/public" "$work/public"
cp "$release_dir/server" "$work/server"
wasm=$(find "$work/public/assets" -name 'lavender_bg-dxh*.wasm')
script=$(find "$work/public/assets" -name 'lavender-dxh*.js')
cp "$wasm" "$work/whole.wasm"
find "$work/public" -name '*.br' -delete
"$LAVENDER_SPLIT" trace "$work/whole.wasm" "$wasm"
cat scripts/split/ran.js "$script" >"$work/script.js"
mv "$work/script.js" "$script"
CHROMIUM="$(scripts/chromium-path.sh)" LAVENDER_BIN="$work/server" node scripts/split-list.mjs "$work/ran"
{
  printf '# Made by `make split-list`: names of functions that no start runs. They are in the second wasm file.\n'
  "$LAVENDER_SPLIT" learn "$work/whole.wasm" "$work/ran"
} >"$work/list"
mv "$work/list" scripts/split/later.txt
say "$(wc -l <scripts/split/later.txt) lines in scripts/split/later.txt; now: scripts/build.sh && scripts/check-bundle.sh"
