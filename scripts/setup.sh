#!/usr/bin/env bash
# Installs what building needs and this machine lacks. Nothing to do: well under a second. May be run again at any time.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
dx_version=0.7.10

has cargo || die "Rust is missing: install it with rustup (https://rustup.rs), then run this again"
has cc || apt_install "a C compiler" build-essential

mkdir -p "$LAVENDER_TOOLS/bin"
# Two terminals may set up at once.
if has flock; then exec 9>"$LAVENDER_TOOLS/.lock" && flock 9; fi

"$root/scripts/setup-wasm.sh"
. "$root/scripts/env.sh"

# The version a tool in PATH reports, or nothing.
version_of() { "$1" --version 2>/dev/null | grep -oE '[0-9]+\.[0-9]+\.[0-9]+' | head -n 1 || true; }

if [ "$(version_of dx)" != "$dx_version" ]; then
  if has cargo-binstall; then
    say "setup: fetching dx $dx_version"
    timeout 300 cargo binstall --no-confirm --root "$LAVENDER_TOOLS" --disable-strategies compile \
      "dioxus-cli@$dx_version" >/dev/null 2>&1 || true
    hash -r
  fi
  if [ "$(version_of dx)" != "$dx_version" ]; then
    say "setup: building dx $dx_version (8 to 10 minutes on 2 cores, once)"
    cargo_tool dioxus-cli --version "$dx_version" --locked
  fi
fi

# wasm-bindgen must be of the version the crate was compiled with. Not --locked: its lock file may name versions that
# a registry mirror does not have yet.
bindgen_version="$(sed -n '/^name = "wasm-bindgen"$/{n;s/.*"\(.*\)"/\1/p;}' Cargo.lock)"
if [ -n "$bindgen_version" ] && [ "$(version_of wasm-bindgen)" != "$bindgen_version" ]; then
  say "setup: building wasm-bindgen $bindgen_version (about 2 minutes, once)"
  cargo_tool wasm-bindgen-cli --version "$bindgen_version"
fi

if ! has node || ! has npm; then apt_install "Node.js" nodejs npm; fi
[ "$(node -p 'process.versions.node.split(".")[0]')" -ge 18 ] || die "Node.js 18 or newer is needed, this is $(node --version)"

# Tailwind, esbuild, wasm-opt; and for the tests Playwright, axe and a MongoDB driver.
if ! cmp -s scripts/npm/package-lock.json "$LAVENDER_NPM/installed.json"; then
  say "setup: installing the npm tools"
  mkdir -p "$LAVENDER_NPM"
  rm -f "$LAVENDER_NPM/installed.json"
  cp scripts/npm/package.json scripts/npm/package-lock.json scripts/npm/.npmrc "$LAVENDER_NPM/"
  (cd "$LAVENDER_NPM" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2)
  cp scripts/npm/package-lock.json "$LAVENDER_NPM/installed.json"
fi
