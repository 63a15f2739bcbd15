// Put before the script that starts the app. The first wasm file is started by it and calls `load` when something is needed of
// the second one before that is here. Then the page has to wait, as for every script; but the second file is fetched as soon
// as the first one runs, and `splits.test.mjs` sees to it that a start needs nothing of it.
{
  const real = { instantiate: WebAssembly.instantiate, instantiateStreaming: WebAssembly.instantiateStreaming };
  let first = null;
  const add = (module) => {
    if (first.lv_loaded.value) return;
    new WebAssembly.Instance(module, { first });
    first.lv_loaded.value = 1;
  };
  const load = () => {
    globalThis.__lavenderWaited = (globalThis.__lavenderWaited ?? 0) + 1;
    const request = new XMLHttpRequest();
    request.open("GET", LATER, false);
    // A request that blocks may not ask for bytes: each comes as a character.
    request.overrideMimeType("text/plain; charset=x-user-defined");
    request.send();
    if (request.status !== 200) throw new Error(`${LATER}: ${request.status}`);
    add(new WebAssembly.Module(Uint8Array.from(request.responseText, (char) => char.charCodeAt(0))));
  };
  const fetched = async () => {
    for (let wait = 1000; !first.lv_loaded.value; wait = Math.min(wait * 2, 30_000)) {
      try {
        const answer = await fetch(LATER, { priority: "low" });
        if (!answer.ok) throw new Error(`${answer.status}`);
        add(await WebAssembly.compile(await answer.arrayBuffer()));
      } catch {
        await new Promise((done) => setTimeout(done, wait));
      }
    }
  };
  // A page that is being left may not wait, so that nothing of it can be asked for: it goes without a word.
  let leaving = false;
  addEventListener("pageshow", () => (leaving = false));
  const hush = (event) => {
    leaving ||= event.type === "pagehide";
    if (leaving && first && !first.lv_loaded.value) event.stopImmediatePropagation();
  };
  addEventListener("pagehide", hush, true);
  document.addEventListener("visibilitychange", hush, true);
  for (const name of Object.keys(real)) {
    if (!real[name]) continue;
    WebAssembly[name] = async (source, imports) => {
      const made = await real[name].call(WebAssembly, source, { ...imports, lavender: { load } });
      Object.assign(WebAssembly, real);
      first = (made.instance ?? made).exports;
      fetched();
      return made;
    };
  }
}
