#!/usr/bin/env bash
# Seeds a million messages and times searches, on both stores: `make bench-search`. A quarter of an hour after the build.
#   STORES=sqlite MESSAGES=200000 make bench-search
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
target="$(rustc -vV | sed -n 's/^host: //p')"
cargo build --quiet --profile server-release --target "$target" --features server --example bench_search
bench="$CARGO_TARGET_DIR/$target/server-release/examples/bench_search"
for store in ${STORES:-sqlite mongodb}; do
  case $store in
    mongodb) scripts/with-mongo.sh "$bench" "$store" ${MESSAGES:+"$MESSAGES"} ;;
    *) "$bench" "$store" ${MESSAGES:+"$MESSAGES"} ;;
  esac
  echo
done
