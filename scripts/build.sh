#!/usr/bin/env bash
# The release build: $CARGO_TARGET_DIR/dx/lavender/release/web/{server,public/}.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# dx keeps the hashed files of earlier builds.
rm -rf "${release_dir:?}/public"
own_target
scripts/css.sh
split_tool
# The names of functions are needed to split the wasm, which then drops them; v0 names say all types. Where the crates lie on
# this machine is nobody's business.
export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS="-C symbol-mangling-version=v0 --remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}/registry/src=crates"
PATH="$root/scripts/keep-names:$PATH" dx build --web --fullstack --release --debug-symbols false --keep-names
[ -x "$release_dir/server" ] || die "dx left no server in $release_dir"
[ -n "$(find "$release_dir/public" -name '*.wasm' 2>/dev/null)" ] || die "dx left no wasm in $release_dir/public"
# WHOLE=1 leaves it in one file.
[ -n "${WHOLE-}" ] || node scripts/split.mjs "$release_dir/public" "$LAVENDER_SPLIT"
