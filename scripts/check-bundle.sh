#!/usr/bin/env bash
# Looks at what a browser downloads: nothing of the server may be in it, and it must stay small.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# Bytes, brotli: the wasm that a start waits for (the aim is 600 KiB), and the one after it (docs/decisions/0010-two-files.md).
first_budget=$((690 * 1024))
later_budget=$((700 * 1024))

public="$release_dir/public"
server="$release_dir/server"
mapfile -t wasm < <(find "$public" -name '*.wasm')
[ "${#wasm[@]}" -eq 2 ] || die "expected two wasm files in $public, found ${#wasm[@]}"

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

# Each half has the names of files from its own build: they must be of the same files.
while IFS= read -r name; do
  [ -f "$public/assets/$name" ] || die "the server names $name, which is not in $public/assets: build again"
done < <(grep -aoE '[A-Za-z0-9_-]+-dxh[0-9a-f]+\.(css|js|png|svg|txt|wasm|woff2)' "$server" | sort -u)

# fits WHAT PATTERN BUDGET
fits() {
  local file raw small
  file=$(find "$public/assets" -name "$2")
  [ -f "$file" ] || die "no $2 in $public/assets"
  [ -f "$file.br" ] || die "no ${file##*/}.br"
  raw=$(wc -c <"$file") small=$(wc -c <"$file.br")
  say "bundle: $1 wasm $((raw / 1024)) KiB, brotli $((small / 1024)) KiB of $(($3 / 1024)) KiB"
  [ "$small" -le "$3" ] || die "the $1 wasm is over its budget: 'make split-list' learns anew what a start needs"
}
fits first 'lavender_bg-dxh*.wasm' "$first_budget"
fits second 'later-dxh*.wasm' "$later_budget"
