#!/usr/bin/env bash
# Licences, sources and banned crates by deny.toml, then known vulnerabilities (their database is fetched from the net).
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
if ! has cargo-deny; then
  say "setup: building cargo-deny (some minutes, once)"
  cargo_tool cargo-deny
fi
cargo deny --log-level error check licenses bans sources
if ! cargo deny --log-level error fetch db; then
  die "licences, bans and sources are fine; the advisory database could not be fetched, so vulnerabilities were not checked"
fi
cargo deny --log-level error check advisories
