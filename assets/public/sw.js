// Lavender's service worker: the files of the app and one empty page for a start without network. Nothing of anybody is
// ever in these caches: no page of a person, nothing below /api or /auth, no message.
const FILES = "lavender-files-1";
const SHELL = "/shell";
const ALWAYS = ["/favicon.svg", "/fonts/onest-latin-wght-normal.woff2", "/fonts/bricolage-grotesque-latin-opsz-normal.woff2"];

// Files whose name changes with their content, and fonts, whose name has never changed theirs.
const isFile = (url) => url.pathname.startsWith("/assets/") || url.pathname.startsWith("/fonts/");

// The paths of our own files that a text names.
const named = (text) =>
  [...text.matchAll(/["'(=]((?:https?:\/\/[^"'()<>\s/]+)?\/(?:\.\/)?assets\/[^"'()<>\s]+)/g)]
    .map((match) => new URL(match[1], self.location.origin))
    .filter((url) => url.origin === self.location.origin)
    .map((url) => url.pathname);

async function keep(cache, path) {
  const kept = await cache.match(path);
  if (kept) return kept;
  const response = await fetch(path, { credentials: "omit" });
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  await cache.put(path, response.clone());
  return response;
}

// Fetches the shell and all that it needs, and only then forgets the files of earlier builds.
async function refresh() {
  const cache = await caches.open(FILES);
  const response = await fetch(SHELL, { credentials: "omit", cache: "no-store" });
  if (!response.ok) return;
  const wanted = new Set(named(await response.clone().text()));
  for (const path of [...wanted]) {
    const file = await keep(cache, path);
    // The script names the wasm.
    if (path.endsWith(".js")) {
      for (const inner of named(await file.clone().text())) {
        wanted.add(inner);
        await keep(cache, inner);
      }
    }
  }
  for (const path of ALWAYS) await keep(cache, path);
  await cache.put(SHELL, response);
  for (const request of await cache.keys()) {
    const { pathname } = new URL(request.url);
    if (pathname.startsWith("/assets/") && !wanted.has(pathname)) await cache.delete(request);
  }
}

self.addEventListener("install", (event) => {
  event.waitUntil(refresh().then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys()) if (name !== FILES) await caches.delete(name);
      await self.clients.claim();
    })(),
  );
});

let refreshed = Date.now();

async function page(event) {
  try {
    const response = await fetch(event.request);
    // A new build has new file names: keep the shell in step, at most once in five minutes.
    if (response.ok && Date.now() - refreshed > 300_000) {
      refreshed = Date.now();
      event.waitUntil(refresh().catch(() => {}));
    }
    return response;
  } catch (error) {
    const shell = await caches.match(SHELL);
    if (shell) return shell;
    throw error;
  }
}

async function file(request) {
  const cache = await caches.open(FILES);
  const kept = await cache.match(request, { ignoreVary: true });
  if (kept) return kept;
  const response = await fetch(request);
  if (response.ok && response.status === 200) await cache.put(request, response.clone());
  return response;
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (url.pathname.startsWith("/api/") || url.pathname.startsWith("/auth/")) return;
  if (request.mode === "navigate") event.respondWith(page(event));
  else if (isFile(url)) event.respondWith(file(request));
  else if (url.pathname === "/favicon.svg") event.respondWith(file(request));
});

// Where pages may not show notifications themselves: a press leads to a page of ours, which opens the room.
self.addEventListener("notificationclick", (event) => {
  const { room, seq } = event.notification.data ?? {};
  event.notification.close();
  if (!room) return;
  event.waitUntil(
    (async () => {
      const pages = await self.clients.matchAll({ type: "window" });
      if (pages.length === 0) return self.clients.openWindow(`/r/${room}?at=${seq}`);
      pages[0].postMessage({ room, seq });
      return pages[0].focus();
    })(),
  );
});
