# Shared by the scripts: where we are, how to say things, how to install a Debian package.
# shellcheck shell=bash
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
cd "$root"
# shellcheck source=env.sh
. "$root/scripts/env.sh"

say() { printf '%s\n' "$*" >&2; }
die() { say "lavender: $*"; exit 1; }
has() { command -v "$1" >/dev/null 2>&1; }

# Installs Debian packages: apt_install WHAT-FOR PACKAGE...
apt_install() {
  local what=$1 sudo=
  shift
  has apt-get || die "$what is missing: install it with your package manager (Debian: $*), then run this again"
  if [ "$(id -u)" != 0 ]; then
    if has sudo && sudo -n true 2>/dev/null; then sudo="sudo -n"; else
      die "$what is missing: run 'sudo apt-get install $*', then this again"
    fi
  fi
  say "setup: installing $what ($*)"
  local log
  log=$(mktemp)
  if ! { $sudo apt-get update -qq && DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends "$@"; } \
    >"$log" 2>&1 </dev/null; then
    tail -n 15 "$log" >&2
    rm -f "$log"
    die "$what could not be installed (apt-get install $*)"
  fi
  rm -f "$log"
}

# Builds a tool from crates.io into the tools folder, three times faster than by its own release profile.
cargo_tool() {
  CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_OPT_LEVEL=1 CARGO_PROFILE_RELEASE_CODEGEN_UNITS=256 \
    CARGO_PROFILE_RELEASE_DEBUG=0 CARGO_PROFILE_RELEASE_STRIP=true \
    env -u CARGO_TARGET_DIR cargo install --quiet --force --root "$LAVENDER_TOOLS" "$@"
}

# Runs the command that a server was started for; the caller's EXIT trap takes the server away. In the background and waited
# for, so that a signal is acted upon at once and not only when the command has ended.
beside() {
  local child
  "$@" <&0 &
  child=$!
  # shellcheck disable=SC2064
  {
    trap "kill -HUP $child 2>/dev/null; wait $child; exit 129" HUP
    trap "kill -INT $child 2>/dev/null; kill -TERM $child 2>/dev/null; wait $child; exit 130" INT
    trap "kill -TERM $child 2>/dev/null; wait $child; exit 143" TERM
  }
  wait $child
}

# What `dx build --release` makes: the server, and public/ beside it.
release_dir="$CARGO_TARGET_DIR/dx/lavender/release/web"

# The program that splits the wasm; built anew in a second when its source changed.
LAVENDER_SPLIT="$LAVENDER_CACHE/split/release/lavender-split"
split_tool() { cargo build --quiet --release --locked --manifest-path scripts/split/Cargo.toml --target-dir "$LAVENDER_CACHE/split"; }

# The program that draws the built-in pack of moving pictures: `sticker_tool run -- write FOLDER`, `sticker_tool test`.
sticker_tool() {
  local what=$1
  shift
  cargo "$what" --quiet --release --locked --manifest-path scripts/stickers/Cargo.toml --target-dir "$LAVENDER_CACHE/stickers" "$@"
}

# Builds the program that fills stores, as dx builds the server, so that nothing is built twice: with its profile, target and
# wrapper, and what it bakes in. $seed is where it is.
seed_tool() {
  local target wrapped
  target="$(rustc -vV | sed -n 's/^host: //p')" wrapped="$(mktemp -d)"
  RUSTC_WORKSPACE_WRAPPER="$(readlink -f "$(command -v dx)")" DX_RUSTC="$wrapped" \
    DIOXUS_PRODUCT_NAME=Lavender DIOXUS_APP_TITLE=Lavender \
    cargo build --quiet --config 'profile.server-release.strip=false' --profile server-release --target "$target" \
    --no-default-features --features server --bin seed
  rm -rf "$wrapped"
  # shellcheck disable=SC2034
  seed="$CARGO_TARGET_DIR/$target/server-release/seed"
}

# Cargo names what it builds by the package, not by the folder: two clones that share the cache would take each other's
# builds for fresh. When another folder built last, everything of this one is made anew.
own_target() {
  keep_room
  local mark="$CARGO_TARGET_DIR/built-in"
  [ "$(cat "$mark" 2>/dev/null)" = "$root" ] || find src tests examples -name '*.rs' -exec touch {} +
  mkdir -p "$CARGO_TARGET_DIR"
  printf '%s\n' "$root" >"$mark"
}

# Cargo never removes what older states of the code left in its folder: some ten gigabytes in a week. What was not built for
# two days goes; on a full disk all of our own goes (crates of others stay), for a linker that finds no room says nothing of it.
keep_room() {
  local debug="$CARGO_TARGET_DIR/debug" wanted=$((8 * 1024 * 1024)) least=$((3 * 1024 * 1024)) # KiB
  mkdir -p "$CARGO_TARGET_DIR"
  [ ! -d "$debug/incremental" ] || find "$debug/incremental" -mindepth 1 -maxdepth 1 -mtime +2 -exec rm -rf {} +
  if [ "$(free_kib)" -lt "$wanted" ] && [ -d "$debug" ]; then
    say "disk: $(($(free_kib) / 1024 / 1024)) GiB free, removing older builds from the cache"
    rm -rf "$debug/incremental" "$debug/examples"
    find "$debug/deps" -maxdepth 1 -type f \( -name '*lavender-*' -o -name '*integration-*' -o -name '*fault-*' \) -delete
  fi
  [ "$(free_kib)" -ge "$least" ] || die "only $(($(free_kib) / 1024)) MiB free for $CARGO_TARGET_DIR: a build needs 3 GiB"
}

free_kib() { df -Pk "$CARGO_TARGET_DIR" | awk 'NR == 2 { print $4 }'; }
