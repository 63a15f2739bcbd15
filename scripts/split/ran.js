// Put before the script that starts the app when its wasm tells what runs (`lavender-split trace`). The indices are kept in the
// page, and read before it is left.
{
  const real = { instantiate: WebAssembly.instantiate, instantiateStreaming: WebAssembly.instantiateStreaming };
  const seen = new Uint8Array(1 << 17);
  const ran = (index) => {
    seen[index] = 1;
  };
  for (const name of Object.keys(real)) {
    WebAssembly[name] = (source, imports) => real[name].call(WebAssembly, source, { ...imports, lavender: { ran } });
  }
  globalThis.__lavenderRan = () => [...seen.keys()].filter((index) => seen[index]);
}
