// How soon a signed-in page is painted, and how soon it is live: medians of new browser contexts with an empty cache.
//
//   scripts/build.sh && scripts/first-paint.sh
//   NETWORK=4g scripts/first-paint.sh    over a network of 20 Mbit/s down, 5 up and 50 ms there and back
import { launch, register, serve } from '../tests/browser/support.mjs';

const RUNS = 15;
const undo = [];
const t = { after: (f) => undo.unshift(f) };
const median = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)];
try {
  const server = await serve(t, 'sqlite');
  const browser = await launch(t);
  const ann = await register(browser, server, 'Annie');
  // The devtools protocol takes __Host- cookies for https only; browsers send them to http://localhost too.
  const url = server.origin.replace('http:', 'https:');
  const cookies = (await ann.context.cookies()).map(({ name, value, httpOnly, sameSite }) => ({ name, value, url, secure: true, httpOnly, sameSite }));
  const found = { 'first byte': [], 'first contentful paint': [], live: [] };
  let bytes = 0;
  for (let run = 0; run < RUNS; run += 1) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, serviceWorkers: 'block' });
    await context.addCookies(cookies);
    const page = await context.newPage();
    bytes = 0;
    const session = await context.newCDPSession(page);
    await session.send('Network.enable');
    if (process.env.NETWORK === '4g') {
      const [down, up] = [20, 5].map((mbit) => (mbit * 1e6) / 8);
      await session.send('Network.emulateNetworkConditions', { offline: false, latency: 50, downloadThroughput: down, uploadThroughput: up });
    }
    session.on('Network.loadingFinished', (event) => (bytes += event.encodedDataLength));
    const live = new Promise((done) =>
      page.on('websocket', (socket) => socket.on('framereceived', (frame) => String(frame.payload).includes('"synced"') && done(performance.now()))),
    );
    const start = performance.now();
    await page.goto(server.origin);
    found.live.push((await live) - start);
    const timing = await page.evaluate(() => ({
      byte: performance.getEntriesByType('navigation')[0].responseStart,
      paint: performance.getEntriesByName('first-contentful-paint')[0].startTime,
    }));
    found['first byte'].push(timing.byte);
    found['first contentful paint'].push(timing.paint);
    await context.close();
  }
  for (const [name, list] of Object.entries(found)) console.log(`| ${name} | ${median(list).toFixed(0)} ms | ${Math.min(...list).toFixed(0)} to ${Math.max(...list).toFixed(0)} ms |`);
  console.log(`| everything the page loads | ${(bytes / 1024).toFixed(0)} KiB | |`);
} finally {
  for (const f of undo) await f();
}
