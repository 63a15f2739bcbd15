#!/usr/bin/env bash
# Runs Lavender with hot reload.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
scripts/setup.sh
scripts/css.sh
exec dx serve --web --fullstack --port "${PORT:-8080}"
