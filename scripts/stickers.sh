#!/usr/bin/env bash
# Draws the built-in pack of moving pictures anew, and writes the hash that its files are served under: `make stickers`. Commit both.
# `scripts/stickers.sh sheet FILE.png [NAME]` draws all of them, or all frames of one, on light and dark, to look at.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=env.sh
. scripts/env.sh
if [ "${1-}" = sheet ]; then
  sticker_tool run -- "$@"
  exit
fi
sticker_tool build
rm -f assets/stickers/*.gif
sticker_tool run -- write assets/stickers
hash=$(LC_ALL=C && export LC_ALL && cat assets/stickers/*.gif | sha256sum | cut -c1-12)
sed -i "s/^\(pub const VERSION: &str = \)\"[0-9a-f]*\";/\1\"$hash\";/" src/model/gifs.rs
say "the pack is $hash"
