# Where the tools and the build cache are. Source it: `. scripts/env.sh`; afterwards plain `dx serve` and `cargo` work.
# Works in sh, bash and zsh, and does nothing but set variables.

LAVENDER_CACHE="${LAVENDER_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/lavender}"
LAVENDER_TOOLS="$LAVENDER_CACHE/tools"
LAVENDER_NPM="$LAVENDER_TOOLS/npm"
export LAVENDER_CACHE LAVENDER_TOOLS LAVENDER_NPM

# Outside the clone, so that a second clone starts warm.
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$LAVENDER_CACHE/target}"

# dx takes wasm-bindgen, wasm-opt, tailwindcss and esbuild from PATH instead of fetching its own.
export NO_DOWNLOADS=1

for lavender_dir in "$HOME/.cargo/bin" "$LAVENDER_NPM/node_modules/.bin" "$LAVENDER_TOOLS/bin"; do
  case ":$PATH:" in
    *":$lavender_dir:"*) ;;
    *) PATH="$lavender_dir:$PATH" ;;
  esac
done
unset lavender_dir
export PATH

# setup-wasm.sh leaves a name here when the standard library for wasm32 had to come from Debian's Rust.
if [ -s "$LAVENDER_TOOLS/rust-toolchain" ]; then
  RUSTUP_TOOLCHAIN="$(cat "$LAVENDER_TOOLS/rust-toolchain")"
  export RUSTUP_TOOLCHAIN
fi
