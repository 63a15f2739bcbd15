#!/usr/bin/env bash
# Measures files up and down beside a plain file server, and pictures: `make bench-files`; arguments as of bench/files.sh.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
scripts/build.sh >&2
exec bench/files.sh "$@"
