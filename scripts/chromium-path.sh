#!/usr/bin/env bash
# Prints the Chromium to test with: $CHROMIUM or one in PATH. Fails if there is none.
for candidate in "${CHROMIUM-}" chromium chromium-browser google-chrome; do
  [ -n "$candidate" ] && command -v "$candidate" && exit 0
done
exit 1
