#!/usr/bin/env bash
# Kills servers and databases under load and checks that nothing that was acknowledged is lost, nothing is there twice,
# everybody sees one order and all are served again within 10 s: `make fault`. About two minutes after the build.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
kills=${KILLS:-5} failovers=${FAILOVERS:-2}

target="$(rustc -vV | sed -n 's/^host: //p')"
# The release build of the server as dx makes it, without the page.
cargo build --quiet --profile server-release --target "$target" --features server --bin lavender --bin seed --example fault
built="$CARGO_TARGET_DIR/$target/server-release"
fault=("$built/examples/fault" --server "${LAVENDER_BIN:-$built/lavender}" --seed "$built/seed")

# passes WHAT COMMAND...: every promise must hold.
passes() {
  local status=0
  say "fault: $1"
  shift
  "$@" || status=$?
  [ $status -eq 0 ] || die "fault: the check failed (exit $status)"
}

# catches WHAT COMMAND...: the check must find a lost message (exit 3, and it says so: another finding is not enough), or
# it could not find one elsewhere either.
catches() {
  local status=0 said
  say "fault: $1"
  shift
  said="$("$@")" || status=$?
  printf '%s\n' "$said" | sed -n 1,12p
  [ $status -eq 3 ] && [[ $said = *LOST* ]] || die "fault: the control should have been caught (exit $status)"
  say "  caught, as it should be"
}

passes "embedded store, the server is killed $kills times" "${fault[@]}" --store embedded --kills "$kills"
passes "MongoDB, the server is killed $kills times" scripts/with-mongo.sh "${fault[@]}" --store mongodb --kills "$kills"
passes "MongoDB, the primary of three is killed $failovers times" \
  scripts/with-mongo.sh --nodes 3 "${fault[@]}" --store mongodb --failovers "$failovers"
passes "MongoDB, the server twice, then the primary" \
  scripts/with-mongo.sh --nodes 3 "${fault[@]}" --store mongodb --kills 2 --failovers 1
# At this rate something is on its way at every kill, so that the control does not depend on luck.
control=(--kills 6 --rate 100 --ack-on-write)
catches "control: acknowledged before it is stored (embedded)" "${fault[@]}" --store embedded "${control[@]}"
catches "control: acknowledged before it is stored (MongoDB)" \
  scripts/with-mongo.sh "${fault[@]}" --store mongodb "${control[@]}"
say "fault: every promise held, and the controls were caught"
