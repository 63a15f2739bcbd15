#!/usr/bin/env bash
# Makes assets/tailwind.css, which `asset!` wants to see before anything compiles. dx does the same by itself.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
mkdir -p assets
tailwindcss -i input.css -o assets/tailwind.css --minify 2> >(grep -vE '^(Rebuilding|Done in|Browserslist|$)' >&2)
[ -s assets/tailwind.css ] || die "Tailwind wrote an empty assets/tailwind.css"
