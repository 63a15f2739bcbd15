#!/usr/bin/env bash
# Builds dist/: the server and its public/ folder, to be copied anywhere and run as ./lavender.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
scripts/setup.sh
scripts/build.sh >&2
scripts/check-bundle.sh >&2
rm -rf dist
mkdir dist
cp "$release_dir/server" dist/lavender
cp -R "$release_dir/public" dist/public
cp LICENSE dist/
say "dist/ is ready ($(du -sh dist | cut -f1)): PORT=8080 dist/lavender"
