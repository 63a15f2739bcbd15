#!/usr/bin/env bash
# Installs what is missing, then runs scripts/NAME.sh.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
scripts/setup.sh
scripts/setup-test.sh
exec bash "scripts/$1.sh"
