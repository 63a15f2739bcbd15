#!/usr/bin/env bash
# Runs scripts/NAME.sh after setup, or says that it is not there yet.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
script="scripts/$1.sh"
[ -f "$script" ] || die "$script does not exist yet"
scripts/setup.sh
scripts/setup-test.sh
exec bash "$script"
