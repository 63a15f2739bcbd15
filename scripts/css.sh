#!/usr/bin/env bash
# Makes assets/tailwind.css, which `asset!` wants to see before anything compiles. dx does the same by itself, beside everything else
# it does: were its file another one than this, the server could get the name of the one and the page the other. Tailwind
# leaves alone a file that is as it would write it.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
mkdir -p assets
tailwindcss -i input.css -o assets/tailwind.css 2> >(grep -vE '^(Rebuilding|Done in|Browserslist|$)' >&2)
[ -s assets/tailwind.css ] || die "Tailwind wrote an empty assets/tailwind.css"
