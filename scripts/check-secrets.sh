#!/usr/bin/env bash
# Nothing that git keeps may hold a key, a path of somebody's machine, or the address of a package mirror.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
bad=0
# refuse WHAT PATTERN PATHSPEC...: a match is a finding. Patterns are written so that they do not match themselves.
refuse() {
  local what=$1 pattern=$2 found
  shift 2
  found="$(git grep -nIE -e "$pattern" -- "$@" || true)"
  [ -n "$found" ] || return 0
  bad=1
  say "secrets: $what"
  printf '%s\n' "$found" | cut -c 1-160 | sed -n 1,10p >&2
}
all=(. ':!scripts/check-secrets.sh')
refuse "a private key" '-----BEGIN [A-Z ]*PRIVATE KE[Y]-----' "${all[@]}"
refuse "an access key" '(AKIA|ASIA)[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36}|xox[abpr]-[0-9]{6,}|sk-(ant-|proj-)?[A-Za-z0-9_-]{32,}' "${all[@]}"
refuse "a password in an address" '(mongodb(\+srv)?|redis|postgres|https?)://[A-Za-z0-9_.-]+:[A-Za-z0-9!#%&*._-]{6,}@[a-z0-9.-]+\.(com|net|org|io|dev)' "${all[@]}"
refuse "a path of one machine" '(^|[^A-Za-z0-9_.~-])/(work|root|home/[a-z]|Users/[A-Za-z])[A-Za-z0-9_-]*/' "${all[@]}"
refuse "a registry's address in a lock file" '"resolved"|https?://[a-z0-9.-]*(registry|npmjs|pypi|mirror|proxy)[a-z0-9.-]*' '*package-lock.json' '*requirements*.txt'
refuse "another registry than crates.io in Cargo.lock" '^source = "(sparse|git|registry)\+https?://([^g]|g[^i]|git[^h])' '*Cargo.lock'
refuse "a git dependency in Cargo.lock" '^source = "git\+' '*Cargo.lock'
tracked="$(git ls-files -- '.env' '.env.*' '*.pem' '*.key' '*.p12' '*.sqlite' '*.db' ':!.env.example')"
if [ -n "$tracked" ]; then
  bad=1
  say "secrets: files that must not be in git: $tracked"
fi
[ "$bad" = 0 ] || die "take these out before committing"
