#!/usr/bin/env bash
# Runs a command beside a mail server that keeps what it is given, and takes it away again.
#
#   scripts/with-mail.sh COMMAND...
#
# COMMAND gets
#   TEST_SMTP_URL     an address on this machine, with user and password; it takes letters by STARTTLS only
#   TEST_SMTP_CA      the certificate that it is trusted by
#   TEST_SMTP_FOLDER  where each letter is a file: <recipient>.<number>.eml (scripts/smtp-sink.py says what some are answered)
# shellcheck source=lib.sh
here="$PWD"
. "$(dirname "$0")/lib.sh"
[ $# -gt 0 ] || die "usage: scripts/with-mail.sh COMMAND..."
[ -d "$LAVENDER_TOOLS/smtp/aiosmtpd" ] || die "no aiosmtpd: run scripts/setup-test.sh"

dir="$(mktemp -d "${TMPDIR:-/tmp}/lavender-mail.XXXXXX")"
pid=
stop() {
  [ -z "$pid" ] || kill "$pid" 2>/dev/null || true
  rm -rf "$dir"
}
trap stop EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

mkdir "$dir/letters"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost \
  -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -addext basicConstraints=critical,CA:FALSE \
  -keyout "$dir/key.pem" -out "$dir/cert.pem" >/dev/null 2>&1
password="$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')"
port="$(node scripts/mongo.mjs ports 1)"
PYTHONPATH="$LAVENDER_TOOLS/smtp" python3 scripts/smtp-sink.py "$dir/letters" "$port" "$dir/cert.pem" "$dir/key.pem" \
  lavender "$password" >"$dir/log" 2>&1 </dev/null &
pid=$!
for _ in $(seq 200); do
  [ ! -f "$dir/letters/ready" ] || break
  kill -0 "$pid" 2>/dev/null || { tail -n 5 "$dir/log" >&2; die "the mail server did not start"; }
  sleep 0.05
done
at=@
export TEST_SMTP_URL="smtp://lavender:$password${at}localhost:$port" TEST_SMTP_CA="$dir/cert.pem" TEST_SMTP_FOLDER="$dir/letters"
cd "$here"
beside "$@"
