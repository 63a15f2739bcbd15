#!/usr/bin/env bash
# Fuzzes what reads bytes of strangers, each target for 30 s: `make fuzz`. SECONDS_EACH=… for longer; a finding is kept in
# fuzz/artifacts/ and fails the command.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
seconds=${SECONDS_EACH:-30}
if ! has cargo-fuzz; then
  say "setup: building cargo-fuzz (about a minute, once)"
  cargo_tool cargo-fuzz
fi
[ -f assets/tailwind.css ] || scripts/css.sh

# Coverage needs flags that only nightly takes, or this. Our code is safe Rust, so no sanitizer is wanted.
export RUSTC_BOOTSTRAP=1
target="$(rustc -vV | sed -n 's/^host: //p')"
options=(--sanitizer none --target "$target" --target-dir "$CARGO_TARGET_DIR/fuzz")
cargo fuzz build "${options[@]}"
for name in $(cargo fuzz list); do
  corpus="$LAVENDER_CACHE/corpus/$name"
  mkdir -p "$corpus" "fuzz/artifacts/$name"
  say "fuzz: $name, $seconds s"
  # What was found earlier first, and the examples of the documentation. 64 KiB is where frames end.
  log="$(mktemp)"
  if ! cargo fuzz run "${options[@]}" "$name" "$corpus" "fuzz/seeds/$name" -- \
    -max_total_time="$seconds" -max_len=66000 -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 >"$log" 2>&1; then
    tail -n 40 "$log" >&2
    die "fuzz: $name found something: fuzz/artifacts/$name"
  fi
  grep -E 'number_of_executed_units|average_exec_per_sec|peak_rss_mb' "$log" >&2 || true
  rm -f "$log"
done
