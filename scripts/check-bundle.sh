#!/usr/bin/env bash
# Looks at what a browser downloads: nothing of the server may be in it, and it must stay small.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
wasm_budget=$((1150 * 1024)) # bytes, brotli. The aim is 600 KiB: what is not needed at once has to be split off (docs/performance.md)

public="$release_dir/public"
server="$release_dir/server"
mapfile -t wasm < <(find "$public" -name '*.wasm')
[ "${#wasm[@]}" -eq 1 ] || die "expected one wasm file in $public, found ${#wasm[@]}"

# Strings that only the server's half of the crate holds.
needles=('mongodb://' 'mongodb+srv' 'MONGODB_URI' 'argon2id' 'LAVENDER_' 'replSetInitiate' 'CREATE TABLE' 'sqlite3_' 'PRIVATE KEY'
  'insertMany' 'src/server/')
bad=0
for needle in "${needles[@]}"; do
  while IFS= read -r file; do
    say "bundle: \"$needle\" is in ${file#"$public"/}"
    bad=1
  done < <(grep -rlaF --include='*.wasm' --include='*.js' --include='*.html' --include='*.json' -- "$needle" "$public" || true)
done
[ "$bad" = 0 ] || die "something of the server reaches the browser"
# The check itself must be able to find something.
grep -qaF 'MONGODB_URI' "$server" || die "MONGODB_URI is not even in the server: check-bundle.sh looks for the wrong strings"

raw=$(wc -c <"${wasm[0]}")
if [ -f "${wasm[0]}.br" ]; then small=$(wc -c <"${wasm[0]}.br"); else die "no ${wasm[0]##*/}.br: is pre_compress on in Dioxus.toml?"; fi
say "bundle: wasm $((raw / 1024)) KiB, brotli $((small / 1024)) KiB of $((wasm_budget / 1024)) KiB"
[ "$small" -le "$wasm_budget" ] || die "the wasm is over its budget"
