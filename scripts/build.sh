#!/usr/bin/env bash
# The release build: $CARGO_TARGET_DIR/dx/lavender/release/web/{server,public/}.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# dx keeps the hashed files of earlier builds.
rm -rf "${release_dir:?}/public"
own_target
scripts/css.sh
dx build --web --fullstack --release --debug-symbols false
[ -x "$release_dir/server" ] || die "dx left no server in $release_dir"
[ -n "$(find "$release_dir/public" -name '*.wasm' 2>/dev/null)" ] || die "dx left no wasm in $release_dir/public"
