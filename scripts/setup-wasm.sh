#!/usr/bin/env bash
# Gives this machine a Rust toolchain that can build for wasm32-unknown-unknown.
#
# 1. The active toolchain has the target, or `rustup target add` can fetch it: done.
# 2. Otherwise (no rustup, or no downloads): Debian's Rust ("rustc-web") ships the source of the standard library, so
#    build std for wasm32 from it once, and link the result to rustup as the toolchain "wasm".
#
# The toolchain to use goes into tools/rust-toolchain (empty: the default one), which env.sh reads.
# WASM_FROM_DEBIAN=1 forces the second way.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
target=wasm32-unknown-unknown
chosen="$LAVENDER_TOOLS/rust-toolchain"
mkdir -p "$LAVENDER_TOOLS"

has_target() {
  local lib
  lib="$("$@" --print sysroot 2>/dev/null)/lib/rustlib/$target/lib" || return 1
  compgen -G "$lib/libstd-*.rlib" >/dev/null
}

if [ -z "${WASM_FROM_DEBIAN-}" ]; then
  if has_target rustc; then exit 0; fi
  # A toolchain chosen earlier may be gone: start from the default one.
  rm -f "$chosen"
  unset RUSTUP_TOOLCHAIN
  if has_target rustc; then exit 0; fi
  if has rustup && timeout 120 rustup target add "$target" >/dev/null 2>&1; then
    say "setup: wasm32 target added by rustup"
    exit 0
  fi
fi

has apt-get || die "the wasm32 target is missing and 'rustup target add $target' failed: check the network, then run this again"
if ! has_target /usr/bin/rustc; then
  # rust-web-llvm holds rust-lld, which links wasm.
  apt_install "Debian's Rust (rustup cannot fetch the wasm32 target)" \
    rustc-web cargo-web rust-web-src rust-web-llvm rust-web-clippy rustfmt-web lld-22
  say "setup: building the standard library for wasm32 (about a minute)"
  sudo=
  [ "$(id -u)" = 0 ] || sudo="sudo -n"
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  mkdir -p "$work/src"
  : >"$work/src/lib.rs"
  cat >"$work/Cargo.toml" <<'TOML'
[package]
name = "wasmstd"
version = "0.0.0"
edition = "2021"
[lib]
crate-type = ["cdylib"]
[profile.release]
opt-level = "s"
[workspace]
TOML
  (cd "$work" && RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 CARGO_TARGET_DIR="$work/target" RUSTFLAGS='' \
    /usr/bin/cargo build --quiet --release -Zbuild-std=std,panic_abort,proc_macro,test --target "$target" >&2)
  lib="$(/usr/bin/rustc --print sysroot)/lib/rustlib/$target/lib"
  $sudo mkdir -p "$lib"
  find "$work/target/$target/release/deps" -name '*.rlib' ! -name 'libwasmstd*' -exec $sudo cp -t "$lib" {} +
fi
if has rustup; then
  rustup toolchain list | grep -q '^wasm\b' || rustup toolchain link wasm /usr
  echo wasm >"$chosen"
fi
has rustup || [ "$(command -v rustc)" = /usr/bin/rustc ] || die "put /usr/bin before $(command -v rustc) in PATH: only Debian's Rust has the wasm32 target here"
say "setup: wasm32 target comes from $(/usr/bin/rustc --version)"
