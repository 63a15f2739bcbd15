#!/usr/bin/env bash
# Everything that must pass: `make test`. With names, only those steps: scripts/test.sh fmt unit
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
all=(fmt css clippy-server clippy-web unit tools build bundle secrets browser)
wanted=("$@")
[ $# -gt 0 ] || wanted=("${all[@]}")
for name in "${wanted[@]}"; do
  [[ " ${all[*]} " = *" $name "* ]] || die "no step \"$name\"; there are: ${all[*]}"
done

# step NAME COMMAND...: runs it if asked for, says how long it took, ends everything when it fails.
step() {
  local name=$1 started=$SECONDS status=0
  shift
  [[ " ${wanted[*]} setup setup-test " = *" $name "* ]] || return 0
  printf '== %s\n' "$name"
  "$@" || status=$?
  if [ $status -ne 0 ]; then
    printf '== %s FAILED (%d s, exit %d)\n' "$name" $((SECONDS - started)) $status
    exit 1
  fi
  printf '== %s (%d s)\n' "$name" $((SECONDS - started))
}

unit_tests() {
  TEST_REDIS_SERVER="$(scripts/redis-path.sh)" \
    scripts/with-mongo.sh scripts/with-s3.sh scripts/with-mail.sh scripts/with-model.sh cargo test --features server
}

# node's runner wants files, and takes a folder in some versions only.
browser_tests() {
  local files=(tests/browser/*.test.mjs)
  [ -f "${files[0]}" ] || { say "no tests/browser/*.test.mjs"; return 1; }
  seed_tool
  CHROMIUM="$(scripts/chromium-path.sh)" LAVENDER_BIN="$release_dir/server" \
    LAVENDER_SEED="$seed" TEST_REDIS_SERVER="$(scripts/redis-path.sh)" \
    scripts/with-mongo.sh scripts/with-s3.sh scripts/with-mail.sh scripts/with-model.sh node --test --test-concurrency=1 --test-reporter=spec "${files[@]}"
}

# Programs of the project's own that are no part of it.
fmt_of_tools() { cargo fmt --check --manifest-path scripts/split/Cargo.toml && cargo fmt --check --manifest-path scripts/stickers/Cargo.toml; }
tests_of_tools() {
  cargo test --quiet --locked --manifest-path scripts/split/Cargo.toml --target-dir "$LAVENDER_CACHE/split" && sticker_tool test
}

step setup scripts/setup.sh
# Setting up may have chosen another toolchain.
. scripts/env.sh
case " ${wanted[*]} " in *" unit "* | *" browser "*) step setup-test scripts/setup-test.sh ;; esac

# One thing at a time: two cargo runs only wait for each other.
own_target
step fmt cargo fmt --check
step fmt fmt_of_tools
step css scripts/css.sh
step clippy-server cargo clippy --quiet --features server --all-targets -- -D warnings
step clippy-web cargo clippy --quiet --features web --target wasm32-unknown-unknown -- -D warnings
step unit unit_tests
step tools tests_of_tools
step build scripts/build.sh
step bundle scripts/check-bundle.sh
step secrets scripts/check-secrets.sh
step browser browser_tests
printf '== passed: %s (%d s)\n' "${wanted[*]}" $SECONDS
