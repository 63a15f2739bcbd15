#!/usr/bin/env bash
# Measures Lavender beside the Socket.IO peer and a bare server, and its files beside a plain file server, in one run:
# `make bench`; arguments as of bench/run.sh.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
scripts/build.sh >&2
bench/run.sh "$@"
exec bench/files.sh
